"""Migrations are complete, can be taken back, and leave nothing to chance."""

from importlib import import_module
from io import StringIO

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunPython, RunSQL
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
    # The tables of the search are no models: they differ between SQLite and PostgreSQL.
    assert with_models | {"search"} == {migration.app_label for migration in our_migrations()}


def test_every_step_has_a_way_back():
    stuck = [
        f"{migration.app_label}.{migration.name}"
        for migration in our_migrations()
        for operation in migration.operations
        if isinstance(operation, RunPython | RunSQL) and not operation.reversible
    ]
    assert stuck == []


def test_migrations_are_named_by_hand():
    assert [
        migration.name
        for migration in our_migrations()
        if "_auto_" in migration.name or "_and_more" in migration.name
    ] == []


def test_no_app_has_two_latest_migrations():
    assert MigrationLoader(None).detect_conflicts() == {}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("label", ["moderation", "notifications"][: figures.figure(1, 2)])
def test_migrations_can_be_taken_back_and_applied_again(label):
    """The latest two, and in `make test-all` all of them: for each step Django makes all models anew."""
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
