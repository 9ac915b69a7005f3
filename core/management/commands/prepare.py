"""`manage.py prepare`: prepares a new version for serving (migrations, static files).

Does nothing if up to date.
"""

import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor


class Command(BaseCommand):
    help = "Bring the database and the static files up to date. Safe to run at every start."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--demo", action="store_true", help="Fill a database that has no members with the demo content."
        )

    def handle(self, *, demo: bool, **_options: Any) -> None:
        try:
            self.update_database()
        except DatabaseError as error:
            raise CommandError(
                f"The database does not answer: {str(error).strip().splitlines()[0]}"
            ) from error
        self.update_static_files()
        if demo and not get_user_model().objects.exists() and "demo" in get_commands():
            self.stdout.write("The database is empty. Adding demo content …")
            with transaction.atomic():  # if it is killed, the next start finds the database empty again
                call_command("demo", stdout=self.stdout)
        if "setup_link" in get_commands():
            call_command("setup_link", stdout=self.stdout)

    def update_database(self) -> None:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            self.stdout.write(f"Bringing the database up to date ({len(plan)} steps) …")
            call_command("migrate", interactive=False, verbosity=0)

    def update_static_files(self) -> None:
        """Run collectstatic if a source file changed since it was collected."""
        if settings.DEBUG:
            return  # served from their source folders
        mark = Path(settings.STATIC_ROOT) / ".sources"
        sources = self.fingerprint_of_static_files()
        if mark.is_file() and mark.read_text(encoding="utf-8") == sources:
            return
        self.stdout.write("Collecting static files …")
        call_command("collectstatic", interactive=False, verbosity=0)
        mark.write_text(sources, encoding="utf-8")

    def fingerprint_of_static_files(self) -> str:
        digest = hashlib.sha256("\n".join(sorted(app.name for app in apps.get_app_configs())).encode())
        for finder in get_finders():
            for path, storage in finder.list([]):
                found = Path(storage.path(path)).stat()
                digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
        return digest.hexdigest()
