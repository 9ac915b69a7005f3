"""Copies of the database, taken while the site runs, and put back beside it before they take its place."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from django.db import connection

# Rows that no backup is about, and that change while it is made.
NOT_COUNTED = {"core_cacheentry", "core_worker", "django_session"}


class Database(Protocol):
    vendor: str
    file_name: str

    def copy(self, target: Path) -> dict[str, int]:
        """Write all of it to a file, as it is at one moment. Returns the number of rows of each table at that moment."""

    def load(self, source: Path) -> Any:
        """A database of its own beside the site's, from that file. To be handed to the three below."""

    def count(self, loaded: Any) -> dict[str, int]: ...

    def use(self, loaded: Any) -> str:
        """Let it take the place of the site's in one step. Returns where the former one is."""

    def drop(self, loaded: Any) -> None: ...


def database() -> Database:
    """That of this site. The driver of the other kind is not loaded: it takes a fifth of the time to start."""
    if connection.vendor == "sqlite":
        from transfer.backup.sqlite import SqliteFile  # noqa: PLC0415

        return SqliteFile()
    from transfer.backup.postgres import PostgresDatabase  # noqa: PLC0415

    return PostgresDatabase()


@contextmanager
def removed_after(path: Path) -> Iterator[Path]:
    """A new folder that is gone afterwards, whatever happens. What a killed run left there goes first."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True, mode=0o700)
    try:
        yield path
    finally:
        with suppress(OSError):
            shutil.rmtree(path)
