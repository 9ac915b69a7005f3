"""Stored images have the same colours as the original."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageCms

from core.utils.images import clean_picture, clean_picture_set
from tests.core.colour_profiles import ADOBE_RGB, DISPLAY_P3, P3_POWER, grey_profile, rgb_profile

P3, P3_BY_POWER, ADOBE, GREY = (
    rgb_profile(DISPLAY_P3),
    rgb_profile(P3_POWER),
    rgb_profile(ADOBE_RGB),
    grey_profile(1.0),
)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def kept(picture: Image.Image, image_format: str, **options: object) -> tuple[int, ...]:
    """Return the colour of the stored image. A transparent corner makes it a PNG, which is lossless."""
    out = BytesIO()
    picture.save(out, image_format, **options)
    drawn = clean_picture_set(
        SimpleUploadedFile("p", out.getvalue()), size=(64, 64), widths=(), plain_width=64
    )
    with Image.open(BytesIO(drawn.plain)) as plain:
        assert "icc_profile" not in plain.info
        return plain.getpixel((9, 9))


def with_a_hole(colour: tuple[int, int, int]) -> Image.Image:
    picture = Image.new("RGBA", (20, 20), (*colour, 255))
    picture.putpixel((0, 0), (*colour, 0))
    return picture


@pytest.mark.parametrize(
    ("profile", "colour", "wanted"),
    [
        (P3_BY_POWER, (200, 60, 60), (219, 37, 49)),
        (P3, (200, 60, 60), (217, 42, 52)),
        (P3, (60, 200, 60), (0, 203, 11)),
        (P3, (128, 128, 128), (128, 128, 128)),
        (P3, (255, 255, 255), (255, 255, 255)),
        (ADOBE, (200, 60, 60), (231, 57, 57)),
        (ADOBE, (60, 60, 200), (57, 57, 205)),
        (SRGB, (200, 60, 60), (200, 60, 60)),
        (None, (200, 60, 60), (200, 60, 60)),
        (GREY, (200, 60, 60), (200, 60, 60)),  # not for such an image
        (b"broken", (200, 60, 60), (200, 60, 60)),
        (P3[:200], (200, 60, 60), (200, 60, 60)),
    ],
    ids=[
        "P3 by power",
        "P3 red",
        "P3 green",
        "P3 grey",
        "P3 white",
        "Adobe red",
        "Adobe blue",
        "sRGB",
        "none",
        "for grey",
        "broken",
        "cut",
    ],
)
def test_the_colours_of_a_profile_become_those_of_every_screen(profile, colour, wanted):
    assert kept(with_a_hole(colour), "PNG", icc_profile=profile) == (*wanted, 255)
    assert kept(with_a_hole(colour), "WEBP", icc_profile=profile, lossless=True, exact=True) == (*wanted, 255)
    jpeg = kept(Image.new("RGB", (20, 20), colour), "JPEG", icc_profile=profile, quality=100)
    # The tolerance is for encoding the JPEG twice.
    assert all(abs(one - other) <= 4 for one, other in zip(jpeg, wanted, strict=True)), jpeg


def test_palettes_greys_and_half_transparent_pictures_have_profiles_too():
    assert kept(Image.new("RGBA", (20, 20), (200, 60, 60, 100)), "PNG", icc_profile=P3_BY_POWER) == (
        219,
        37,
        49,
        100,
    )
    palette = Image.new("P", (20, 20), 1)
    palette.putpalette([0, 0, 0, 200, 60, 60])
    assert kept(palette, "PNG", icc_profile=P3_BY_POWER, transparency=bytes([0, 200])) == (219, 37, 49, 200)
    grey = kept(Image.new("L", (20, 20), 55), "PNG", icc_profile=GREY)
    assert all(abs(part - 128) <= 2 for part in grey), grey


def test_a_picture_that_is_turned_and_cut_keeps_its_colours():
    exif = Image.Exif()
    exif[0x0112] = 6
    out = BytesIO()
    Image.new("RGB", (60, 40), (200, 60, 60)).save(out, "JPEG", icc_profile=P3, exif=exif, quality=100)
    with Image.open(clean_picture(SimpleUploadedFile("p", out.getvalue()), size=(20, 20), crop=True)) as cut:
        assert cut.size == (20, 20)
        assert all(
            abs(one - other) <= 4
            for one, other in zip(cut.convert("RGB").getpixel((9, 9)), (217, 42, 52), strict=True)
        )


@pytest.mark.parametrize("orientation", range(1, 9))
def test_each_way_to_hold_a_camera_is_turned_upright(orientation):
    picture = Image.new("RGB", (40, 20), "white")
    picture.paste("red", (0, 0, 20, 10))
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = BytesIO()
    picture.save(out, "PNG", exif=exif)
    with Image.open(clean_picture(SimpleUploadedFile("p", out.getvalue()), size=(64, 64))) as turned:
        upright = turned.convert("RGB")
    corners = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}
    width, height = upright.size
    assert (width, height) == ((40, 20) if orientation < 5 else (20, 40))
    red = [
        (x, y)
        for x in (0, 1)
        for y in (0, 1)
        if upright.getpixel((width // 4 + x * width // 2, height // 4 + y * height // 2))[1] < 100
    ]
    assert red == [corners[orientation]]
