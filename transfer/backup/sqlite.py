"""Backups of a SQLite site: copying, checking and swapping its file."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connection

from transfer.backup.databases import NOT_COUNTED
from transfer.backup.errors import BackupError


@contextmanager
def _errors_explained() -> Iterator[None]:
    """Turn errors of the disk or the database into a BackupError with a sentence.

    The library reports errors of the operating system with its own exceptions.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise BackupError(f"SQLite: {error}.") from error


class SqliteFile:
    vendor, file_name = "sqlite", "database.sqlite3"

    @property
    def path(self) -> Path:
        return Path(connection.settings_dict["NAME"])

    @_errors_explained()
    def copy(self, target: Path) -> dict[str, int]:
        # A separate connection, so that it neither waits for nor belongs to one of our transactions. The copy
        # is made in one step, so it is consistent; writers continue (WAL). VACUUM INTO would be smaller, but
        # fails on tables with generated columns in SQLite before 3.41.
        with (
            closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=60)) as site,
            closing(sqlite3.connect(target)) as copy,
        ):
            site.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        return self.count(target)

    @_errors_explained()
    def load(self, source: Path) -> Path:
        beside = self.path.with_name(f"{self.path.name}.restoring")
        self.drop(beside)
        shutil.copyfile(source, beside)
        with closing(sqlite3.connect(beside)) as copy:
            found = [row[0] for row in copy.execute("PRAGMA integrity_check")]
        if found != ["ok"]:
            self.drop(beside)
            raise BackupError(f"The database in the backup is damaged: {found[0]}")
        return beside

    @_errors_explained()
    def count(self, loaded: Path) -> dict[str, int]:
        with closing(sqlite3.connect(loaded)) as copy:
            tables = [
                name
                for name, kind in copy.execute(
                    "SELECT name, type FROM pragma_table_list WHERE schema = 'main'"
                )
                if kind == "table" and not name.startswith("sqlite_") and name not in NOT_COUNTED
            ]
            return {
                table: copy.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0]  # noqa: S608 - its own names
                for table in sorted(tables)
            }

    @_errors_explained()
    def use(self, loaded: Path) -> str:
        connection.close()
        former = self.path.with_name(f"{self.path.name}.before-restore")
        if self.path.exists():
            with closing(sqlite3.connect(self.path)) as site:  # merges the WAL into the file
                site.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            former.unlink(missing_ok=True)
            os.link(self.path, former)
        for suffix in ("-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        loaded.replace(self.path)
        return str(former)

    def drop(self, loaded: Path) -> None:
        for suffix in ("", "-journal", "-wal", "-shm"):
            Path(f"{loaded}{suffix}").unlink(missing_ok=True)
