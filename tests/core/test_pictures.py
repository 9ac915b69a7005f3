"""Uploaded images are re-encoded: valid ones are accepted, hostile ones do no harm, metadata is removed."""

import struct
import zlib
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, PngImagePlugin

from core.utils.images import clean_picture

AVATAR = (512, 512)


def upload(content: bytes, name: str = "picture") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def saved(picture: Image.Image, image_format: str, **options: object) -> bytes:
    out = BytesIO()
    picture.save(out, image_format, **options)
    return out.getvalue()


def opened(content: bytes, **options: object) -> Image.Image:
    cleaned = clean_picture(upload(content), size=AVATAR, **options)
    picture = Image.open(cleaned)
    picture.load()
    assert picture.format == "WEBP"
    return picture


def refusal(content: bytes) -> str:
    with pytest.raises(ValidationError) as error:
        clean_picture(upload(content), size=AVATAR)
    assert error.value.messages[0].endswith(".")
    return error.value.code


def png(width: int, height: int, data: bytes = b"", *chunks: tuple[bytes, bytes]) -> bytes:
    """Return a PNG file built by hand, with any size and any chunks."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + header
        + b"".join(chunk(*pair) for pair in chunks)
        + chunk(b"IDAT", zlib.compress(data))
        + chunk(b"IEND", b"")
    )


def bomb(millions: int) -> bytes:
    """Return zlib's output for that many million identical bytes, without the time of compressing them."""
    packer, million = zlib.compressobj(wbits=-15), b"a" * 1_000_000
    one = packer.compress(million) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 1
    for _ in range(millions):
        checksum = zlib.adler32(million, checksum)
    return b"\x78\x9c" + one * millions + b"\x03\x00" + struct.pack(">I", checksum)


BOMB = bomb(200)
RED = Image.new("RGB", (60, 40), (200, 30, 30))


@pytest.mark.parametrize(
    "content",
    [
        saved(RED, "JPEG"),
        saved(RED, "JPEG", progressive=True),
        saved(RED.convert("L"), "JPEG"),
        saved(RED.convert("CMYK"), "JPEG"),
        saved(RED, "PNG"),
        saved(RED.convert("RGBA"), "PNG"),
        saved(RED.convert("P"), "PNG"),
        saved(RED.convert("P"), "PNG", transparency=0),
        saved(RED.convert("L"), "PNG"),
        saved(RED.convert("LA"), "PNG"),
        saved(RED.convert("1"), "PNG"),
        saved(Image.new("I;16", (60, 40), 40_000), "PNG"),
        saved(RED, "GIF"),
        saved(RED, "WEBP"),
        saved(RED.convert("RGBA"), "WEBP", lossless=True),
    ],
    ids=["jpeg", "progressive", "grey jpeg", "cmyk", "png", "rgba", "palette", "palette with a hole", "grey", "grey alpha", "one bit", "16 bit", "gif", "webp", "lossless"],
)  # fmt: skip
def test_honest_pictures_are_taken(content):
    assert opened(content).size == (60, 40)


def test_the_name_says_nothing_of_who_and_what():
    names = {
        clean_picture(upload(saved(RED, "PNG"), "../../Nora on holiday.png.php"), size=AVATAR).name
        for _ in range(3)
    }
    assert len(names) == 3
    assert all(len(name) == 37 and name.endswith(".webp") and "Nora" not in name for name in names)


def test_a_photo_of_twelve_megapixels_is_made_small():
    photo = Image.linear_gradient("L").resize((4000, 3000)).convert("RGB")
    assert opened(saved(photo, "JPEG", quality=90)).size == (512, 384)


def test_a_small_picture_is_not_blown_up():
    assert opened(saved(RED, "PNG")).size == (60, 40)


@pytest.mark.parametrize(
    ("size", "cropped"),
    [((512, 512), (40, 40)), ((1600, 400), (60, 15)), ((30, 30), (30, 30)), ((100, 20), (60, 12))],
)
def test_a_small_picture_is_cut_to_the_shape_all_the_same(size, cropped):
    assert Image.open(clean_picture(upload(saved(RED, "PNG")), size=size, crop=True)).size == cropped


def test_sixteen_bits_of_grey_stay_grey():
    picture = opened(saved(Image.new("I;16", (60, 40), 0x8000), "PNG"))
    assert all(120 < part < 136 for part in picture.convert("RGB").getpixel((9, 9)))


def test_cropping_keeps_the_middle():
    picture = Image.new("RGB", (900, 300), (0, 0, 255))
    picture.paste((255, 0, 0), (300, 0, 600, 300))
    cropped = clean_picture(upload(saved(picture, "PNG")), size=(300, 300), crop=True)
    corners = Image.open(cropped).convert("RGB")
    assert corners.size == (300, 300)
    assert all(corners.getpixel(place)[0] > 200 for place in [(5, 5), (295, 295)])


def test_a_portrait_picture_is_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right
    assert opened(saved(RED, "JPEG", exif=exif)).size == (40, 60)


def test_an_animation_becomes_its_first_frame():
    frames = [Image.new("RGB", (20, 20), colour) for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255))]
    picture = opened(saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50))
    assert getattr(picture, "n_frames", 1) == 1
    red, green, _blue = picture.convert("RGB").getpixel((10, 10))
    assert (red > 200, green < 60) == (True, True)


def test_a_hole_stays_a_hole():
    picture = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
    assert opened(saved(picture, "PNG")).convert("RGBA").getpixel((3, 3))[3] == 0


