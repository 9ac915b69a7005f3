"""A second location for backups: a bucket on an S3-compatible server (BACKUP_BUCKET)."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, storages

from transfer.backup.errors import BackupError
from transfer.backup.services import NAME

STORAGE = "backups"
PREFIX, NEWEST = "bucket:", "newest"
"""`restore bucket:NAME` fetches one from there, `restore bucket:newest` the newest."""


def has_bucket() -> bool:
    return STORAGE in settings.STORAGES


def put(path: Path) -> None:
    """Upload a backup, unless it is there (after an upload that could not be recorded).

    Raises BackupError.
    """
    with _errors_explained():
        storage = _storage()
        if not storage.exists(path.name):
            with path.open("rb") as file:
                stored = storage.save(path.name, File(file))
            if stored == path.name:
                return
            # Another was stored at the same time. Under this alternative name it would never be thinned out.
            storage.delete(stored)
        if storage.size(path.name) != path.stat().st_size:
            raise BackupError(f"The bucket already has a different {path.name}.")


def get(name: str, target: Path) -> Path:
    """Download a backup into the folder. The name may be `newest`. Raises BackupError."""
    if name == NEWEST:
        name = next(iter(backups()), "")
    if not NAME.fullmatch(name):
        raise BackupError(f"There is no backup {name} in the bucket.".replace("  ", " "))
    with _errors_explained(), open_backup(name) as file, (target / name).open("wb") as copy:
        shutil.copyfileobj(file, copy, 1 << 20)
    return target / name


def open_backup(name: str) -> IO[bytes]:
    """Raises OSError; FileNotFoundError if there is none with this name."""
    return _storage().open(name)


def names() -> list[str]:
    """The names of all files in the bucket. Raises BackupError."""
    with _errors_explained():
        return sorted(_storage().listdir("")[1])


def backups() -> list[str]:
    """The names of our backups in the bucket, newest first. Raises BackupError."""
    return sorted((name for name in names() if NAME.fullmatch(name)), reverse=True)


def delete(name: str) -> None:
    with _errors_explained():
        _storage().delete(name)


def _storage() -> Storage:
    return storages[STORAGE]


@contextmanager
def _errors_explained() -> Iterator[None]:
    """Turn errors of the bucket, or its absence, into a BackupError with a sentence."""
    if not has_bucket():
        raise BackupError("There is no bucket for backups: set BACKUP_BUCKET.")
    from core.utils.storage import errors_as_of_a_disk  # noqa: PLC0415 - needs packages that only buckets use

    try:
        with errors_as_of_a_disk():
            yield
    except OSError as error:
        raise BackupError(f"The bucket for backups: {error.strerror or error}.") from error
