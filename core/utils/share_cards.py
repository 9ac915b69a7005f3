"""Draws the picture that other sites and messengers show beside a shared link: title, site, colour, picture.

1200 × 630 pixels, a shape that most of them don't crop. Characters without a glyph (emoji, scripts without a
font here, docs/configuration.md: CARD_FONTS) are left out; if nothing is left, the site's name is the title.
"""

import math
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont, ImageOps, features

SIZE = (1200, 630)
QUALITY = 88
# Increase it when the design changes.
DESIGN = 1

MARGIN, BAND = 72, 24
PICTURE_WIDTH = 440
PAPER, INK, SOFT = (251, 248, 242), (42, 36, 30), (101, 90, 78)  # static/css/tokens.css
TITLE_SIZES = (76, 64, 54, 46)
TITLE_HEIGHT = 340
LINE_HEIGHT = 1.22
MAX_LINES = 6
MAX_CHARACTERS = 240
OWN_FONT = Path(__file__).parent.parent / "fonts" / "DejaVuSans-Bold.ttf"
# It has no glyph, so every font draws its own "missing".
NO_CHARACTER = "\uffff"
RIGHT_TO_LEFT = {"R", "AL"}


class Card(NamedTuple):
    """What is drawn. picture: a name in the storage of pictures, or ""."""

    title: str
    site: str
    hue: int
    subtitle: str = ""
    picture: str = ""

    @property
    def version(self) -> str:
        """A hash that changes whenever the drawing does."""
        facts = repr((DESIGN, *self)).encode("utf-8", "replace")
        return blake2b(facts, digest_size=8).hexdigest()


def draw(card: Card, picture: Image.Image | None = None) -> bytes:
    """The card as JPEG. picture: the opened file named by `card.picture`."""
    canvas = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(canvas)
    accent = oklch(0.48, 0.12, card.hue)
    pen.rectangle((0, 0, BAND, SIZE[1]), fill=accent)
    right = SIZE[0] - MARGIN
    if picture is not None:
        canvas.paste(_cut(picture), (SIZE[0] - PICTURE_WIDTH, 0))
        right = SIZE[0] - PICTURE_WIDTH - MARGIN // 2
    area = (BAND + MARGIN, right)
    has_title = bool(font_for(card.title, TITLE_SIZES[0])[1])
    top = _write_title(pen, card.title if has_title else card.site, area)
    if card.subtitle:
        _write(pen, card.subtitle, 32, area, top + 20, SOFT, most=2)
    pen.rounded_rectangle((area[0], 508, area[0] + 96, 516), radius=4, fill=accent)
    _write(pen, card.site, 34, area, 532, accent, most=1)
    out = BytesIO()
    canvas.save(out, "JPEG", quality=QUALITY, optimize=True, subsampling=0)
    return out.getvalue()


def _cut(picture: Image.Image) -> Image.Image:
    shape = (PICTURE_WIDTH, SIZE[1])
    picture.draft("RGB", (2 * shape[0], 2 * shape[1]))  # JPEG only
    cut = ImageOps.fit(picture.convert("RGBA"), shape, Image.Resampling.LANCZOS)
    sheet = Image.new("RGB", shape, PAPER)
    sheet.paste(cut, mask=cut.getchannel("A"))
    return sheet


