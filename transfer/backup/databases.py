"""Copies of the database, taken while the site runs, and put back beside it before they take its place."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, LiteralString, Protocol

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

from transfer.backup.errors import BackupError

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
    return SqliteFile() if connection.vendor == "sqlite" else PostgresDatabase()


class SqliteFile:
    vendor, file_name = "sqlite", "database.sqlite3"

    @property
    def path(self) -> Path:
        return Path(connection.settings_dict["NAME"])

    def copy(self, target: Path) -> dict[str, int]:
        # Its own connection, so that it neither waits for a transaction of ours nor is part of one.
        # In one step, so that it is one moment; writers go on meanwhile (WAL). VACUUM INTO would be smaller, but fails on
        # tables with generated columns in SQLite before 3.41.
        with (
            closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=60)) as site,
            closing(sqlite3.connect(target)) as copy,
        ):
            site.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        return self.count(target)

    def load(self, source: Path) -> Path:
        beside = self.path.with_name(f"{self.path.name}.restoring")
        self.drop(beside)
        shutil.copyfile(source, beside)
        with closing(sqlite3.connect(beside)) as copy:
            found = [row[0] for row in copy.execute("PRAGMA integrity_check")]
        if found != ["ok"]:
            raise BackupError(f"The database in the backup is damaged: {found[0]}")
        return beside

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

    def use(self, loaded: Path) -> str:
        connection.close()
        former = self.path.with_name(f"{self.path.name}.before-restore")
        if self.path.exists():
            with closing(sqlite3.connect(self.path)) as site:  # what is in the log goes into the file
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


class PostgresDatabase:
    vendor, file_name = "postgresql", "database.dump"

    def copy(self, target: Path) -> dict[str, int]:
        """pg_dump and the counts see the same moment: they share a snapshot."""
        with self._connect(self._name) as site:
            site.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            site.read_only = True
            snapshot = site.execute("SELECT pg_export_snapshot()").fetchone()[0]  # type: ignore[index]  # a SELECT of one value has a row
            self._run("pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={target}", self._name)
            return _count_postgres(site)

    def load(self, source: Path) -> str:
        beside = f"{self._name[:40]}_restoring"
        with self._maintenance() as server:
            server.execute(_statement("DROP DATABASE IF EXISTS {}", beside))
            server.execute(_statement("CREATE DATABASE {} TEMPLATE template0", beside))
        try:
            self._run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={beside}", str(source))
        except BackupError:
            self.drop(beside)
            raise
        return beside

    def count(self, loaded: str) -> dict[str, int]:
        with self._connect(loaded) as copy:
            return _count_postgres(copy)

    def use(self, loaded: str) -> str:
        connection.close()
        former = f"{self._name[:40]}_before_restore"
        with self._maintenance() as server:
            server.execute(_statement("DROP DATABASE IF EXISTS {}", former))
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [self._name]
            )
            server.execute(_statement("ALTER DATABASE {} RENAME TO {}", self._name, former))
            server.execute(_statement("ALTER DATABASE {} RENAME TO {}", loaded, self._name))
        return former

    def drop(self, loaded: str) -> None:
        with self._maintenance() as server:
            server.execute(_statement("DROP DATABASE IF EXISTS {}", loaded))

    @property
    def _name(self) -> str:
        return str(connection.settings_dict["NAME"])

    @property
    def _where(self) -> dict[str, Any]:
        kept = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password"}
        found = {
            kept[key]: str(connection.settings_dict[key]) for key in kept if connection.settings_dict.get(key)
        }
        options = connection.settings_dict.get("OPTIONS", {})
        return found | {name: str(options[name]) for name in ("sslmode", "sslrootcert") if name in options}

    def _connect(self, name: str) -> psycopg.Connection[Any]:
        return psycopg.connect(dbname=name, **self._where)

    @contextmanager
    def _maintenance(self) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(dbname="postgres", autocommit=True, **self._where) as server:
            yield server

    def _run(self, program: str, *arguments: str) -> None:
        names = {
            "host": "PGHOST",
            "port": "PGPORT",
            "user": "PGUSER",
            "password": "PGPASSWORD",
            "sslmode": "PGSSLMODE",
        }
        where = {names[key]: value for key, value in self._where.items() if key in names}
        path = Path(settings.POSTGRES_PROGRAMS) / program if settings.POSTGRES_PROGRAMS else program
        try:
            done = subprocess.run(  # noqa: S603 - our own arguments, no shell
                [path, *arguments], env=os.environ | where, capture_output=True, text=True, check=False
            )
        except OSError as error:
            raise BackupError(
                f"{program} cannot be run ({error.strerror}). Install PostgreSQL’s client programs, or say where they are"
                " with POSTGRES_PROGRAMS."
            ) from None
        if done.returncode:
            raise BackupError(
                f"{program}: {done.stderr.strip().splitlines()[0] if done.stderr.strip() else 'failed'}"
            )


def _statement(text: LiteralString, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*map(sql.Identifier, names))


def _count_postgres(open_connection: psycopg.Connection[Any]) -> dict[str, int]:
    tables = open_connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    ).fetchall()
    return {
        table: open_connection.execute(_statement("SELECT COUNT(*) FROM {}", table)).fetchone()[0]  # type: ignore[index]  # a SELECT of one value has a row
        for (table,) in tables
        if table not in NOT_COUNTED
    }


@contextmanager
def removed_after(path: Path) -> Iterator[Path]:
    """A folder that is gone afterwards, whatever happens."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    try:
        yield path
    finally:
        with suppress(OSError):
            shutil.rmtree(path)
