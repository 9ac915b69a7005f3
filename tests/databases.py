"""Test databases copied from a migrated template, because all migrations take some 20 s of processor time.

The first worker that needs the template creates it; the others wait. The SQLite template is stored in the
folder shared by all runs, and named by a hash of the migrations of all apps. The PostgreSQL template is a
second database of the same server, whose files are stored in that folder too (tests/postgres.py).

After a test that commits, the database is reset to its state after the migrations, so tests can run in any
order.
"""

import fcntl
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.postgres import MIGRATED
from tests.run_folders import SHARED_DIR, migrations_key


class Template(Protocol):
    def is_there(self) -> bool: ...

    def copy(self) -> None:
        """Create the test database from the template."""

    def keep(self) -> None:
        """Create the template from the test database, which was just migrated."""

    def restore(self) -> None:
        """Reset the rows of the test database to those of the template."""


class SqliteTemplate:
    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.file = SHARED_DIR / f"template-{migrations_key()}.sqlite3"
        self.database = connection.creation._get_test_db_name()

    def is_there(self) -> bool:
        return self.file.exists()

    def copy(self) -> None:
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(self.database + suffix).unlink(missing_ok=True)
        shutil.copyfile(self.file, self.database)

    def keep(self) -> None:
        half = self.file.with_suffix(".half")
        half.unlink(missing_ok=True)
        with closing(sqlite3.connect(self.database)) as database:
            database.execute("VACUUM INTO ?", [str(half)])
        for old in self.file.parent.glob(f"template-*{self.file.suffix}"):
            old.unlink(missing_ok=True)
        half.rename(self.file)

    def restore(self) -> None:
        connections.close_all()
        tries = iter(range(40))

        def give_up(_status: int, remaining: int, _pages: int) -> None:
            if remaining and next(tries, None) is None:
                raise TimeoutError("a test left the database locked")

        with (
            closing(sqlite3.connect(self.file)) as template,
            closing(sqlite3.connect(self.database)) as database,
        ):
            database.execute("PRAGMA synchronous = OFF")
            template.backup(database, progress=give_up)


class PostgresTemplate:
    """A second database of the same server. A schema in it also stores the rows that migrations insert."""

    name, schema = MIGRATED, "migrated"

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.database = connection.creation._get_test_db_name()

    def is_there(self) -> bool:
        with self.connection.creation._nodb_cursor() as cursor:
            return self.connection.creation._database_exists(cursor, self.name)

    def copy(self) -> None:
        self._create(self.database, self.name)

    def keep(self) -> None:
        tables = self._tables()
        with self.connection.cursor() as cursor:
            filled = []
            for table in tables:
                cursor.execute(f"SELECT EXISTS (SELECT FROM {table})")  # noqa: S608 - names of the database itself
                if cursor.fetchone()[0]:
                    filled.append(table)
            # Without triggers and foreign keys, in any order. DELETE from each table is faster than TRUNCATE.
            steps = [
                "PERFORM set_config('session_replication_role', 'replica', true)",
                *(f"DELETE FROM public.{table}" for table in tables),  # noqa: S608
                *(f"INSERT INTO public.{table} SELECT * FROM {self.schema}.{table}" for table in filled),  # noqa: S608
            ]
            cursor.execute(f"CREATE SCHEMA {self.schema}")
            for table in filled:
                cursor.execute(f"CREATE TABLE {self.schema}.{table} AS TABLE public.{table}")
            cursor.execute(
                f"CREATE FUNCTION {self.schema}.restore() RETURNS void LANGUAGE plpgsql AS "
                f"$$ BEGIN {'; '.join(steps)}; END $$"
            )
        self.connection.close()
        self._create(self.name, self.database)

    def restore(self) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT {self.schema}.restore()")

    def _tables(self) -> list[str]:
        quote = self.connection.ops.quote_name
        return [
            quote(name) for name in self.connection.introspection.table_names() if name != "django_migrations"
        ]

    def _create(self, name: str, template: str) -> None:
        quote = self.connection.ops.quote_name
        with self.connection.creation._nodb_cursor() as cursor:
            # FORCE: a thread that a test started may still be connected.
            cursor.execute(f"DROP DATABASE IF EXISTS {quote(name)} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {quote(name)} TEMPLATE {quote(template)}")


def template_of(connection: BaseDatabaseWrapper) -> Template:
    return SqliteTemplate(connection) if connection.vendor == "sqlite" else PostgresTemplate(connection)


@contextmanager
def from_template(template: Template, folder: Path) -> Iterator[bool]:
    """Yield whether the test database exists, as a copy of the template.

    If not, the caller creates it inside the block, and it becomes the template. Holds a lock in the folder,
    so that one worker migrates and the others copy.
    """
    with (folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        is_there = template.is_there()
        if is_there:
            template.copy()
        yield is_there
        if not is_there:
            connections.close_all()
            template.keep()
