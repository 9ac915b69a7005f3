"""Migrations build their models before their first statement, not while they lock a table."""

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.commands import migrate
from django.db import OperationalError, connection
from django.db.migrations import Migration
from django.db.migrations.operations import RunPython
from django.db.migrations.state import ProjectState, StateApps
from django.db.models import TextField
from psycopg.errors import LockNotAvailable

from core.migrating import PromptExecutor, _takes_a_table, first_wait

pytestmark = [pytest.mark.sql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def done(monkeypatch):
    """The events in order: a state is built, or an operation runs in the database."""
    seen = []
    made = StateApps.__init__

    def note(*args, **kwargs):
        seen.append("models")
        made(*args, **kwargs)

    monkeypatch.setattr(StateApps, "__init__", note)
    return seen


class Noted(RunPython):
    """Add a field to the state, and record when its turn in the database comes."""

    def __init__(self, name, seen):
        super().__init__(RunPython.noop)
        self.name, self.seen = name, seen

    def state_forwards(self, _label, state):
        state.add_field("core", "worker", self.name, TextField(default=""), preserve_default=True)

    def database_forwards(self, _label, editor, before, after):
        fields = [
            [
                field.name
                for field in state.apps.get_model("core", "Worker")._meta.fields
                if field.name in "ab"
            ]
            for state in (before, after)
        ]
        self.seen.append((fields, editor.connection.in_atomic_block))


@pytest.mark.parametrize("is_atomic", [True, False])
def test_all_models_are_made_before_the_first_statement(done, is_atomic):
    executor = PromptExecutor(connection)
    state: ProjectState = executor.loader.project_state(executor.loader.graph.leaf_nodes())
    migration = Migration("9999_noted", "core")
    migration.atomic, migration.operations = is_atomic, [Noted("a", done), Noted("b", done)]
    try:
        after = executor.apply_migration(state, migration)
    finally:
        executor.recorder.record_unapplied("core", "9999_noted")
    steps = [step for step in done if step != "models"]
    assert steps == [([[], ["a"]], is_atomic), ([["a"], ["a", "b"]], is_atomic)]
    assert done[-2:] == steps
    assert {"a", "b"} <= {*after.models["core", "worker"].fields}
    assert "apply" not in vars(migration)


def test_the_command_is_ours():
    command = load_command_class(get_commands()["migrate"], "migrate")
    assert (command.__module__, vars(migrate)["MigrationExecutor"]) == (
        "core.management.commands.migrate",
        PromptExecutor,
    )


class Renamed(RunPython):
    """Change a table that others read and write."""

    def __init__(self):
        super().__init__(RunPython.noop)

    def state_forwards(self, _label, state):
        pass

    def database_forwards(self, _label, editor, _before, _after):
        editor.execute("COMMENT ON COLUMN core_worker.key IS 'of the worker'")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one lock for all")
def test_who_holds_the_table_is_not_kept_waiting_and_the_migration_is_tried_again(monkeypatch):
    connection.ensure_connection()
    other = connection.copy()
    pauses = []

    def until_the_other_is_done(seconds):
        pauses.append(seconds)
        if len(pauses) == 2:
            other.rollback()

    monkeypatch.setattr("core.migrating.time.sleep", until_the_other_is_done)
    monkeypatch.setattr("core.migrating.LOCK_TIMEOUT", 20)
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute("LOCK TABLE core_worker IN ACCESS EXCLUSIVE MODE")
    executor = PromptExecutor(connection)
    migration = Migration("9999_renamed", "core")
    migration.operations = [Renamed()]
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        before = cursor.fetchone()
    try:
        executor.apply_migration(executor.loader.project_state(), migration)
    finally:
        executor.recorder.record_unapplied("core", "9999_renamed")
        other.close()
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert (len(pauses), cursor.fetchone()) == (2, before)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one lock for all")
def test_it_waits_longer_each_time_for_its_first_table_and_only_a_moment_once_it_holds_one(monkeypatch):
    monkeypatch.setattr("core.migrating.time.sleep", lambda _seconds: None)
    assert [first_wait(tries) for tries in (0, 10, 11, 17, 18, 10**6)] == [100, 100, 150, 1709, 2000, 2000]
    monkeypatch.setattr("core.migrating.GENTLE_TRIES", 0)
    waits = []

    class Waiting(Renamed):
        def database_forwards(self, label, editor, before, after):
            with connection.cursor() as cursor:
                cursor.execute("SHOW lock_timeout")
                waits.append(cursor.fetchone()[0])
            if not waits[3:]:
                raise OperationalError("as if it were held") from LockNotAvailable()
            super().database_forwards(label, editor, before, after)
            with connection.cursor() as cursor:
                cursor.execute("SHOW lock_timeout")
                waits.append(cursor.fetchone()[0])

    executor = PromptExecutor(connection)
    migration = Migration("9999_waiting", "core")
    migration.operations = [Waiting()]
    try:
        executor.apply_migration(executor.loader.project_state(), migration)
    finally:
        executor.recorder.record_unapplied("core", "9999_waiting")
    assert waits == ["100ms", "150ms", "225ms", "338ms", "100ms"]


class Related(Renamed):
    """A new table that refers to one that others read and write: Django adds that foreign key at the end."""

    def database_forwards(self, _label, editor, _before, _after):
        editor.execute('CREATE TABLE "core_related" ("id" integer PRIMARY KEY, "worker_id" varchar(64))')
        editor.execute('CREATE INDEX "core_related_worker" ON "core_related" ("worker_id")')
        editor.deferred_sql.append(
            'ALTER TABLE "core_related" ADD CONSTRAINT "to_worker" FOREIGN KEY ("worker_id") REFERENCES "core_worker" ("key")'
        )


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one lock for all")
def test_a_reference_that_has_to_wait_is_undone_with_the_migration_and_tried_again(monkeypatch):
    connection.ensure_connection()
    other = connection.copy()
    there = []

    def until_the_other_is_done(_seconds):
        there.append(("core_related" in connection.introspection.table_names(), connection.in_atomic_block))
        other.rollback()

    monkeypatch.setattr("core.migrating.time.sleep", until_the_other_is_done)
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute("LOCK TABLE core_worker IN ROW EXCLUSIVE MODE")  # as a process that writes
    executor = PromptExecutor(connection)
    migration = Migration("9999_related", "core")
    migration.operations = [Related()]
    try:
        executor.apply_migration(executor.loader.project_state(), migration)
        assert there == [(False, False)]
        assert ("core", "9999_related") in executor.recorder.applied_migrations()
        assert "core_related" in connection.introspection.table_names()
    finally:
        executor.recorder.record_unapplied("core", "9999_related")
        other.close()
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS core_related")


def test_what_is_done_to_a_new_table_keeps_nobody_waiting_but_a_reference_does():
    made: set[str] = set()
    said = [
        'CREATE TABLE "new" ("id" bigint)', 'SELECT 1', 'CREATE UNIQUE INDEX "i" ON "new" ("id")', 'ALTER TABLE "new" ADD CONSTRAINT "c" CHECK (true)',
        'ALTER TABLE "new" ADD CONSTRAINT "f" FOREIGN KEY ("id") REFERENCES "old" ("id")', 'ALTER TABLE "old" ADD COLUMN "x" integer',
        'CREATE INDEX "j" ON "old" ("id")', 'UPDATE "old" SET "x" = 1',
    ]  # fmt: skip
    assert [_takes_a_table(sql, made) for sql in said] == [False] * 4 + [True] * 4
