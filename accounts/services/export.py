"""Data export: everything about a member in one ZIP file, as JSON and as a readable page, with pictures.

The apps define the contents: settings.DATA_PARTS names lists of `Part`. Each is read row by row, so many rows
take time but not memory. tests/accounts/test_exports.py fails if a table refers to members and no part covers
it.
"""

import json
import logging
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from itertools import islice
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, default_storage, storages
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.models import AccountDeletion, DataExport, User
from accounts.services.mails import send_mail_about
from core.models import SiteSettings
from core.utils.dates import date_format
from core.utils.locks import lock_row
from core.utils.ratelimit import check_rates

logger = logging.getLogger(__name__)

Row = dict[str, Any]
FOLDER = "exports"
# The stylesheets of the site that the exported page needs, concatenated.
STYLES = settings.BASE_DIR / "static" / "css"
STYLES_OF_A_PAGE = ("tokens", "base", "layout", "components", "content", "print")
ROWS_AT_ONCE = 200
# After this time, a file without a row was left by a killed worker, and a row without a file by a failed
# task.
SETTLES_AFTER = timedelta(hours=6)


@dataclass(frozen=True)
class Part:
    """One part of a member's data.

    rows: the contents of <key>.json; labels: the columns of the readable page, in this order; covers: the
    foreign keys to a member that the rows come from, as "app.Model.field"; files: names in the picture
    storage that belong to it. A row's "pictures" are such names too, and the page shows them.
    """

    key: str
    title: str | Promise
    rows: Callable[[User], Iterable[Row]]
    labels: Mapping[str, str | Promise]
    covers: frozenset[str]
    files: Callable[[User], Iterable[str]] = field(default=lambda member: [])


@cache
def all_parts() -> list[Part]:
    """The parts of all apps, in the order of settings.DATA_PARTS."""
    return [part for path in settings.DATA_PARTS for part in import_string(path)]


def private_storage() -> Storage:
    """The storage of files that no web server serves."""
    return storages["private"]


# --- requesting it --------------------------------------------------------------------


@transaction.atomic
def request_export(member: User) -> DataExport:
    """Request an export. While one is being created, further requests return the same one. Raises TooFast."""
    lock_row(User.objects, member.pk)
    waiting = DataExport.objects.filter(member=member, ready_at=None).first()
    if waiting is not None:
        return waiting
    check_rates(DataExport.objects.filter(member=member), settings.EXPORT_RATES, "asked_at")
    export = DataExport.objects.create(member=member)
    from accounts.tasks import make_data_export  # noqa: PLC0415 - tasks imports this module

    make_data_export.enqueue(export.pk)
    return export


def make_export(export_pk: int) -> bool:
    """Write the file and email the member. False if it exists already or the account was deleted."""
    export = (
        DataExport.objects.filter(pk=export_pk, ready_at=None, member__is_active=True)
        .select_related("member")
        .first()
    )
    if export is None:
        return False
    name = f"{FOLDER}/{uuid.uuid4().hex}.zip"
    try:
        with (
            tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as file,
            export.member.reading(),
        ):
            write_zip(export.member, file)
            size = file.tell()
            file.seek(0)
            name = private_storage().save(name, File(file))
    except OSError as error:  # a full disk, or unavailable object storage
        _give_up(export, name, error)
        return False
    with transaction.atomic():
        # Of two workers the first one wins; the other's file is swept.
        done = DataExport.objects.filter(pk=export_pk, ready_at=None).update(
            ready_at=timezone.now(), file=name, size=size
        )
        if done:
            export.refresh_from_db()
            send_mail_about("export_ready", to=export.member, export=export)
    if not done:
        private_storage().delete(name)
    return bool(done)


def _give_up(export: DataExport, name: str, error: OSError) -> None:
    """Tell the member, who can request again at once, and remove the partial file."""
    logger.error("A member's data could not be written to a file: %s", error)
    with suppress(OSError):
        private_storage().delete(name)
    with transaction.atomic():
        if DataExport.objects.filter(pk=export.pk, ready_at=None).delete()[0]:
            send_mail_about("export_failed", to=export.member)


