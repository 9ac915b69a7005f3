"""Backups of a PostgreSQL site with pg_dump and pg_restore."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

from transfer.backup.databases import NOT_COUNTED
from transfer.backup.errors import BackupError


@contextmanager
def _errors_explained() -> Iterator[None]:
    """Turn errors of the server into a BackupError with a sentence."""
    try:
        yield
    except psycopg.Error as error:
        message = error.diag.message_primary or str(error).strip().partition("\n")[0]
        raise BackupError(f"PostgreSQL: {message}") from error


class PostgresDatabase:
    vendor, file_name = "postgresql", "database.dump"

    @_errors_explained()
    def copy(self, target: Path) -> dict[str, int]:
        """Dump the database. pg_dump and the row counts share one snapshot."""
        with self._connect(self._name) as site:
            site.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            site.read_only = True
            snapshot = site.execute("SELECT pg_export_snapshot()").fetchone()[0]  # type: ignore[index]  # a SELECT of one value has a row
            self._run("pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={target}", self._name)
            return _count_postgres(site)

    @_errors_explained()
    def load(self, source: Path) -> str:
        beside = f"{self._name[:40]}_restoring"
        with self._maintenance() as server:
            _refuse_unless_it_creates(server)
            server.execute(_statement("DROP DATABASE IF EXISTS {}", beside))
            server.execute(_statement("CREATE DATABASE {} TEMPLATE template0 ", beside) + self._options())
        try:
            self._run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={beside}", str(source))
        except BackupError:
            self.drop(beside)
            raise
        return beside

    @_errors_explained()
    def count(self, loaded: str) -> dict[str, int]:
        with self._connect(loaded) as copy:
            return _count_postgres(copy)

    @_errors_explained()
    def use(self, loaded: str) -> str:
        connection.close()
        former = f"{self._name[:40]}_before_restore"
        with self._maintenance() as server:
            server.execute(_statement("DROP DATABASE IF EXISTS {}", former))
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [self._name]
            )
            with server.transaction():  # rename both or neither
                server.execute(_statement("ALTER DATABASE {} RENAME TO {}", self._name, former))
                server.execute(_statement("ALTER DATABASE {} RENAME TO {}", loaded, self._name))
        return former

    @_errors_explained()
    def drop(self, loaded: str) -> None:
        with self._maintenance() as server:
            server.execute(_statement("DROP DATABASE IF EXISTS {}", loaded))

    def _options(self) -> sql.Composed:
        """The options that make a new database like the site's."""
        with self._connect(self._name) as site:
            found = site.execute(
                "SELECT to_jsonb(d) || jsonb_build_object('encoding', pg_encoding_to_char(encoding))"
                " FROM pg_database d WHERE datname = current_database()"
            ).fetchone()
        return options_of(found[0])  # type: ignore[index]  # who is connected has a row

    @property
    def _name(self) -> str:
        return str(connection.settings_dict["NAME"])

    @property
    def _where(self) -> dict[str, Any]:
        """Django's connection parameters for libpq, including certificates and timeouts."""
        given = connection.get_connection_params()
        return {
            name: str(given[name])
            for name in _parameters()
            if given.get(name) is not None and name not in {"dbname", "client_encoding"}
        }

    def _connect(self, name: str, *, autocommit: bool = False) -> psycopg.Connection[Any]:
        # Without client_encoding, a server whose encoding is SQL_ASCII returns bytes.
        return psycopg.connect(dbname=name, client_encoding="utf8", autocommit=autocommit, **self._where)

    @contextmanager
    def _maintenance(self) -> Iterator[psycopg.Connection[Any]]:
        with self._connect("postgres", autocommit=True) as server:
            yield server

    def _run(self, program: str, *arguments: str) -> None:
        names = _parameters()
        where = {names[name]: value for name, value in self._where.items() if names[name]}
        path = Path(settings.POSTGRES_PROGRAMS) / program if settings.POSTGRES_PROGRAMS else program
        try:
            done = subprocess.run(  # noqa: S603 - fixed arguments, no shell
                [path, *arguments], env=os.environ | where, capture_output=True, text=True, check=False
            )
        except OSError as error:
            raise BackupError(
                f"{program} cannot be run ({error.strerror}). Install PostgreSQL’s client programs, or set"
                " POSTGRES_PROGRAMS to their folder."
            ) from None
        if done.returncode:
            raise BackupError(
                f"{program}: {done.stderr.strip().splitlines()[0] if done.stderr.strip() else 'failed'}"
            )


def _statement(text: LiteralString, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*map(sql.Identifier, names))


def options_of(row: dict[str, Any]) -> sql.Composed:
    """Encoding and collation for CREATE DATABASE, from a row of pg_database.

    Without them, the new database gets the server's defaults.
    """
    chosen: dict[LiteralString, str | None] = {
        "ENCODING": row["encoding"],
        "LC_COLLATE": row["datcollate"],
        "LC_CTYPE": row["datctype"],
    }
    # Since PostgreSQL 15 each database has a locale provider; since 17 its locale is in another column.
    locale = row.get("datlocale") or row.get("daticulocale")
    match row.get("datlocprovider"):
        case "c":
            chosen["LOCALE_PROVIDER"] = "libc"
        case "i":
            chosen |= {"LOCALE_PROVIDER": "icu", "ICU_LOCALE": locale, "ICU_RULES": row.get("daticurules")}
        case "b":
            chosen |= {"LOCALE_PROVIDER": "builtin", "BUILTIN_LOCALE": locale}
    return sql.SQL(" ").join(
        sql.SQL(name) + sql.SQL(" = ") + sql.Literal(value) for name, value in chosen.items() if value
    )


def _parameters() -> dict[str, str]:
    """libpq's parameters by environment variable, so that they are not in the process list."""
    return {
        each.keyword.decode(): (each.envvar or b"").decode() for each in psycopg.pq.Conninfo.get_defaults()
    }


def _refuse_unless_it_creates(server: psycopg.Connection[Any]) -> None:
    """Check for the CREATEDB right, which swapping databases needs as well. Raises BackupError."""
    role, may_create = server.execute(
        "SELECT rolname, rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
    ).fetchone()  # type: ignore[misc]  # who is connected has a row
    if not may_create:
        raise BackupError(
            f"Verifying and restoring a backup need a second database, which the role {role} may not create. Allow it, as the"
            f" administrator of PostgreSQL: {_statement('ALTER ROLE {} CREATEDB', role).as_string()}"
        )


def _count_postgres(open_connection: psycopg.Connection[Any]) -> dict[str, int]:
    tables = open_connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    ).fetchall()
    return {
        table: open_connection.execute(_statement("SELECT COUNT(*) FROM {}", table)).fetchone()[0]  # type: ignore[index]  # a SELECT of one value has a row
        for (table,) in tables
        if table not in NOT_COUNTED
    }
