"""Whether the database is the one that this code was written for."""

from importlib.resources import files

from django.apps import apps
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder


def pending_migrations() -> list[tuple[str, str]]:
    """Those that are files here and were not done in the database. By their names: to load them takes a web process 0.3 s.

    Raises DatabaseError.
    """
    there = {
        (config.label, file.name.removesuffix(".py"))
        for config in apps.get_app_configs()
        if (folder := files(config.name) / "migrations").is_dir()
        for file in folder.iterdir()
        if file.name.endswith(".py") and file.name[0] not in "_~"
    }
    return sorted(there - {(one.app, one.name) for one in MigrationRecorder(connection).migration_qs})
