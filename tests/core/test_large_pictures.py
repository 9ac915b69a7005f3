"""Large images are accepted, in little memory and one at a time."""

import fcntl
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core.utils.image_decoding import LARGE, room_for
from core.utils.images import clean_picture_set
from tests.figures import figure

# MB by which a process may grow for one image.
MAX_GROWTH = 400

# Each in a process of its own, because Python does not return memory for the next measurement.
MAKE = """
import sys
from PIL import Image
Image.MAX_IMAGE_PIXELS = None
path, mode, width, height, options = sys.argv[1:]
across = Image.linear_gradient("L").resize((int(width), int(height)))
picture = {"RGB": lambda: Image.merge("RGB", (across, across, across)), "L": lambda: across, "P": lambda: across.convert("P")}
picture["RGBA"] = lambda: Image.merge("RGBA", (across, across, across, across))
# As detailed as a photograph: most of the 30 MB that a JPEG may have.
noise = lambda: Image.effect_noise((int(width) // 4, int(height) // 4), 60).resize((int(width), int(height)), Image.Resampling.BICUBIC)
picture["detailed"] = lambda: Image.merge("RGB", (noise(),) * 3)
picture[mode]().save(path, **eval(options))
"""
TAKE = """
import resource, sys
import django
from django.core.files.uploadedfile import UploadedFile
django.setup()
from core.utils.images import CropBox, clean_picture_set
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with open(sys.argv[1], "rb") as file:
    cut = CropBox(zoom=4) if sys.argv[2] == "cut" else None
    drawn = clean_picture_set(file, size=(1600, 1600), widths=(480, 960), plain_width=960, cut=cut)
print(drawn.width, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def in_a_process(code: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=settings.BASE_DIR,
    )
    assert done.returncode == 0, done.stderr[-500:]
    return done.stdout


@pytest.mark.full
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "mode", "size", "options"),
    # Seconds for each, so usually only an ordinary photograph and the largest with transparency.
    [
        ("scan.jpg", "RGB", (11500, 8690), {"quality": 80}),
        ("original.jpg", "detailed", (11500, 8690), {"quality": 87}),
        ("passes.jpg", "RGB", (11500, 8690), {"quality": 80, "progressive": True}),
        ("sharp.jpg", "RGB", (8064, 6048), {"quality": 80, "progressive": True, "subsampling": 0}),
        ("holes.png", "RGBA", (8650, 5770), {"compress_level": 1}),
        ("palette.gif", "P", (8650, 5770), {}),
        ("web.webp", "RGB", (5990, 4000), {"quality": 50, "method": 0}),
    ][:: figure(4, 1)],
)
def test_a_large_picture_is_taken_in_less_than_400_megabytes(tmp_path, name, mode, size, options):
    path = tmp_path / name
    in_a_process(MAKE, str(path), mode, *map(str, size), repr(options))
    cuts = {"scan.jpg": ("whole", "cut"), "holes.png": ("cut", "whole")}.get(name, ("whole",))
    for cut in cuts[: figure(1, 2)]:
        width, growth = map(int, in_a_process(TAKE, str(path), cut).split())
        assert width == 1600 if cut == "whole" else width > 500
        assert growth < MAX_GROWTH, growth


def header_of(width: int, height: int, **options: object) -> bytes:
    """Return a JPEG whose header claims to be larger than it is."""
    out = BytesIO()
    Image.new("RGB", (64, 64)).save(out, "JPEG", **options)
    content = bytearray(out.getvalue())
    frame = max(content.find(b"\xff\xc0"), content.find(b"\xff\xc2"))
    content[frame + 5 : frame + 9] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return bytes(content)


def refusal(content: bytes) -> str:
    with pytest.raises(ValidationError) as error:
        clean_picture_set(SimpleUploadedFile("p", content), size=(64, 64), widths=(), plain_width=64)
    return error.value.messages[0]


def test_larger_files_are_refused_with_a_message_before_they_are_decoded():
    assert (
        refusal(header_of(12_000, 9000))
        == "The picture is 12000 × 9000. Choose one under 100 million pixels."
    )
    assert refusal(header_of(11_000, 9000, progressive=True, subsampling=0)) == (
        "This picture is too large for its kind (progressive JPEG). Save it as an ordinary JPEG, or make it smaller."
    )


def large() -> Image.Image:
    out = BytesIO()
    Image.new("L", (4000, LARGE // 4000 + 1)).save(out, "PNG")
    return Image.open(out)


def is_free(path: Path) -> bool:
    with path.open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def test_one_large_picture_is_decoded_at_a_time_on_the_whole_machine():
    path = settings.VAR_DIR / "large-picture.lock"
    with room_for(large()):
        assert not is_free(path)
    assert is_free(path)
    with pytest.raises(OSError, match="damaged"), room_for(large()):
        raise OSError("damaged")
    assert is_free(path)


def test_a_small_picture_waits_for_nobody():
    with room_for(large()), room_for(Image.new("L", (40, 40))):
        assert not is_free(settings.VAR_DIR / "large-picture.lock")


def test_where_nothing_can_be_written_pictures_are_taken_all_the_same(settings, tmp_path):
    settings.VAR_DIR = tmp_path / "nowhere"
    with room_for(large()):
        assert not settings.VAR_DIR.exists()
