"""The backup file: a zip with a manifest, the database, and uploaded files."""

import json
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages

from transfer.backup.errors import BackupError
from transfer.site.download import FOLDER as SITE_EXPORTS
from transfer.site.folder import stored_files

FORMAT = 1
MANIFEST = "manifest.json"
# The storages of uploads, and the folders of their files in the archive.
FOLDERS = {"default": "media", "private": "private"}
# Files that are deleted after some days, and would duplicate everything.
PASSING = f"private/{SITE_EXPORTS}"


@dataclass
class Manifest:
    """made_at: ISO 8601. rows: the count by table. elsewhere: files in buckets, not in this backup."""

    made_at: str
    database: str
    rows: dict[str, int]
    files: int = 0
    elsewhere: list[str] = field(default_factory=list)
    format: int = FORMAT


def folders() -> dict[str, Path]:
    """The upload folders on this disk, by their name in the archive."""
    return {
        name: Path(storage.location)
        for alias, name in FOLDERS.items()
        if isinstance(storage := storages[alias], FileSystemStorage)
    }


def buckets() -> dict[str, Storage]:
    """The upload storages that are not folders on this disk, by their name in the archive."""
    return {
        name: storage
        for alias, name in FOLDERS.items()
        if not isinstance(storage := storages[alias], FileSystemStorage)
    }


def files_to_keep() -> Iterator[tuple[str, Path]]:
    """Each file and its name in the archive."""
    for name, folder in folders().items():
        for path in sorted(folder.rglob("*")):
            inside = f"{name}/{path.relative_to(folder).as_posix()}"
            if path.is_file() and not path.is_symlink() and not inside.startswith(PASSING):
                yield inside, path
    if (key := settings.VAR_DIR / "secret-key").is_file():
        yield "secret-key", key


def write_from_buckets(archive: zipfile.ZipFile) -> int:
    """Add the uploads in buckets. Returns the number of files. Raises OSError."""
    if not buckets():
        return 0
    from core.utils.storage import errors_as_of_a_disk  # noqa: PLC0415 - needs packages that only buckets use

    count = 0
    with errors_as_of_a_disk():
        for folder, storage in buckets().items():
            for name in stored_files(storage):
                inside = f"{folder}/{name}"
                if inside.startswith(PASSING):
                    continue
                try:
                    with storage.open(name) as file, archive.open(inside, "w", force_zip64=True) as copy:
                        shutil.copyfileobj(file, copy, 1 << 20)
                except FileNotFoundError:
                    continue  # deleted since it was listed
                count += 1
    return count


def send_to_bucket(folder: Path, storage: Storage) -> None:
    """Upload a backup's files to a bucket. Existing ones are not replaced. Raises OSError."""
    from core.utils.storage import errors_as_of_a_disk  # noqa: PLC0415 - needs packages that only buckets use

    with errors_as_of_a_disk():
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_file() and not storage.exists(name):
                with path.open("rb") as file:
                    storage.save(name, File(file))


def write(target: Path, manifest: Manifest, database: Path, name: str) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        archive.write(database, name)
        for inside, path in files_to_keep():
            try:
                archive.write(path, inside, zipfile.ZIP_STORED)  # pictures are compressed already
            except FileNotFoundError:
                continue  # deleted since it was listed
            manifest.files += 1
        if settings.BACKUP_BUCKET_FILES:
            manifest.files += write_from_buckets(archive)
        else:
            manifest.elsewhere = list(buckets())
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))


def read_manifest(path: Path) -> Manifest:
    """The manifest. Raises BackupError if the file is not a backup of ours, or is of a later version."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = json.loads(archive.read(MANIFEST))
            damaged = archive.testzip()
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, EOFError):
        raise BackupError(f"{path.name} is not a backup of this software, or it is damaged.") from None
    if damaged:
        raise BackupError(f"{path.name} is damaged: {damaged} cannot be read.")
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise BackupError(f"{path.name} was made by another version of this software.")
    return Manifest(**{name: found[name] for name in Manifest.__dataclass_fields__ if name in found})


def unpack(path: Path, target: Path) -> None:
    """Unpack a backup. Names that lead out of the target are refused."""
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            top, *rest = info.filename.split("/")
            is_ours = (rest and top in FOLDERS.values()) or info.filename in {
                MANIFEST,
                "secret-key",
                "database.sqlite3",
                "database.dump",
            }
            if not is_ours or ".." in rest or "\\" in info.filename or info.filename.startswith("/"):
                raise BackupError(f"The backup contains an unexpected file: {info.filename[:80]}")
            archive.extract(info, target)
