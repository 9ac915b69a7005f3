"""Uploaded pictures: inspected before they are decoded, encoded again before they are stored.

Stored files are encoded from the pixels, as WebP (and JPEG or PNG as well for pictures in comments): no
metadata, and no second file hidden behind the picture.
"""

import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _
from PIL import ExifTags, Image, UnidentifiedImageError

from core.utils.colours import in_srgb
from core.utils.image_decoding import decode, is_too_heavy, most_pixels, room_for

# Only these may reach a decoder; never SVG, EPS, TIFF, PDF and the like.
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
LONGEST_SIDE = 20_000
QUALITY = 82
ORIENTATION = ExifTags.Base.Orientation
# How to rotate a picture according to Exif (Exif 2.3, "Orientation").
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _open(upload: IO[bytes]) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # "decompression bomb": our own limit is lower; "corrupt EXIF": we keep none
            return Image.open(upload, formats=FORMATS)
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
    ) as error:
        raise ValidationError(
            _("This isn’t a picture we can read. Choose a JPEG, PNG, GIF or WebP file."), code="unreadable"
        ) from error


@dataclass(frozen=True)
class CropBox:
    """Which part of a picture is kept when it is cropped: the middle, unless another part was chosen.

    x, y: the position of the part, from 0 (left, top) to 1 (right, bottom); zoom: additional magnification.
    """

    x: float = 0.5
    y: float = 0.5
    zoom: float = 1.0

    def box(self, picture: tuple[int, int], shape: tuple[int, int]) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the part, in pixels of the picture."""
        width = min(picture[0], picture[1] * shape[0] / shape[1]) / self.zoom
        height = width * shape[1] / shape[0]
        left, top = (picture[0] - width) * self.x, (picture[1] - height) * self.y
        return left, top, min(left + width, picture[0]), min(top + height, picture[1])


@dataclass(frozen=True)
class PictureSet:
    """A picture in several widths (pixels) as WebP, and a file that every program can show.

    All newly encoded.
    """

    width: int
    height: int
    webp: dict[int, bytes]
    plain: bytes
    plain_format: str  # "jpg", or "png" if it has transparency


def clean_picture(upload: IO[bytes], *, size: tuple[int, int], crop: bool | CropBox = False) -> ContentFile:
    """The upload as a WebP file of at most `size` pixels, with a random name.

    Orientation is applied, all metadata dropped, an animation reduced to its first frame. With `crop` the
    picture is cropped to exactly that shape (but never enlarged): in its middle, or as a CropBox says.

    Raises ValidationError with a message for the user if it is too large in bytes or pixels, not one of
    FORMATS, or broken.
    """
    cut = (crop if isinstance(crop, CropBox) else CropBox()) if crop else None
    picture = _open_checked(upload)
    with _damage_refused(), room_for(picture):
        return ContentFile(
            _encoded(_redraw(picture, size, cut), "WEBP"),
            name=f"{uuid.uuid4().hex}.webp",
        )


def clean_picture_set(
    upload: IO[bytes],
    *,
    size: tuple[int, int],
    widths: tuple[int, ...],
    plain_width: int,
    cut: CropBox | None = None,
) -> PictureSet:
    """The upload as encoded by clean_picture, in its own width and those of `widths` that are smaller.

    plain_width: the width of the file for programs without WebP; cut: crop to the shape of `size`. Raises
    ValidationError like clean_picture.
    """
    picture = _open_checked(upload)
    with _damage_refused(), room_for(picture):
        largest = _redraw(picture, size, cut)
        if largest.mode == "RGBA" and largest.getchannel("A").getextrema() == (255, 255):
            largest = largest.convert("RGB")
        all_widths = [*(width for width in widths if width < largest.width), largest.width]
        has_holes = largest.mode == "RGBA"
        return PictureSet(
            width=largest.width,
            height=largest.height,
            webp={width: _encoded(_narrowed(largest, width), "WEBP") for width in all_widths},
            plain=_encoded(_narrowed(largest, plain_width), "PNG" if has_holes else "JPEG"),
            plain_format="png" if has_holes else "jpg",
        )


@contextmanager
def _damage_refused() -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # as above
            yield
    except Exception as error:  # decoders have exceptions of their own; any of them means "damaged"
        raise ValidationError(
            _("This picture is damaged. Open and save it again, or choose another."), code="damaged"
        ) from error


def _too_many_bytes(size: int) -> ValidationError:
    return ValidationError(
        _(
            "The picture is %(size)d MB. Choose a JPEG under %(jpeg_limit)d MB, or another kind under %(limit)d MB."
        ),
        code="too_many_bytes",
        params={
            "size": -(-size // 2**20),
            "jpeg_limit": settings.PICTURE_MAX_JPEG_BYTES // 2**20,
            "limit": settings.PICTURE_MAX_BYTES // 2**20,
        },
    )


def _open_checked(upload: IO[bytes]) -> Image.Image:
    """Open a picture if its header is acceptable."""
    size = getattr(upload, "size", 0)
    if size > settings.PICTURE_MAX_JPEG_BYTES:
        raise _too_many_bytes(size)
    upload.seek(0)
    picture = _open(upload)
    if picture.format != "JPEG" and size > settings.PICTURE_MAX_BYTES:
        raise _too_many_bytes(size)
    width, height = picture.size
    limit = most_pixels(picture)
    if width * height > limit or max(width, height) > LONGEST_SIDE or min(width, height) < 1:
        raise ValidationError(
            _("The picture is %(width)d × %(height)d. Choose one under %(limit)d million pixels."),
            code="too_many_pixels",
            params={"width": width, "height": height, "limit": limit // 1_000_000},
        )
    if is_too_heavy(picture):
        raise ValidationError(
            _(
                "This picture is too large for its kind (progressive JPEG). Save it as an ordinary JPEG, or make it smaller."
            ),
            code="too_many_pixels",
        )
    return picture


def _redraw(upload: Image.Image, size: tuple[int, int], cut: CropBox | None) -> Image.Image:
    orientation, profile = upload.getexif().get(ORIENTATION, 1), upload.info.get("icc_profile")
    enough = round(2 * max(size) * (cut.zoom if cut else 1))
    picture = decode(upload, (enough, enough))
    if orientation in TURNS:
        picture = picture.transpose(TURNS[orientation])
    if cut:
        box = cut.box(picture.size, size)
        scale = min(1, (box[2] - box[0]) / size[0])
        picture = picture.resize(
            (max(1, round(size[0] * scale)), max(1, round(size[1] * scale))),
            Image.Resampling.LANCZOS,
            box=box,
        )
    else:
        picture.thumbnail(size, Image.Resampling.LANCZOS)
    return in_srgb(picture, profile)


def _narrowed(picture: Image.Image, width: int) -> Image.Image:
    if width >= picture.width:
        return picture
    return picture.resize(
        (width, max(1, round(picture.height * width / picture.width))), Image.Resampling.LANCZOS
    )


def _encoded(picture: Image.Image, image_format: str) -> bytes:
    picture.info = {}  # which Pillow would copy from the upload by default
    options: dict[str, dict[str, object]] = {
        "WEBP": {"quality": QUALITY, "method": 4, "exif": b"", "icc_profile": b"", "xmp": b""},
        "JPEG": {"quality": QUALITY, "optimize": True, "progressive": True},
        "PNG": {"optimize": True},
    }
    out = BytesIO()
    picture.save(out, image_format, **options[image_format])
    return out.getvalue()
