"""Decodes large pictures in limited memory: scaled while decoding, in strips, and one at a time per machine.

Measured memory of Pillow: 4 bytes per pixel (1 with a palette); 16 for WebP, whose decoder keeps the canvas
twice and copies it twice. A JPEG is decoded at 1/2, 1/4 or 1/8 ("draft"), so it may be twice as large. One
with several passes ("progressive") is first kept whole, 2 bytes per sample (docs/decisions/0052).
"""

import fcntl
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from django.conf import settings
from PIL import Image, JpegImagePlugin

# Pictures with more pixels are decoded one at a time.
LARGE = 12_000_000
# A JPEG is decoded to at most so many pixels, and pictures are resampled from at most so many.
MAX_DECODED = 25_000_000
MAX_RESAMPLED = 12_500_000
# The memory for decoding in bytes, of which the passes of a JPEG must leave some for its pixels.
MEMORY = 330_000_000
STRIP_ROWS = 256

_one_at_a_time = threading.Lock()


def most_pixels(picture: Image.Image) -> int:
    if picture.format == "JPEG":
        return settings.PICTURE_MAX_JPEG_PIXELS
    return settings.PICTURE_MAX_WEBP_PIXELS if picture.format == "WEBP" else settings.PICTURE_MAX_PIXELS


def is_too_heavy(picture: Image.Image) -> bool:
    """Whether its passes alone would exceed the memory limit."""
    return MEMORY - _bytes_of_passes(picture) < 4 * picture.width * picture.height / 8**2


@contextmanager
def room_for(picture: Image.Image) -> Iterator[None]:
    """Wait until no other thread or process here decodes a large picture. Small ones don't wait."""
    if picture.width * picture.height <= LARGE:
        yield
        return
    with _one_at_a_time, _lock_file() as file:
        if file is not None:
            fcntl.flock(file, fcntl.LOCK_EX)  # released when the file is closed or its process dies
        yield


@contextmanager
def _lock_file() -> Iterator[IO[bytes] | None]:
    """The lock file.

    None if it cannot be written, as in some containers; then only threads of a process wait.
    """
    try:
        file = (settings.VAR_DIR / "large-picture.lock").open("wb")
    except OSError:
        yield None
        return
    with file:
        yield file


def decode(picture: Image.Image, enough: tuple[int, int]) -> Image.Image:
    """Decode the picture for resampling, smaller if it is much larger than `enough` (pixels).

    Raises whatever the decoder raises. The original object can no longer be used.
    """
    width, height = picture.size
    room = min(MAX_DECODED, (MEMORY - _bytes_of_passes(picture)) // 4)
    scale = next((power for power in (1, 2, 4) if width * height <= room * power**2), 8)
    picture.draft(
        "RGB", (max(1, min(enough[0], width // scale)), max(1, min(enough[1], height // scale)))
    )  # JPEG only
    picture.load()
    factor = max(1, min(picture.width // enough[0], picture.height // enough[1]))
    return _in_strips(
        picture, max(factor, math.ceil(math.sqrt(picture.width * picture.height / MAX_RESAMPLED)))
    )


def _in_strips(picture: Image.Image, factor: int) -> Image.Image:
    """The picture at 1/factor, computed in strips, so that no second copy of all its pixels is needed."""
    width, height = math.ceil(picture.width / factor), math.ceil(picture.height / factor)
    out = None
    for top in range(0, picture.height, STRIP_ROWS * factor):
        strip = _plain_mode(
            picture.crop((0, top, picture.width, min(top + STRIP_ROWS * factor, picture.height)))
        )
        strip = strip.reduce(factor) if factor > 1 else strip
        out = out or Image.new(strip.mode, (width, height))
        out.paste(strip, (0, top // factor))
    assert out is not None  # noqa: S101 - a picture has a row
    picture.close()
    return out


def _plain_mode(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):  # 16-bit grey: Pillow would clip it at 255
        return picture.convert("I").point(lambda grey: grey * (1 / 257)).convert("L")
    if picture.mode in {"RGBA", "LA", "PA", "P"} or "transparency" in picture.info:
        return picture.convert("RGBA")
    return picture if picture.mode in {"RGB", "L", "CMYK"} else picture.convert("RGB")


def _bytes_of_passes(picture: Image.Image) -> int:
    """The memory that libjpeg needs for a JPEG in several passes; 0 for a single pass."""
    if not isinstance(picture, JpegImagePlugin.JpegImageFile) or not _comes_in_passes(picture):
        return 0
    most_across, most_down = (
        max(layer[1] for layer in picture.layer),
        max(layer[2] for layer in picture.layer),
    )
    samples = sum(layer[1] * layer[2] for layer in picture.layer) / (most_across * most_down)
    return int(2 * picture.width * picture.height * samples)


def _comes_in_passes(picture: JpegImagePlugin.JpegImageFile) -> bool:
    """Whether a JPEG has several passes: it is progressive, or has one scan per colour.

    The header of the first scan tells for how many colours it is (ITU-T T.81, B.2.3). Pillow reads it when it
    opens a picture.
    """
    if "progressive" in picture.info or picture.fp is None:
        return True
    colours, length = len(picture.layer), 8 + 2 * len(picture.layer)
    end = picture.fp.tell()
    picture.fp.seek(max(end - length, 0))
    header = picture.fp.read(length)
    picture.fp.seek(end)
    return header[:5] != b"\xff\xda" + (length - 2).to_bytes(2, "big") + bytes([colours])