def test_no_secret_stays_in_the_file():
    exif = Image.Exif()
    exif[0x010E] = "SECRETWORD"
    exif[0x9286] = "SECRETWORD"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (51.0, 30.0, 26.0)
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "SECRETWORD")
    notes.add_itxt("XML:com.adobe.xmp", "<x>SECRETWORD</x>")
    files = [
        saved(
            RED,
            "JPEG",
            exif=exif,
            comment=b"SECRETWORD",
            icc_profile=b"SECRETWORD" * 20,
            xmp=b"<x>SECRETWORD</x>",
        ),
        saved(RED, "PNG", exif=exif, pnginfo=notes, icc_profile=b"SECRETWORD" * 20),
        saved(RED, "WEBP", exif=exif, xmp=b"<x>SECRETWORD</x>", icc_profile=b"SECRETWORD" * 20),
        saved(RED, "GIF", comment=b"SECRETWORD"),
        saved(RED, "PNG") + b"SECRETWORD",
    ]
    for content in files:
        cleaned = clean_picture(upload(content), size=AVATAR).read()
        assert b"SECRETWORD" not in cleaned
        assert [mark for mark in (b"EXIF", b"Exif", b"XMP", b"ICCP", b"GPS") if mark in cleaned] == []


def test_a_page_hidden_behind_a_picture_is_not_kept():
    polyglot = saved(RED, "GIF") + b"<script>alert(1)</script><?php system($_GET[0]); ?>"
    cleaned = clean_picture(upload(polyglot, "x.html"), size=AVATAR).read()
    assert b"script" not in cleaned
    assert b"php" not in cleaned


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"not a picture at all",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"%PDF-1.4\n",
        b"push graphic-context\nviewbox 0 0 640 480\n",
        b"<html><script>alert(1)</script></html>",
        saved(RED, "BMP"),
        saved(RED, "TIFF"),
        saved(RED, "ICO"),
        saved(RED, "PPM"),
        saved(RED, "TGA"),
    ],
    ids=[
        "empty",
        "bare head",
        "text",
        "svg",
        "xml",
        "eps",
        "pdf",
        "mvg",
        "html",
        "bmp",
        "tiff",
        "ico",
        "ppm",
        "tga",
    ],
)
def test_what_is_no_picture_of_the_four_kinds_reaches_no_decoder(content):
    assert refusal(content) in {"unreadable", "damaged"}


@pytest.mark.parametrize(
    ("width", "height"),
    [(1, 65_535), (65_535, 1), (9000, 9000), (50_000, 50_000), (2**31 - 1, 2**31 - 1), (7100, 7100)],
)
def test_too_many_pixels_are_refused_before_they_are_decoded(width, height):
    assert refusal(png(width, height, b"\0")) in {"too_many_pixels", "unreadable"}


def test_exactly_as_many_pixels_as_allowed_are_taken(settings):
    settings.PICTURE_MAX_PIXELS = 2400
    assert opened(saved(RED, "PNG")).size == (60, 40)
    settings.PICTURE_MAX_PIXELS = 2399
    assert refusal(saved(RED, "PNG")) == "too_many_pixels"


def test_exactly_as_many_bytes_as_allowed_are_taken(settings):
    content = saved(RED, "PNG")
    settings.PICTURE_MAX_BYTES = len(content)
    assert opened(content).size == (60, 40)
    settings.PICTURE_MAX_BYTES = len(content) - 1
    assert refusal(content) == "too_many_bytes"


def test_a_jpeg_may_have_more_bytes_than_other_kinds(settings):
    content = saved(RED, "JPEG")
    settings.PICTURE_MAX_BYTES, settings.PICTURE_MAX_JPEG_BYTES = 1, len(content)
    assert opened(content).size == (60, 40)
    settings.PICTURE_MAX_JPEG_BYTES = len(content) - 1
    assert refusal(content) == "too_many_bytes"


@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "GIF", "WEBP"])
def test_half_a_picture_is_refused(image_format, part):
    content = saved(Image.effect_noise((120, 90), 60).convert("RGB"), image_format)
    assert refusal(content[: int(len(content) * part)]) in {"damaged", "unreadable"}


@pytest.mark.parametrize(
    "content",
    [
        png(30, 30, b"\0" * 10),
        png(30, 30, b"\x09" * 30 * 91),
        png(30, 30, b"\0" * 30 * 91, (b"zTXt", b"Comment\0\0" + BOMB)),
        png(30, 30, b"\0" * 30 * 91, (b"iCCP", b"icc\0\0" + BOMB)),
        png(30, 30, b"\0" * 30 * 91, (b"eXIf", b"MM\0*\0\0\0\x08\xff\xff")),
        png(30, 30, b"\0" * 30 * 91, (b"PLTE", b"ab")),
        saved(RED, "JPEG").replace(b"\xff\xc0", b"\xff\xc9"),
        saved(RED, "JPEG")[:20] + b"\xff" * 400,
        saved(RED, "WEBP")[:16] + b"\xff" * 100,
    ],
    ids=[
        "too little",
        "bad filter",
        "text bomb",
        "profile bomb",
        "bad exif",
        "bad palette",
        "arithmetic",
        "noise",
        "bad webp",
    ],
)
def test_odd_pictures_are_taken_or_refused_but_never_an_error(content):
    try:
        outcome = clean_picture(upload(content), size=AVATAR).name[-5:]
    except ValidationError as error:
        outcome = error.code
    assert outcome in {".webp", "damaged", "unreadable"}


def test_an_animation_of_many_frames_is_read_no_further_than_its_first():
    frames = [Image.new("P", (50, 50), number % 256) for number in range(300)]
    assert opened(saved(frames[0], "GIF", save_all=True, append_images=frames[1:])).size == (50, 50)
