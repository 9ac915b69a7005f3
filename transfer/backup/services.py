"""Making, testing and restoring backups."""

import re
import shutil
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from accounts.models import User
from core.models import Worker
from transfer.anew import advance_versions, clear_all_caches
from transfer.backup import archive
from transfer.backup.databases import database, removed_after
from transfer.backup.errors import BackupError
from transfer.backup.seal import is_sealed, seal, unseal

NAME = re.compile(r"long-table-(\d{8}-\d{6})\.(?:zip|sealed)")
WRITTEN = "%Y%m%d-%H%M%S"


def make_backup(folder: Path, *, passphrase: str = "") -> Path:
    """Write a backup of the whole site into the folder. Raises BackupError.

    The file gets its name only when it is complete.
    """
    made_at = timezone.now().astimezone(UTC)
    name = f"long-table-{made_at:{WRITTEN}}.{'sealed' if passphrase else 'zip'}"
    try:
        with removed_after(folder / f".{name}.making") as scratch:
            copied = scratch / database().file_name
            rows = database().copy(copied)
            made = scratch / "backup.zip"
            archive.write(
                made, archive.Manifest(made_at.isoformat(), database().vendor, rows), copied, copied.name
            )
            if passphrase:
                seal(made, scratch / "backup.sealed", passphrase)
                made = scratch / "backup.sealed"
            made.chmod(0o600)
            return made.replace(folder / name)
    except OSError as error:
        raise BackupError(f"The backup could not be written: {error.strerror or error}.") from error


@dataclass(frozen=True)
class Trial:
    """A backup that was restored beside the site and agrees with its manifest."""

    manifest: archive.Manifest

    @property
    def row_count(self) -> int:
        return sum(self.manifest.rows.values())


def try_backup(path: Path, *, passphrase: str = "") -> Trial:
    """Restore a backup into a scratch database and compare the row counts.

    Raises BackupError if it is not intact.
    """
    with removed_after(settings.VAR_DIR / f".trial-{path.name}") as scratch:
        manifest, loaded = _load(path, scratch, passphrase)
        database().drop(loaded)
    return Trial(manifest)


def restore(path: Path, *, passphrase: str = "", replace: bool = False) -> str:
    """Replace this site by a backup. Returns where the former database is. Raises BackupError.

    Everything is unpacked and counted beside the site first. Files are added to the existing ones, and the
    database is swapped in one step: a run that is killed before then leaves the site unchanged. Cached pages
    are dropped.
    """
    is_new = (
        User._meta.db_table not in connection.introspection.table_names()
    )  # nothing has run on this machine yet
    if not is_new and Worker.objects.alive().exists():
        raise BackupError("The site is running. Stop it and the worker first.")
    if not is_new and not replace and User.objects.exists():
        raise BackupError(
            "This site has members. Use --replace to replace it with the backup; its database and files are kept."
        )
    with removed_after(settings.VAR_DIR / ".restoring") as scratch:
        _manifest, loaded = _load(path, scratch, passphrase)
        for name, folder in archive.folders().items():
            _add_files(scratch / name, folder)
        for name, storage in archive.buckets().items():
            try:
                archive.send_to_bucket(scratch / name, storage)
            except OSError as error:
                raise BackupError(f"The bucket for uploads: {error.strerror or error}.") from error
        former = database().use(loaded)
        if (scratch / "secret-key").is_file():
            (scratch / "secret-key").replace(settings.VAR_DIR / "secret-key")
    try:
        advance_versions()
        clear_all_caches()
    except (DatabaseError, OSError) as error:
        raise BackupError(
            f"Restored; the previous database is {former}. Clearing the cache failed, so old pages may still be shown: {error}. Clear it by hand."
        ) from error
    return former


def _add_files(new: Path, folder: Path) -> None:
    """Add the files of a backup.

    Names are random and contents never change, so existing files stay.
    """
    for path in sorted(new.rglob("*")):
        target = folder / path.relative_to(new)
        if path.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, target)


def _load(path: Path, scratch: Path, passphrase: str) -> tuple[archive.Manifest, object]:
    try:
        if not path.is_file():
            raise BackupError(f"There is no file {path}.")
        if is_sealed(path):
            if not passphrase:
                raise BackupError("This backup is encrypted: set BACKUP_PASSPHRASE.")
            unseal(path, scratch / "backup.zip", passphrase)
            path = scratch / "backup.zip"
        manifest = archive.read_manifest(path)
        if manifest.database != database().vendor:
            raise BackupError(
                f"This backup is of a {manifest.database} database; this site uses {database().vendor}."
            )
        archive.unpack(path, scratch)
        loaded = database().load(scratch / database().file_name)
    except OSError as error:
        raise BackupError(f"The backup could not be unpacked: {error.strerror or error}.") from error
    counted = database().count(loaded)
    if counted != manifest.rows:
        database().drop(loaded)
        wrong = sorted(
            table for table in manifest.rows | counted if manifest.rows.get(table) != counted.get(table)
        )
        raise BackupError(f"The backup is incomplete: the number of rows is wrong in {', '.join(wrong[:5])}.")
    return manifest, loaded
