"""Files on a disk that can be full or read-only: complete ones or none, and a form error for the sender."""

import errno
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils.translation import gettext_lazy

logger = logging.getLogger(__name__)

# What is served of the files that are uploaded, by extension, and as what. Not from the machine's list, which may have none.
PICTURE_TYPES = {"webp": "image/webp", "png": "image/png", **dict.fromkeys(("jpg", "jpeg"), "image/jpeg")}
AUDIO_TYPES = {
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    **dict.fromkeys(("ogg", "oga", "opus"), "audio/ogg"),
    "wav": "audio/wav",
    "flac": "audio/flac",
}
# These are saved by the browser, and never shown on this site.
SAVED_TYPES = dict.fromkeys(
    ("pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp", "epub", "zip", "txt", "csv", "ics", "gpx"),
    "application/octet-stream",
)
SERVED_TYPES = PICTURE_TYPES | AUDIO_TYPES | SAVED_TYPES


def is_disk_full(error: BaseException) -> bool:
    """Whether something could not be written for want of room: a file, SQLite's (SQLITE_FULL) or PostgreSQL's (class 53100)."""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    cause = error.__cause__
    is_sqlite_full = (getattr(cause, "sqlite_errorcode", 0) & 0xFF) == sqlite3.SQLITE_FULL
    return is_sqlite_full or getattr(cause, "sqlstate", "") == "53100"


def is_storage_away(error: BaseException) -> bool:
    """Whether files could not be stored for a reason that is not in the file: no room, a read-only disk, a bucket that is away."""
    return is_disk_full(error) or (isinstance(error, OSError) and error.errno in {errno.EROFS, errno.EIO})


class CarefulFileSystemStorage(FileSystemStorage):
    """Leaves no partial files, unlike Django's own when the disk is full."""

    def _save(self, name: str, content: Any) -> str:
        was_there = Path(self.path(name)).exists()
        try:
            saved: str = super()._save(name, content)  # type: ignore[misc]  # not in the stubs
        except OSError:
            if not was_there:
                with suppress(OSError):
                    Path(self.path(name)).unlink()
            raise
        return saved


def delete_stored(name: str) -> None:
    """Delete a picture whose row is gone already: an error stops nobody, and what stays is swept later."""
    try:
        default_storage.delete(name)
    except OSError as error:
        logger.warning("%s could not be deleted: %s", name, error)


NO_ROOM = {
    "picture": gettext_lazy("We can’t store pictures right now, so this one wasn’t saved. Try again later, or continue without it."),
    "recording": gettext_lazy("We can’t store recordings right now, so this one wasn’t saved. Try again later, or continue without it."),
    "file": gettext_lazy("We can’t store files right now, so this one wasn’t saved. Try again later, or continue without it."),
}  # fmt: skip


@contextmanager
def room_for(kind: str) -> Iterator[None]:
    """Errors while storing a "picture", "recording" or "file" (a full disk, a quota, missing rights) are shown to its sender, and
    logged.

    Raises ValidationError (code "no_room").
    """
    try:
        yield
    except OSError as error:
        logger.error("A %s could not be stored: %s", kind, error)
        raise ValidationError(NO_ROOM[kind], code="no_room") from error
