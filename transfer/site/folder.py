"""The folder of an archive: a manifest, tables, and uploaded files."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath

from django.core.exceptions import SuspiciousFileOperation
from django.core.files import File
from django.core.files.storage import Storage, default_storage
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from transfer.site.errors import ArchiveError

FORMAT = 1
MANIFEST = "manifest.json"
# For its owner only, because the archive contains private data.
NEW_FOLDER = 0o700


@dataclass
class Manifest:
    """The contents of an archive, independent of when and where it was made.

    The same site gives the same folder. tables: the row counts. files: the number of uploads. migrations: the
    latest of each app, which determine the columns.
    """

    address: str
    migrations: dict[str, str]
    tables: dict[str, int] = field(default_factory=dict)
    files: int = 0
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        (folder / MANIFEST).write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")


def newest_migrations() -> dict[str, str]:
    found: dict[str, str] = {}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        found[app] = name
    return found


def read_manifest(folder: Path) -> Manifest:
    """The manifest. Raises ArchiveError if the folder is not an archive of ours, or of another version."""
    try:
        data = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            raise ArchiveError(f"{folder} was written by another version of this software.")
        manifest = Manifest(**data)
        if not all(isinstance(count, int) for count in manifest.tables.values()):
            raise TypeError
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise ArchiveError(f"{folder} isn’t a site archive: {MANIFEST} is missing or damaged.") from None
    here, there = newest_migrations(), manifest.migrations
    if other := sorted(app for app in here | there if here.get(app) != there.get(app)):
        app = other[0]
        raise ArchiveError(
            f"The archive’s tables are from another version ({app}: {there.get(app, 'none')}; here: {here.get(app, 'none')})."
            " Import it with the version that wrote it, then update."
        )
    return manifest


@contextmanager
def becomes(target: Path) -> Iterator[Path]:
    """A folder to write into, renamed to `target` when complete. Raises ArchiveError if `target` exists."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ArchiveError(f"{target} already exists and isn’t empty.")
    making = target.with_name(f".{target.name}.{os.getpid()}.making")
    making.mkdir(mode=NEW_FOLDER, parents=True)
    try:
        yield making
        if target.is_dir():
            target.rmdir()
        making.rename(target)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def stored_files(storage: Storage, folder: str = "") -> Iterator[str]:
    """The names of all files of a storage, sorted."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return  # nothing has been uploaded
    for name in sorted(files):
        yield f"{folder}{name}"
    for name in sorted(folders):
        yield from stored_files(storage, f"{folder}{name}/")


def write_files(folder: Path) -> int:
    """Copy the uploads. Returns the number of files."""
    count = 0
    for name in stored_files(default_storage):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with default_storage.open(name) as source, target.open("wb") as copy:
                shutil.copyfileobj(source, copy)
        except FileNotFoundError:
            target.unlink(missing_ok=True)
            continue  # deleted since it was listed
        count += 1
    return count


def read_files(folder: Path) -> int:
    """Store the files of an archive under their names. Returns their number. Raises ArchiveError.

    Existing files stay: names are random, and contents never change.
    """
    count = 0
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise ArchiveError(
                f"{path.relative_to(folder)} is a link to another place; an archive can’t contain links."
            )
        if not path.is_file():
            continue
        name = str(PurePosixPath(path.relative_to(folder)))
        count += 1
        if default_storage.exists(name):
            continue
        with path.open("rb") as source:
            try:
                stored = default_storage.save(name, File(source))
            except SuspiciousFileOperation:
                stored = ""
        if stored != name:
            raise ArchiveError(f"{name} can’t be stored under that name.")
    return count
