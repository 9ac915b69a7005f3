"""SQLite test databases copied from a migrated template: migrating from zero takes some 20 s of processor time.

The template is kept in the tests' own folder, named by what it was made from: the migrations of every app. The first
worker that needs it makes it, the others wait for that. PostgreSQL's server is new in every run, so it migrates.
"""

import fcntl
import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper


def migrations_key() -> str:
    """A word that changes with any migration of any app."""
    seen = hashlib.sha256()
    for config in sorted(apps.get_app_configs(), key=lambda config: config.label):
        for path in sorted(Path(config.path).glob("migrations/*.py")):
            seen.update(f"{config.label} {path.name} ".encode() + path.read_bytes())
    return seen.hexdigest()[:16]


class SqliteTemplate:
    def __init__(self, connection: BaseDatabaseWrapper, folder: Path) -> None:
        self.file = folder / f"template-{migrations_key()}.sqlite3"
        self.name = connection.creation._get_test_db_name()

    def copy(self) -> None:
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(self.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(self.file, self.name)

    def keep(self) -> None:
        half = self.file.with_suffix(".half")
        half.unlink(missing_ok=True)
        database = sqlite3.connect(self.name)
        try:
            database.execute("VACUUM INTO ?", [str(half)])
        finally:
            database.close()
        half.rename(self.file)


@contextmanager
def from_template(connection: BaseDatabaseWrapper, folder: Path) -> Iterator[bool]:
    """Yields whether the test database is there already, as a copy. Otherwise it is made inside, and kept as the template.

    Holds a lock of the folder meanwhile, so that one worker migrates and the others copy.
    """
    if connection.vendor != "sqlite":
        yield False
        return
    template = SqliteTemplate(connection, folder)
    with (folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        is_there = template.file.exists()
        if is_there:
            try:
                template.copy()
            except OSError:
                is_there = False
        yield is_there
        if not is_there:
            connection.close()
            for old in folder.glob(f"template-*{template.file.suffix}"):
                old.unlink(missing_ok=True)
            try:
                template.keep()
            except (OSError, sqlite3.Error):
                template.file.unlink(missing_ok=True)
