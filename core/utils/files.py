"""Files on a disk that can be full or read-only: stored completely or not at all, with a form error."""

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

# The types of uploaded files that are served, by extension. The system's list may have none of them.
PICTURE_TYPES = {"webp": "image/webp", "png": "image/png", **dict.fromkeys(("jpg", "jpeg"), "image/jpeg")}
AUDIO_TYPES = {
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    **dict.fromkeys(("ogg", "oga", "opus"), "audio/ogg"),
    "wav": "audio/wav",
    "flac": "audio/flac",
}
# Browsers download these; they are never displayed on this site.
SAVED_TYPES = dict.fromkeys(
    ("pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp", "epub", "zip", "txt", "csv", "ics", "gpx"),
    "application/octet-stream",
)
SERVED_TYPES = PICTURE_TYPES | AUDIO_TYPES | SAVED_TYPES


def is_disk_full(error: BaseException) -> bool:
    """Whether there was no space for a file, SQLite (SQLITE_FULL) or PostgreSQL (53100)."""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    cause = error.__cause__
    is_sqlite_full = (getattr(cause, "sqlite_errorcode", 0) & 0xFF) == sqlite3.SQLITE_FULL
    return is_sqlite_full or getattr(cause, "sqlstate", "") == "53100"


def is_storage_away(error: BaseException) -> bool:
    """Whether a file could not be stored for reasons of the storage: full, read-only or unavailable."""
    return is_disk_full(error) or (isinstance(error, OSError) and error.errno in {errno.EROFS, errno.EIO})


class SafeFileSystemStorage(FileSystemStorage):
    """Leaves no partial files when the disk is full, unlike Django's own."""

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
    """Delete a file whose row was deleted. An error is only logged; the cleanup deletes the file later."""
    try:
        default_storage.delete(name)
    except OSError as error:
        logger.warning("%s could not be deleted: %s", name, error)


NO_ROOM = {
    "picture": gettext_lazy(
        "We can’t store pictures right now, so this one wasn’t saved. Try again later, or continue without it."
    ),
    "recording": gettext_lazy(
        "We can’t store recordings right now, so this one wasn’t saved. Try again later, or continue without it."
    ),
    "file": gettext_lazy(
        "We can’t store files right now, so this one wasn’t saved. Try again later, or continue without it."
    ),
}


@contextmanager
def room_for(kind: str) -> Iterator[None]:
    """Log errors while storing a "picture", "recording" or "file", and turn them into form errors.

    Such are a full disk, a quota or missing permissions. Raises ValidationError (code "no_room").
    """
    try:
        yield
    except OSError as error:
        logger.error("A %s could not be stored: %s", kind, error)
        raise ValidationError(NO_ROOM[kind], code="no_room") from error
