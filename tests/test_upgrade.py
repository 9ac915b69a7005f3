"""A site of the version before 0.1.0 is migrated without losing anything that members wrote or chose.

`data/demo-before-0.1.0.sql.gz` is the demo site as created by that version.
"""

import gzip
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

# Some hundred migrations, which are rarely changed.
pytestmark = pytest.mark.full

ROOT = Path(__file__).resolve().parents[1]
BEFORE = ROOT / "tests" / "data" / "demo-before-0.1.0.sql.gz"
# Django's own rows, which every migration adds to or rewrites.
NOT_OURS = {
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "auth_group_permissions",
    "django_cache",
}
# Columns whose values are changed on purpose, with the reason.
CHANGED = {
    (
        "comments_comment",
        "hold_reasons",
    ): "sentences became codes (tests/moderation/test_reasons.py looks at them)",
    ("moderation_assessment", "reasons"): "the same",
    (
        "django_tasks_database_dbtaskresult",
        "task_path",
    ): "the modules moved (core/migrations/0003_tasks_moved.py)",
}


def rows_of(database: sqlite3.Connection, table: str, columns: list[str]) -> dict[object, tuple[object, ...]]:
    names = ", ".join(f'"{name}"' for name in columns)
    return {row[0]: row for row in database.execute(f'SELECT {names} FROM "{table}"')}  # noqa: S608 - names of the database itself


def columns_of(database: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]


def tables_of(database: sqlite3.Connection) -> set[str]:
    found = database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return {row[0] for row in found} - NOT_OURS


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory) -> tuple[sqlite3.Connection, sqlite3.Connection]:
    """Return the database of the old version, and the one that the migrations produce from it."""
    folder = tmp_path_factory.mktemp("upgrade")
    dump = gzip.decompress(BEFORE.read_bytes()).decode()
    before = sqlite3.connect(":memory:")
    before.executescript(dump)
    after = sqlite3.connect(folder / "long-table.sqlite3")
    after.executescript(dump)
    after.close()
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    }
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env=kept | {"VAR_DIR": str(folder), "DEBUG": "1"},
        check=True,
    )
    return before, sqlite3.connect(folder / "long-table.sqlite3")


def test_every_row_is_still_there_with_the_same_values(upgraded):
    before, after = upgraded
    lost = []
    for table in sorted(tables_of(before) & tables_of(after)):
        changed = {column for (of, column) in CHANGED if of == table}
        now = columns_of(after, table)
        columns = [name for name in columns_of(before, table) if name in now and name not in changed]
        old, new = rows_of(before, table, columns), rows_of(after, table, columns)
        lost += [f"{table}: {row} became {new.get(key)}" for key, row in old.items() if new.get(key) != row]
    assert lost == []


def test_no_table_with_rows_goes_without_being_named_here(upgraded):
    before, after = upgraded
    gone = tables_of(before) - tables_of(after)
    assert (
        sorted(table for table in gone if before.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone()) == []  # noqa: S608
    )


def shape_of(database: sqlite3.Connection) -> dict[str, object]:
    """Return columns, foreign keys, indexes and named constraints of each table."""
    shape: dict[str, object] = {}
    for table, sql in database.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall():
        columns = {row[1:4] for row in database.execute(f'PRAGMA table_info("{table}")')}
        points_to = {row[2:5] for row in database.execute(f'PRAGMA foreign_key_list("{table}")')}
        indexes = set()
        for _number, name, unique, _origin, partial in database.execute(f'PRAGMA index_list("{table}")'):
            keys = tuple(row[2:4] for row in database.execute(f'PRAGMA index_xinfo("{name}")') if row[5])
            indexes.add((unique, partial, keys))
        shape[table] = columns, points_to, indexes, {*re.findall(r'CONSTRAINT "(\w+)"', sql)}
    return shape


def test_it_has_the_tables_of_a_new_site(upgraded, empty_site):
    """New sites run the squashed migrations (docs/decisions/0108), older ones all steps."""
    with closing(sqlite3.connect(empty_site)) as new:
        assert shape_of(upgraded[1]) == shape_of(new)


def test_each_group_may_do_what_it_may_on_a_new_site(upgraded, empty_site):
    asked = """SELECT auth_group.name, app_label, model, codename FROM auth_group
        JOIN auth_group_permissions ON group_id = auth_group.id
        JOIN auth_permission ON auth_permission.id = permission_id
        JOIN django_content_type ON django_content_type.id = content_type_id ORDER BY 1, 2, 3, 4"""
    with closing(sqlite3.connect(empty_site)) as new:
        assert upgraded[1].execute(asked).fetchall() == new.execute(asked).fetchall()


def test_renamed_models_keep_their_content_types(upgraded, empty_site):
    asked = "SELECT app_label, model FROM django_content_type"
    with closing(sqlite3.connect(empty_site)) as new:
        left_over = {*upgraded[1].execute(asked)} ^ {*new.execute(asked)}
    assert left_over == {("notifications", "choices")}  # the one model that was dropped
