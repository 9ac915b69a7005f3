"""Back up the site while it runs: `manage.py backup [FOLDER]`.

`--try FILE` restores a backup into a scratch database.
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from transfer.backup import bucket, schedule
from transfer.backup.errors import BackupError
from transfer.backup.services import Trial, make_backup, try_backup
from transfer.models import Backup


class Command(BaseCommand):
    help = (
        "Writes the database and uploaded files to one file, and verifies it by restoring it into a scratch database."
        " Encrypted if BACKUP_PASSPHRASE is set."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "folder",
            nargs="?",
            metavar="FOLDER",
            help="where to write it; BACKUP_DIR, BACKUP_BUCKET or both by default",
        )
        parser.add_argument("--try", dest="tried", metavar="FILE", help="only verify this backup")
        parser.add_argument(
            "--list", dest="is_listing", action="store_true", help="only list the backups in BACKUP_BUCKET"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["is_listing"]:
                return self.list()
            if options["tried"]:
                trial = try_backup(Path(options["tried"]), passphrase=settings.BACKUP_PASSPHRASE)
            else:
                trial = self.make(options["folder"])
        except BackupError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"Verified: {trial.row_count:,} rows in {len(trial.manifest.rows)} tables and {trial.manifest.files:,} files can be restored."
        )

    def make(self, given: str | None) -> Trial:
        """Make a backup, and test it before it is uploaded to the bucket."""
        if not (given or schedule.is_on()):
            raise CommandError("Name a folder, or set BACKUP_DIR or BACKUP_BUCKET.")
        where = Path(given).absolute() if given else schedule.folder()
        path = make_backup(where, passphrase=settings.BACKUP_PASSPHRASE)
        size = path.stat().st_size
        made = Backup.objects.create(path=str(path), size=size)
        trial = try_backup(path, passphrase=settings.BACKUP_PASSPHRASE)
        Backup.objects.filter(pk=made.pk).update(tried_at=timezone.now())
        self.stdout.write(f"{path} ({filesizeformat(size)})".replace("\xa0", " "))
        if not given and bucket.has_bucket():
            schedule.send(made)
            self.stdout.write(f"Uploaded to the bucket: {made.name}")
        return trial

    def list(self) -> None:
        for name in bucket.backups():
            self.stdout.write(f"{bucket.PREFIX}{name}")
