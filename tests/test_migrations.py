"""Migrations are complete, reversible and deterministic."""

from importlib import import_module
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import (
    AddField,
    AlterModelTable,
    CreateModel,
    DeleteModel,
    RemoveField,
    RenameField,
    RenameModel,
    RunPython,
    RunSQL,
)
from django.db.migrations.operations.base import Operation
from django.db.migrations.recorder import MigrationRecorder
from django.utils.module_loading import import_string
from django_tasks_db.models import DBTaskResult

from tests import figures

pytestmark = pytest.mark.sql

OURS = [
    config.label
    for config in apps.get_app_configs()
    if str(config.path).startswith(str(settings.BASE_DIR)) and ".venv" not in config.path
]


def our_migrations():
    loader = MigrationLoader(None)
    return [
        migration for (label, _name), migration in sorted(loader.disk_migrations.items()) if label in OURS
    ]


# The migrations of the last release, updated with each release (docs/security.md).
RELEASED = frozenset(
    (Path(__file__).parent / "data/released-migrations.txt").read_text(encoding="utf-8").split()
)


@pytest.mark.django_db
def test_no_model_changed_without_a_migration():
    out = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=out)
    assert out.getvalue().strip() == "No changes detected"


def test_every_app_with_models_has_migrations():
    with_models = {
        config.label
        for config in apps.get_app_configs()
        if config.label in OURS and list(config.get_models())
    }
    # The search tables have no models, because they differ between SQLite and PostgreSQL.
    assert with_models | {"search"} == {migration.app_label for migration in our_migrations()}


def test_every_step_has_a_way_back():
    stuck = [
        f"{migration.app_label}.{migration.name}"
        for migration in our_migrations()
        for operation in migration.operations
        if isinstance(operation, RunPython | RunSQL) and not operation.reversible
    ]
    assert stuck == []


def released_tables() -> set[tuple[str, str]]:
    """Return app and name of the models that the released code writes to."""
    return {
        (migration.app_label, operation.name_lower)
        for migration in our_migrations()
        if f"{migration.app_label}.{migration.name}" in RELEASED
        for operation in migration.operations
        if isinstance(operation, CreateModel)
    }


def breaks_released_code(label: str, operation: Operation, tables: set[tuple[str, str]]) -> bool:
    """Return whether code that does not know of the operation can no longer read or write a table."""
    if (label, getattr(operation, "model_name_lower", getattr(operation, "name_lower", ""))) not in tables:
        return False
    if isinstance(operation, AddField):
        field = operation.field
        return not (field.null or field.many_to_many or field.has_db_default())
    return isinstance(operation, RemoveField | RenameField | RenameModel | DeleteModel | AlterModelTable)


def test_each_migration_since_the_last_release_works_with_the_released_code():
    """Old processes write while new ones start, and an update may be undone: docs/security.md, Releases."""
    names = {f"{migration.app_label}.{migration.name}" for migration in our_migrations()}
    assert names >= RELEASED
    tables = released_tables()
    assert [
        f"{migration.app_label}.{migration.name}: {operation.describe()}"
        for migration in our_migrations()
        if not migration.replaces and f"{migration.app_label}.{migration.name}" not in RELEASED
        for operation in migration.operations
        if breaks_released_code(migration.app_label, operation, tables)
    ] == []


@pytest.mark.parametrize(
    ("operation", "breaks"),
    [
        (AddField("post", "mood", models.CharField(max_length=9, default="")), True),
        (AddField("post", "mood", models.CharField(max_length=9, default="", db_default="")), False),
        (AddField("post", "mood", models.CharField(max_length=9, null=True)), False),
        (AddField("upload", "mood", models.CharField(max_length=9, default="")), False),  # not released yet
        (RemoveField("post", "title"), True),
        (RenameField("post", "title", "name"), True),
        (RenameModel("Post", "Article"), True),
        (DeleteModel("Post"), True),
    ],
)
def test_what_would_break_released_code_is_found(operation, breaks):
    assert breaks_released_code("posts", operation, released_tables()) is breaks


def test_migrations_are_named_by_hand():
    assert [
        migration.name
        for migration in our_migrations()
        if "_auto_" in migration.name or "_and_more" in migration.name
    ] == []


def test_no_app_has_two_latest_migrations():
    assert MigrationLoader(None).detect_conflicts() == {}


@pytest.mark.full
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("label", ["moderation", "notifications"][: figures.figure(1, 2)])
def test_migrations_can_be_reversed_and_applied_again(label):
    """The latest two, in `make test-all` all of them: for each step Django builds all models again."""
    names = [migration.name for migration in our_migrations() if migration.app_label == label]
    left = 0 if figures.is_full() else len(names) - 2
    call_command("migrate", label, names[left - 1] if left else "zero", verbosity=0)
    applied = MigrationRecorder(connection).applied_migrations()
    assert sorted(name for (app, name) in applied if app == label) == names[:left]
    if not left:
        assert not any(table.startswith(f"{label}_") for table in connection.introspection.table_names())
    call_command("migrate", verbosity=0)
    call_command("migrate", check_unapplied=True, verbosity=0)


@pytest.mark.django_db
def test_a_mail_that_waited_for_the_worker_finds_its_task_after_the_modules_moved():
    waiting = DBTaskResult.objects.create(
        task_path="core.tasks.send_message", args_kwargs={"args": [], "kwargs": {}}, backend_name="default"
    )
    moved = import_module("core.migrations.0003_tasks_moved")
    moved.forwards(apps, None)
    waiting.refresh_from_db()
    assert import_string(waiting.task_path).module_path == waiting.task_path == "core.tasks.mail.send_message"
    moved.backwards(apps, None)
    waiting.refresh_from_db()
    assert waiting.task_path == "core.tasks.send_message"
