"""ICC profiles of wide colour spaces, built by hand (ICC.1:2010), because Pillow can only create sRGB's."""

import struct

# The primaries as XYZ under D50, and the exponent of the curve.
P3_PRIMARIES = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
DISPLAY_P3 = P3_PRIMARIES, "srgb"  # as phones write it
P3_POWER = P3_PRIMARIES, 2.2
ADOBE_RGB = (
    ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)),
    2.19921875,
)
WHITE = (0.9642, 1.0, 0.8249)


def _fixed(number: float) -> bytes:
    return struct.pack(">i", round(number * 65536))


def _xyz(numbers: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(map(_fixed, numbers))


def _curve(power: float | str) -> bytes:
    if power == "srgb":
        return b"para\0\0\0\0\0\3\0\0" + b"".join(
            map(_fixed, (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
        )
    return b"curv\0\0\0\0\0\0\0\1" + struct.pack(">H", round(power * 256)) + b"\0\0"


def _text(words: str) -> bytes:
    return (
        b"mluc\0\0\0\0\0\0\0\1\0\0\0\x0cenUS"
        + struct.pack(">II", 2 * len(words), 28)
        + words.encode("utf-16-be")
    )


def _profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    table, body, place = b"", b"", 132 + 12 * len(tags)
    for name, data in tags.items():
        data += b"\0" * (-len(data) % 4)
        table += name + struct.pack(">II", place, len(data))
        body += data
        place += len(data)
    head = struct.pack(">I4sI4s4s4s", place, b"lcms", 0x04300000, b"mntr", space, b"XYZ ") + struct.pack(
        ">6H", 2024, 1, 1, 0, 0, 0
    )
    head += b"acsp" + bytes(28) + b"".join(map(_fixed, WHITE))
    return head + bytes(128 - len(head)) + struct.pack(">I", len(tags)) + table + body


def rgb_profile(space: tuple[tuple[tuple[float, ...], ...], float | str]) -> bytes:
    primaries, power = space
    colours = {
        name: _xyz(colour) for name, colour in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)
    }
    curves = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _curve(power))
    return _profile(
        b"RGB ", {b"desc": _text("wide"), b"cprt": _text("none"), b"wtpt": _xyz(WHITE), **colours, **curves}
    )


def grey_profile(power: float) -> bytes:
    return _profile(
        b"GRAY",
        {b"desc": _text("grey"), b"cprt": _text("none"), b"wtpt": _xyz(WHITE), b"kTRC": _curve(power)},
    )
