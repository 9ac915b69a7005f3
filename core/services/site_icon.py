"""The site's logo: makes all sizes that browsers, phones and bookmarks need from one picture."""

import secrets
from io import BytesIO
from typing import IO

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _
from PIL import Image

from core.models.site import ICON_SIZES, icon_name
from core.utils.images import CropBox, clean_picture_set

SMALLEST = 128
ICO_SIZES = [(16, 16), (32, 32), (48, 48)]


def make_icons(upload: IO[bytes]) -> dict[str, bytes]:
    """File contents by size ("32", "180" …: PNG; "ico"). The picture is cropped to a square in its middle.

    Raises ValidationError with a message for the user.
    """
    largest = max(ICON_SIZES)
    drawn = clean_picture_set(upload, size=(largest, largest), widths=(), plain_width=largest, cut=CropBox())
    if drawn.width < SMALLEST:
        raise ValidationError(
            _("The picture is only %(width)d pixels wide. Choose one of at least %(least)d × %(least)d."),
            code="too_small",
            params={"width": drawn.width, "least": SMALLEST},
        )
    with Image.open(BytesIO(drawn.plain)) as opened:
        picture = opened.convert("RGBA")
    files = {}
    for size in ICON_SIZES:
        out = BytesIO()
        picture.resize((size, size), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
        files[str(size)] = out.getvalue()
    out = BytesIO()
    picture.save(out, "ICO", sizes=ICO_SIZES)
    return files | {"ico": out.getvalue()}


def store_icons(files: dict[str, bytes]) -> str:
    """Store the files of make_icons. Returns the key for SiteSettings.icon.

    Earlier ones stay, for an undo.
    """
    key = secrets.token_hex(8)
    for size, content in files.items():
        default_storage.save(icon_name(key, size), ContentFile(content))
    return key
