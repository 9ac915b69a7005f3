"""The file of a backup: a zip with a manifest, the database, and the files that people uploaded."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages

from transfer.backup.errors import BackupError

FORMAT = 1
MANIFEST = "manifest.json"
# The storages whose files are on this disk, and where they are in the archive.
FOLDERS = {"default": "media", "private": "private"}


@dataclass
class Manifest:
    """made_at: ISO 8601. rows: by table. missing: files that were deleted while the backup was made."""

    made_at: str
    database: str
    rows: dict[str, int]
    files: int = 0
    elsewhere: list[str] = field(default_factory=list)
    format: int = FORMAT


def folders() -> dict[str, Path]:
    """The folders on this disk with what people uploaded, by their name in the archive."""
    return {
        name: Path(storage.location)
        for alias, name in FOLDERS.items()
        if isinstance(storage := storages[alias], FileSystemStorage)
    }


def in_buckets() -> list[str]:
    return [name for alias, name in FOLDERS.items() if not isinstance(storages[alias], FileSystemStorage)]


def files_to_keep() -> Iterator[tuple[str, Path]]:
    """Each file, with its name in the archive."""
    for name, folder in folders().items():
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield f"{name}/{path.relative_to(folder).as_posix()}", path
    if (key := settings.VAR_DIR / "secret-key").is_file():
        yield "secret-key", key


def write(target: Path, manifest: Manifest, database: Path, name: str) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        archive.write(database, name)
        for inside, path in files_to_keep():
            try:
                archive.write(path, inside, zipfile.ZIP_STORED)  # pictures are compressed already
            except FileNotFoundError:
                continue  # deleted meanwhile
            manifest.files += 1
        manifest.elsewhere = in_buckets()
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))


def read_manifest(path: Path) -> Manifest:
    """Raises BackupError for anything that is no backup of ours, or of a later version."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = json.loads(archive.read(MANIFEST))
            damaged = archive.testzip()
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, EOFError):
        raise BackupError(f"{path.name} is no backup of this software, or it is damaged.") from None
    if damaged:
        raise BackupError(f"{path.name} is damaged: {damaged} cannot be read.")
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise BackupError(f"{path.name} was made by another version of this software.")
    return Manifest(**{name: found[name] for name in Manifest.__dataclass_fields__ if name in found})


def unpack(path: Path, target: Path) -> None:
    """Unpack what we write into backups; a name that leads elsewhere is refused."""
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            top, *rest = info.filename.split("/")
            is_ours = (rest and top in FOLDERS.values()) or info.filename in {
                MANIFEST, "secret-key", "database.sqlite3", "database.dump",
            }  # fmt: skip
            if not is_ours or ".." in rest or "\\" in info.filename or info.filename.startswith("/"):
                raise BackupError(f"The backup holds a file that is none of ours: {info.filename[:80]}")
            archive.extract(info, target)
