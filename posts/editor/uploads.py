"""Stores files uploaded for posts: pictures in several widths, recordings and other files unchanged."""

import hashlib
import uuid
from contextlib import suppress
from pathlib import PurePath
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from core.utils.files import room_for
from core.utils.images import PictureSet, clean_picture_set
from core.utils.text import one_line, storable
from posts.models.editing import Upload

LARGEST = (2400, 2400)
SAID_OF_KIND = {Upload.Kind.AUDIO: "recording", Upload.Kind.FILE: "file"}
WIDTHS = (480, 960, 1600)
PLAIN_WIDTH = 1600
# Allowed magic numbers by extension. No format that a browser would run: no HTML, SVG or script.
ZIP = (b"PK\x03\x04",)
TEXT: tuple[bytes, ...] = ()
FILES: dict[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",),
    **dict.fromkeys(("docx", "xlsx", "pptx", "odt", "ods", "odp", "epub", "zip"), ZIP),
    **dict.fromkeys(("txt", "csv", "ics", "gpx"), TEXT),
}
AUDIO: dict[str, tuple[bytes, ...]] = {
    "mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa"),
    "m4a": (b"",),
    **dict.fromkeys(("ogg", "oga", "opus"), (b"OggS",)),
    "wav": (b"RIFF",),
    "flac": (b"fLaC",),
}
# Brands of HEIC and AVIF files (ISO/IEC 23008-12). Phones produce HEIC; most browsers cannot show it.
PHONE_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif"}


def add_upload(file: UploadedFile, *, by: User | None, alt: str = "") -> Upload:
    """Store a file of any type that posts may contain. The same bytes again return the existing upload.

    Raises ValidationError, with a message for the person who chose the file.
    """
    extension = PurePath(file.name or "").suffix.lower().lstrip(".")
    if extension in AUDIO or extension in FILES:
        kind = Upload.Kind.AUDIO if extension in AUDIO else Upload.Kind.FILE
        return _add_file(file, kind, extension, by=by)
    return add_picture(file, by=by, alt=alt, title=file.name or "")


def html_of(upload: Upload) -> SafeString:
    """The HTML that shows an upload in the body of a post, as the editor writes it."""
    if upload.is_picture:
        return format_html(
            '<figure><img src="{}" alt="{}" width="{}" height="{}"></figure>',
            upload.file.url,
            upload.alt,
            upload.width,
            upload.height,
        )
    if upload.kind == Upload.Kind.AUDIO:
        return format_html('<figure class="audio"><audio src="{}"></audio></figure>', upload.file.url)
    return format_html('<p><a class="file" href="{}" download="">{}</a></p>', upload.file.url, upload.title)


def add_picture(
    file: IO[bytes],
    *,
    by: User | None,
    alt: str = "",
    title: str = "",
    source_url: str = "",
    kind: Upload.Kind = Upload.Kind.PICTURE,
) -> Upload:
    """Store a picture in several widths. Raises ValidationError."""
    digest = _digest(file)
    if (twin := Upload.objects.filter(kind=kind, digest=digest).first()) is not None:
        return twin
    _refuse_phone_formats(file)
    drawn = clean_picture_set(file, size=LARGEST, widths=WIDTHS, plain_width=PLAIN_WIDTH)
    widths = "_".join(map(str, drawn.webp))
    upload = Upload(
        kind=kind,
        file=f"posts/{uuid.uuid4().hex}_{widths}.{drawn.plain_format}",
        title=_title(title) or _("Picture"),
        alt=one_line(storable(alt))[:250],
        width=drawn.width,
        height=drawn.height,
        size=getattr(file, "size", 0) or len(drawn.plain),
        digest=digest,
        source_url=source_url[:2000],
        uploaded_by=by,
    )
    return _stored(upload, lambda: _write_picture(upload, drawn))


def check_recording(file: UploadedFile) -> str:
    """The extension of an audio or video file allowed in posts.

    ValidationError for others and for large ones.
    """
    extension = PurePath(file.name or "").suffix.lower().lstrip(".")
    if extension not in AUDIO:
        raise ValidationError(
            _("Choose a recording as an MP3, M4A, Ogg, WAV or FLAC file."), code="no_recording"
        )
    _check_size(file)
    _check_contents(file, extension)
    return extension


def _check_size(file: UploadedFile) -> None:
    limit = settings.POST_FILE_MAX_BYTES
    if (file.size or 0) > limit:
        raise ValidationError(
            _("The file is %(size)d MB. Choose one under %(limit)d MB."),
            code="too_many_bytes",
            params={"size": -(-(file.size or 0) // 2**20), "limit": limit // 2**20},
        )


def _add_file(file: UploadedFile, kind: Upload.Kind, extension: str, *, by: User | None) -> Upload:
    _check_size(file)
    _check_contents(file, extension)
    digest = _digest(file)
    if (twin := Upload.objects.filter(kind=kind, digest=digest).first()) is not None:
        return twin
    upload = Upload(
        kind=kind,
        file=f"posts/{uuid.uuid4().hex}.{extension}",
        title=_title(file.name or "") or f"file.{extension}",
        size=file.size or 0,
        digest=digest,
        uploaded_by=by,
    )
    return _stored(upload, lambda: default_storage.save(upload.file.name or "", file))


def _stored(upload: Upload, write_files: Any) -> Upload:
    """Save the row before the files, so that a killed process leaves no file without a row.

    Of two simultaneous uploads one wins.
    """
    try:
        with transaction.atomic():
            upload.save()
    except IntegrityError:
        return Upload.objects.get(kind=upload.kind, digest=upload.digest)
    try:
        with room_for(SAID_OF_KIND.get(Upload.Kind(upload.kind), "picture")):
            write_files()
    except ValidationError:
        for name in upload.file_names():
            with suppress(OSError):
                default_storage.delete(name)
        upload.delete()
        raise
    return upload


def _write_picture(upload: Upload, drawn: PictureSet) -> None:
    names = upload.file_names()
    default_storage.save(names[0], ContentFile(drawn.plain))
    for name, content in zip(names[1:], drawn.webp.values(), strict=True):
        default_storage.save(name, ContentFile(content))


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(1024 * 1024):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _title(name: str) -> str:
    return one_line("".join(char for char in name if char.isprintable()))[:200]


def _refuse_phone_formats(file: IO[bytes]) -> None:
    head = file.read(12)
    file.seek(0)
    if head[4:8] == b"ftyp" and head[8:12] in PHONE_BRANDS:
        raise ValidationError(
            _(
                "This is a HEIC or AVIF picture, a format that phones use. Save or share it as a JPEG, and choose that file."
            ),
            code="phone_format",
        )


def _check_contents(file: IO[bytes], extension: str) -> None:
    """Raise ValidationError if the contents of a file do not match its extension."""
    beginnings = (AUDIO | FILES)[extension]
    file.seek(0)
    head = file.read(4096)
    file.seek(0)
    if beginnings == TEXT:
        fits = b"\x00" not in head and b"<script" not in head.lower()
    elif extension == "m4a":
        fits = head[4:8] == b"ftyp"
    else:
        fits = head.startswith(beginnings)
    if not fits:
        raise ValidationError(
            _(
                "This file isn’t what its name says (.%(extension)s). Open and save it again, or choose another."
            ),
            code="not_what_it_says",
            params={"extension": extension},
        )
