"""The site archive as one file for superusers, made by the worker and kept for some days (SiteExport)."""

import logging
import os
import tempfile
import zipfile
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import Storage, storages
from django.utils import timezone

from core.tasks.periodic import periodic
from core.utils.files import room_for
from transfer.models import SiteExport
from transfer.site.errors import ArchiveError
from transfer.site.services import export_site

logger = logging.getLogger(__name__)

KEEP = timedelta(days=3)
FOLDER = "site-exports/"  # left out of backups (transfer/backup/archive.py)
PACKED_ALREADY = {".jpg", ".png", ".webp", ".gif", ".mp3", ".zip"}


def private_storage() -> Storage:
    return storages["private"]


def make_site_export() -> SiteExport:
    """Write the archive, pack it, and store it for superusers. Errors are recorded in the row."""
    made = SiteExport()
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix=".export-", dir=settings.VAR_DIR) as scratch:
            folder, packed = Path(scratch) / "site", Path(scratch) / "site.zip"
            export_site(folder)
            _pack(folder, packed)
            made.size = packed.stat().st_size
            with room_for("file"), packed.open("rb") as file:
                made.file = private_storage().save(f"{FOLDER}site.zip", File(file))
    except (ArchiveError, ValidationError, OSError) as error:
        logger.error("The export of the site failed: %s", error)
        message = error.messages[0] if isinstance(error, ValidationError) else str(error)
        made.file, made.size, made.error = "", 0, message[:300]
    made.save()
    return made


def _pack(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for parent, folders, names in os.walk(folder):
            folders.sort()
            for path in (Path(parent) / name for name in sorted(names)):
                is_packed = path.suffix.lower() in PACKED_ALREADY
                way = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
                archive.write(path, f"site/{path.relative_to(folder).as_posix()}", way)


@periodic(every=timedelta(hours=6))
def forget_old_site_exports() -> None:
    """Delete old exports, because they contain everything."""
    for old in SiteExport.objects.filter(made_at__lt=timezone.now() - KEEP):
        forget(old)


def forget(export: SiteExport) -> None:
    if export.file:
        try:
            private_storage().delete(export.file)
        except OSError as error:
            logger.warning("%s could not be deleted: %s", export.file, error)
            return
    export.delete()
