"""A font of our own, so that layouts do not depend on the fonts of a machine."""

import struct
from functools import cache

UNITS = 1000
FIRST, LAST = 0x20, 0x2044  # every Latin, Greek and Cyrillic letter, dashes and quotation marks


def _table(form: str, *values: int) -> bytes:
    return struct.pack(f">{form}", *values)


def _cmap() -> bytes:
    """Format 13: one glyph for all characters of a range, and one for missing characters."""
    group = _table("3I", FIRST, LAST, 1)
    return _table("2H2HI", 0, 1, 3, 10, 12) + _table("2H3I", 13, 0, 16 + len(group), 0, 1) + group


def _box(width: int) -> bytes:
    return (
        _table("5h", 1, 50, 0, width - 50, 700)
        + _table("2H", 3, 0)
        + b"\x01" * 4
        + _table("4h4h", 50, width - 100, 0, 100 - width, 0, 0, 700, 0)
    )


def _names() -> bytes:
    names = {1: "Test", 2: "Regular", 3: "Test", 4: "Test", 5: "Version 1", 6: "Test"}
    records, strings = b"", b""
    for number, name in names.items():
        encoded = name.encode("utf-16-be")
        records += _table("6H", 3, 1, 0x409, number, len(encoded), len(strings))
        strings += encoded
    return _table("3H", 0, len(names), 6 + 12 * len(names)) + records + strings


@cache
def make_font(width: int) -> bytes:
    """Return a monospaced TrueType font. width: in thousandths of the font size.

    The tables are those that the OpenType specification requires
    (https://learn.microsoft.com/typography/opentype/spec/otff).
    """
    glyphs = 2
    box = _box(width)
    tables = {
        b"OS/2": _table("HhHHH", 3, width, 400, 5, 0) + _table("11h", *[0] * 11) + bytes(10) + _table("4I", 1, 0, 0, 0) + b"TEST"
        + _table("3H5H", 64, FIRST, LAST, 800, 65336, 0, 800, 200) + _table("2I", 1, 0) + _table("2h3H", 500, 700, 0, 32, 0),
        b"cmap": _cmap(),
        b"glyf": box,
        b"head": _table("IIIIHHQQ4h2H3h", 0x10000, 0x10000, 0, 0x5F0F3CF5, 3, UNITS, 0, 0, 0, 0, width, 700, 0, 8, 2, 1, 0),
        b"hhea": _table("I3hH3h3h4hhH", 0x10000, 800, -200, 0, width, 0, 0, width, 1, 0, 0, 0, 0, 0, 0, 0, 1),
        b"hmtx": _table("Hh", width, 0) + _table("h", 0) * (glyphs - 1),
        b"loca": _table("I", 0) + _table("I", len(box)) * glyphs,
        b"maxp": _table("I14H", 0x10000, glyphs, 4, 1, 0, 0, 1, *[0] * 8),
        b"name": _names(),
        b"post": _table("Iihh5I", 0x30000, 0, 0, 0, 1, 0, 0, 0, 0),
    }  # fmt: skip
    offset = 12 + 16 * len(tables)
    directory, body = _table("I4H", 0x10000, len(tables), 128, 3, len(tables) * 16 - 128), b""
    for tag, content in tables.items():
        padded = content + bytes(-len(content) % 4)
        checksum = sum(struct.unpack(f">{len(padded) // 4}I", padded)) % 2**32
        directory += tag + _table("3I", checksum, offset + len(body), len(content))
        body += padded
    return directory + body
