"""Pictures that people upload: looked at before they are decoded, re-encoded before they are kept.

What is stored was drawn by us, pixel by pixel, as WebP: no metadata, no second file hidden behind the picture.
"""

import uuid
import warnings
from io import BytesIO
from typing import IO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

# Only these may reach a decoder. SVG, EPS, TIFF, PDF and kin never do.
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
LONGEST_SIDE = 20_000
QUALITY = 82


def _open(upload: IO[bytes]) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is lower
            return Image.open(upload, formats=FORMATS)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise ValidationError(_("This is not a picture we can read. Choose a JPEG, PNG, GIF or WebP file."), code="unreadable") from error


def clean_picture(upload: IO[bytes], *, size: tuple[int, int], crop: bool = False) -> ContentFile:
    """The upload as a WebP file of at most `size` pixels, with a random name.

    Orientation is applied, all metadata dropped, an animation reduced to its first frame. With `crop` the picture
    is cut from its middle to exactly that shape (but never enlarged).

    Raises ValidationError, in words for the person who chose the file, when it is too large in bytes or pixels, or
    not one of FORMATS, or broken.
    """
    if getattr(upload, "size", 0) > settings.PICTURE_MAX_BYTES:
        raise ValidationError(
            _("The picture is %(size)d MB. Choose one under %(limit)d MB."),
            code="too_many_bytes",
            params={"size": -(-upload.size // 2**20), "limit": settings.PICTURE_MAX_BYTES // 2**20},  # type: ignore[attr-defined]
        )
    upload.seek(0)
    picture = _open(upload)
    width, height = picture.size
    if width * height > settings.PICTURE_MAX_PIXELS or max(width, height) > LONGEST_SIDE or min(width, height) < 1:
        raise ValidationError(
            _("The picture measures %(width)d × %(height)d. Choose one under %(limit)d million pixels."),
            code="too_many_pixels",
            params={"width": width, "height": height, "limit": settings.PICTURE_MAX_PIXELS // 1_000_000},
        )
    try:
        picture.draft("RGB", (size[0] * 2, size[1] * 2))  # JPEG only: decodes no more than is needed
        picture.load()
        picture = ImageOps.exif_transpose(picture)
        picture = picture.convert("RGBA" if picture.mode in {"RGBA", "LA", "PA", "P"} or "transparency" in picture.info else "RGB")
        if crop:
            side = (min(size[0], *picture.size), min(size[1], *picture.size))
            picture = ImageOps.fit(picture, side, Image.Resampling.LANCZOS)
        else:
            picture.thumbnail(size, Image.Resampling.LANCZOS)
        out = BytesIO()
        picture.save(out, "WEBP", quality=QUALITY, method=4, exif=b"", icc_profile=b"", xmp=b"")
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError, IndexError, KeyError, TypeError) as error:
        raise ValidationError(_("This picture is damaged. Open it and save it again, or choose another."), code="damaged") from error
    return ContentFile(out.getvalue(), name=f"{uuid.uuid4().hex}.webp")