def sweep_exports() -> int:
    """Delete expired files and leftovers of killed or failed tasks. Returns the number of files."""
    now, storage = timezone.now(), private_storage()
    old = DataExport.objects.filter(asked_at__lt=now - timedelta(days=settings.EXPORT_DAYS))
    stuck = DataExport.objects.filter(ready_at=None, asked_at__lt=now - SETTLES_AFTER)
    swept = sum(_discard(export) for export in [*old, *stuck])
    try:
        _folders, files = storage.listdir(FOLDER)
    except FileNotFoundError:
        return swept
    known = set(DataExport.objects.values_list("file", flat=True))
    for name in (f"{FOLDER}/{file}" for file in files):
        if name not in known and storage.get_modified_time(name) < now - SETTLES_AFTER:
            storage.delete(name)
            swept += 1
    return swept


def drop_exports(member: User, _deletion: AccountDeletion) -> int:
    """The step of account deletion that removes exports (accounts/services/deletion.py)."""
    return len([_discard(export) for export in DataExport.objects.filter(member=member)])


def _discard(export: DataExport) -> bool:
    # The file first: if the process is killed here, the row is found again.
    if export.file:
        private_storage().delete(export.file)
    DataExport.objects.filter(pk=export.pk).delete()
    return bool(export.file)


# --- the file -----------------------------------------------------------------------


def write_zip(member: User, file: IO[bytes]) -> None:
    """Write a member's data into a zip: a page to read, JSON files for programs, and their pictures."""
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        with archive.open("index.html", "w") as page:
            for piece in _page(member):
                page.write(piece.encode())
        archive.writestr(
            "style.css", "\n".join((STYLES / f"{name}.css").read_text("utf-8") for name in STYLES_OF_A_PAGE)
        )
        for part in all_parts():
            with archive.open(f"{part.key}.json", "w", force_zip64=True) as out:
                for piece in _json(part.rows(member)):
                    out.write(piece.encode())
        for name in sorted({name for part in all_parts() for name in part.files(member)}):
            _add_picture(archive, name)


def _json(rows: Iterable[Row]) -> Iterator[str]:
    before = "[\n"
    for row in rows:
        yield before + json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
        before = ",\n"
    yield "\n]\n" if before != "[\n" else "[]\n"


def _add_picture(archive: ZipFile, name: str) -> None:
    try:
        with (
            default_storage.open(name) as picture,
            archive.open(ZipInfo(picture_path(name)), "w", force_zip64=True) as out,
        ):
            for chunk in picture.chunks():
                out.write(chunk)
    except FileNotFoundError:  # deleted while the export was written
        return


def picture_path(name: str) -> str:
    """The path of a picture inside the archive."""
    return f"pictures/{name}"


# --- the page -------------------------------------------------------------------------


def _page(member: User) -> Iterator[str]:
    """The readable page, in chunks."""
    parts = all_parts()
    yield render_to_string(
        "accounts/export/head.html",
        {"member": member, "parts": parts, "site_name": SiteSettings.current().title, "now": timezone.now()},
    )
    for part in parts:
        rows = iter(part.rows(member))
        some = list(islice(rows, ROWS_AT_ONCE))
        yield render_to_string("accounts/export/part.html", {"part": part, "is_empty": not some})
        while some:
            yield render_to_string(
                "accounts/export/rows.html", {"rows": [_readable(part, row) for row in some]}
            )
            some = list(islice(rows, ROWS_AT_ONCE))
        yield "</section>\n"
    yield render_to_string("accounts/export/foot.html")


def _readable(part: Part, row: Row) -> dict[str, Any]:
    lines = [
        (label, _in_words(row.get(key)))
        for key, label in part.labels.items()
        if row.get(key) not in (None, "", [], False)
    ]
    return {"lines": lines, "pictures": [picture_path(name) for name in row.get("pictures", [])]}


def _in_words(value: Any) -> str:
    if value is True:
        return _("yes")
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, list | tuple):
        return "\n".join(map(_in_words, value))
    if isinstance(value, dict):
        return " · ".join(
            _in_words(inner) for inner in value.values() if inner not in (None, "", [], {}, False)
        )
    return str(value)
