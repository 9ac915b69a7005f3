"""Restore a backup in place of this site: `manage.py restore FILE [--replace]`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from transfer.backup import bucket
from transfer.backup.databases import removed_after
from transfer.backup.errors import BackupError
from transfer.backup.services import restore


class Command(BaseCommand):
    help = "Restores a backup. The site must be stopped. The previous database and files are kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", metavar="FILE", help="a file that `backup` wrote, bucket:NAME or bucket:newest"
        )
        parser.add_argument("--replace", action="store_true", help="also if this site has members already")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            former = self.restore(options["file"], options["replace"])
        except BackupError as error:
            raise CommandError(str(error)) from None
        call_command("migrate", verbosity=0)
        self.stdout.write(f"Restored. Start the site again. The previous database is kept: {former}")

    def restore(self, given: str, replace: bool) -> str:
        if not given.startswith(bucket.PREFIX):
            return restore(Path(given), passphrase=settings.BACKUP_PASSPHRASE, replace=replace)
        with removed_after(settings.VAR_DIR / ".fetched") as scratch:
            path = bucket.get(given.removeprefix(bucket.PREFIX), scratch)
            return restore(path, passphrase=settings.BACKUP_PASSPHRASE, replace=replace)
