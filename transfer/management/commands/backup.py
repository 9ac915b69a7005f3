"""Back up the whole site while it runs: `manage.py backup [FOLDER]`; `--try FILE` restores a backup into a scratch database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat

from transfer.backup.errors import BackupError
from transfer.backup.services import make_backup, try_backup
from transfer.models import Backup


class Command(BaseCommand):
    help = (
        "Writes database and uploaded files to one file, and tries it: it is restored into a scratch database and counted."
        " Encrypted if BACKUP_PASSPHRASE is set."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "folder", nargs="?", metavar="FOLDER", help="where to write it; BACKUP_DIR by default"
        )
        parser.add_argument("--try", dest="tried", metavar="FILE", help="only try this backup")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            path = Path(options["tried"]) if options["tried"] else self.make(options["folder"])
            trial = try_backup(path, passphrase=settings.BACKUP_PASSPHRASE)
        except BackupError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"Tried: {trial.row_count:,} rows in {len(trial.manifest.rows)} tables and {trial.manifest.files:,} files can be restored."
        )

    def make(self, folder: str | None) -> Path:
        where = folder or settings.BACKUP_DIR
        if not where:
            raise CommandError("Name a folder, or set BACKUP_DIR.")
        path = make_backup(Path(where), passphrase=settings.BACKUP_PASSPHRASE)
        size = path.stat().st_size
        Backup.objects.create(path=str(path), size=size)
        self.stdout.write(f"{path} ({filesizeformat(size)})".replace("\xa0", " "))
        return path