def _write_title(pen: ImageDraw.ImageDraw, title: str, area: tuple[int, int]) -> int:
    """Draw the title in the largest size that fits. Returns where it ends."""
    for size in TITLE_SIZES:
        most = min(MAX_LINES, int(TITLE_HEIGHT // (size * LINE_HEIGHT)))
        font, text = font_for(title, size)
        if size == TITLE_SIZES[-1] or len([*_lines(text, font, area[1] - area[0])]) <= most:
            return _write(pen, title, size, area, MARGIN, INK, most=most)
    raise AssertionError  # the smallest size always returns


def _write(
    pen: ImageDraw.ImageDraw,
    text: str,
    size: int,
    area: tuple[int, int],
    top: int,
    fill: tuple[int, int, int],
    *,
    most: int,
) -> int:
    """Draw at most `most` lines from `top` on. The last one ends in an ellipsis if more would follow."""
    font, text = font_for(text, size)
    lines = [*_lines(text, font, area[1] - area[0])]
    if len(lines) > most:
        lines = [*lines[: most - 1], _shortened(lines[most - 1], font, area[1] - area[0])]
    begins_right = _is_right_to_left(text)
    for line in lines:
        x = area[1] if begins_right else area[0]
        pen.text((x, top), line, font=font, fill=fill, anchor="ra" if begins_right else "la")
        top += round(size * LINE_HEIGHT)
    return top


def _lines(text: str, font: ImageFont.FreeTypeFont, width: int) -> Iterator[str]:
    """Break the text between words; words too long for a line, and text without spaces, anywhere."""
    line = ""
    for word in text.split():
        wider = f"{line} {word}".strip()
        if font.getlength(wider) <= width:
            line = wider
            continue
        if line:
            yield line
        line = word
        while font.getlength(line) > width:
            fitting = _longest_that_fits(line, font, width)
            yield line[:fitting]
            line = line[fitting:]
    if line:
        yield line


def _longest_that_fits(word: str, font: ImageFont.FreeTypeFont, width: int) -> int:
    """How many characters fit; at least one."""
    low, high = 1, len(word)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if font.getlength(word[:middle]) <= width else (low, middle - 1)
    while low > 1 and unicodedata.combining(word[low]) and low < len(word) - 1:
        low -= 1
    return low


def _shortened(line: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    while line and font.getlength(f"{line}…") > width:
        line = line[:-1].rstrip()
    return f"{line}…"


def _is_right_to_left(text: str) -> bool:
    """Whether its first letter belongs to a right-to-left script."""
    strong = (unicodedata.bidirectional(char) for char in text)
    return next((kind in RIGHT_TO_LEFT for kind in strong if kind in {"L", *RIGHT_TO_LEFT}), False)


def font_for(text: str, size: int) -> tuple[ImageFont.FreeTypeFont, str]:
    """The font that draws most of the text, and the text without what it cannot draw."""
    text = " ".join(unicodedata.normalize("NFC", text)[:MAX_CHARACTERS].split())
    if not features.check("raqm"):  # it would be drawn in the wrong order
        text = "".join(char for char in text if unicodedata.bidirectional(char) not in RIGHT_TO_LEFT)
    drawn = ((path, "".join(char for char in text if _has_glyph(path, char))) for path in _fonts())
    path, rest = max(drawn, key=lambda one: len(one[1]))
    return _font(path, size), " ".join(rest.split())


@cache
def _fonts() -> tuple[str, ...]:
    """Our font first, so that it is used if others draw no more."""
    return (str(OWN_FONT), *(path for path in settings.CARD_FONTS if Path(path).is_file()))


@lru_cache(maxsize=20)
def _font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


@lru_cache(maxsize=5_000)
def _has_glyph(path: str, char: str) -> bool:
    if char == " ":
        return True
    # Neither invisible joiners and direction marks, nor private use characters.
    if unicodedata.category(char) in {"Cc", "Cf", "Cn", "Co", "Cs"}:
        return False
    font = _font(path, 32)
    return _drawn(font, char) != _drawn(font, NO_CHARACTER)


def _drawn(font: ImageFont.FreeTypeFont, char: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(char)
    return mask.size, bytes(mask)


def oklch(lightness: float, chroma: float, hue: float) -> tuple[int, int, int]:
    """An OKLCH colour of our stylesheets in sRGB, 0 to 255, clipped.

    See https://bottosson.github.io/posts/oklab/.
    """
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    l_, m_, s_ = (
        (lightness + p * a + q * b) ** 3
        for p, q in (
            (0.3963377774, 0.2158037573),
            (-0.1055613458, -0.0638541728),
            (-0.0894841775, -1.2914855480),
        )
    )
    linear = (
        4.0767416621 * l_ - 3.3077115913 * m_ + 0.2309699292 * s_,
        -1.2684380046 * l_ + 2.6097574011 * m_ - 0.3413193965 * s_,
        -0.0041960863 * l_ - 0.7034186147 * m_ + 1.7076147010 * s_,
    )
    red, green, blue = (round(255 * _gamma(min(max(value, 0), 1))) for value in linear)
    return red, green, blue


def _gamma(value: float) -> float:
    """The transfer function of sRGB (IEC 61966-2-1)."""
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
