"""Database copies: taken while the site runs, and loaded beside the site's before they replace it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from django.db import connection

# Tables without lasting data, which change during the backup.
NOT_COUNTED = {"core_cacheentry", "core_worker", "django_session"}


class Database(Protocol):
    vendor: str
    file_name: str

    def copy(self, target: Path) -> dict[str, int]:
        """Write a consistent snapshot to a file. Returns the number of rows by table in the snapshot."""

    def load(self, source: Path) -> Any:
        """Load a file into a separate database beside the site's. Returns a handle for the methods below."""

    def count(self, loaded: Any) -> dict[str, int]: ...

    def use(self, loaded: Any) -> str:
        """Replace the site's database in one step. Returns where the former one is."""

    def drop(self, loaded: Any) -> None: ...


def database() -> Database:
    """The database of this site.

    The other backend's driver is not imported: that takes a fifth of the start-up time.
    """
    if connection.vendor == "sqlite":
        from transfer.backup.sqlite import SqliteFile  # noqa: PLC0415

        return SqliteFile()
    from transfer.backup.postgres import PostgresDatabase  # noqa: PLC0415

    return PostgresDatabase()


@contextmanager
def removed_after(path: Path) -> Iterator[Path]:
    """A new folder that is deleted afterwards in any case. Leftovers of a killed run are deleted first."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True, mode=0o700)
    try:
        yield path
    finally:
        with suppress(OSError):
            shutil.rmtree(path)
