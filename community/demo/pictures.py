"""The demo's pictures, drawn from a few shapes, so that no files from elsewhere are needed."""

from collections.abc import Callable
from io import BytesIO

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

Draw = ImageDraw.ImageDraw
SIZE = 256
SCALE = 2  # drawn larger and reduced, for smooth edges


def _harbour(d: Draw) -> None:
    d.rectangle((0, 300, 512, 512), fill="#3f6f7d")
    d.ellipse((330, 60, 430, 160), fill="#fdf1df")
    for x, h in ((40, 120), (150, 180), (260, 140)):
        d.rectangle((x, 300 - h, x + 90, 300), fill="#a5573a")
        d.polygon(((x - 8, 300 - h), (x + 98, 300 - h), (x + 45, 250 - h)), fill="#6d3626")
        d.rectangle((x + 30, 250, x + 60, 300), fill="#f4d9a8")


def _owl(d: Draw) -> None:
    d.ellipse((110, 80, 402, 480), fill="#6b5238")
    for x in (170, 282):
        d.ellipse((x, 160, x + 100, 260), fill="#f6e9cf")
        d.ellipse((x + 32, 190, x + 68, 226), fill="#241a10")
    d.polygon(((256, 250), (230, 290), (282, 290)), fill="#d99a3c")
    d.polygon(((120, 150), (140, 50), (210, 105)), fill="#6b5238")
    d.polygon(((392, 150), (372, 50), (302, 105)), fill="#6b5238")


def _bridge(d: Draw) -> None:
    d.rectangle((0, 380, 512, 512), fill="#5a7f95")
    d.arc((-60, 160, 572, 700), 180, 360, fill="#40362c", width=22)
    d.rectangle((0, 250, 512, 275), fill="#40362c")
    for x in range(60, 512, 80):
        d.line((x, 262, x, 175 + abs(x - 256) // 2), fill="#40362c", width=8)


def _plant(d: Draw) -> None:
    d.line((256, 380, 256, 150), fill="#4d6b3c", width=18)
    for y, side in ((230, -1), (290, 1), (170, 1), (150, -1)):
        x = 256 + side * 70
        d.ellipse((x - 70, y - 36, x + 70, y + 36), fill="#6c9154")
    d.polygon(((160, 370), (352, 370), (325, 490), (187, 490)), fill="#bf6b48")


def _chess(d: Draw) -> None:
    for row in range(4):
        for column in range(4):
            if (row + column) % 2:
                d.rectangle((column * 128, row * 128, column * 128 + 127, row * 128 + 127), fill="#b99b73")
    d.ellipse((196, 90, 316, 210), fill="#2e2620")
    d.polygon(((216, 190), (296, 190), (346, 400), (166, 400)), fill="#2e2620")
    d.rectangle((146, 395, 366, 440), fill="#2e2620")


def _lighthouse(d: Draw) -> None:
    d.rectangle((0, 420, 512, 512), fill="#39556b")
    d.polygon(((266, 120), (512, 30), (512, 190)), fill="#f7e6a8")
    d.polygon(((216, 430), (296, 430), (280, 140), (232, 140)), fill="#f6efe3")
    for y in (200, 300):
        d.polygon(((226, y + 50), (286, y + 50), (283, y), (229, y)), fill="#b1422f")
    d.rectangle((228, 95, 284, 142), fill="#4b3a2c")


def _kettle(d: Draw) -> None:
    d.ellipse((120, 190, 392, 440), fill="#4a6274")
    d.arc((150, 90, 362, 330), 190, 350, fill="#2f2a25", width=18)
    d.polygon(((370, 260), (470, 190), (450, 160), (350, 230)), fill="#4a6274")
    d.rectangle((170, 420, 342, 450), fill="#2f2a25")


def _radio(d: Draw) -> None:
    d.rounded_rectangle((70, 170, 442, 420), 36, fill="#7d4a2d")
    d.ellipse((110, 210, 280, 380), fill="#e6d3b1")
    for offset in range(0, 140, 26):
        d.line((130, 240 + offset, 260, 240 + offset), fill="#b79c74", width=6)
    for y in (230, 310):
        d.ellipse((330, y, 390, y + 60), fill="#e6b65c")
    d.line((400, 170, 460, 40), fill="#40362c", width=8)


def _boat(d: Draw) -> None:
    d.rectangle((0, 360, 512, 512), fill="#6f98a3")
    d.polygon(((110, 350), (410, 350), (350, 430), (160, 430)), fill="#7a4a2e")
    d.polygon(((260, 80), (260, 330), (400, 330)), fill="#fffaf0")
    d.polygon(((240, 130), (240, 330), (140, 330)), fill="#e9d3b4")


def _moon(d: Draw) -> None:
    d.ellipse((150, 110, 400, 360), fill="#f3e6bf")
    d.ellipse((220, 80, 450, 310), fill="#2b3352")
    for x, y in ((80, 90), (120, 300), (420, 420), (300, 440), (60, 200)):
        d.ellipse((x, y, x + 10, y + 10), fill="#f3e6bf")


MOTIFS: dict[str, tuple[str, Callable[[Draw], None]]] = {
    "harbour": ("#f2c9a5", _harbour),
    "owl": ("#c9d3b9", _owl),
    "bridge": ("#e7d9c3", _bridge),
    "plant": ("#e7edd8", _plant),
    "chess": ("#efe0c6", _chess),
    "lighthouse": ("#8fb2c9", _lighthouse),
    "kettle": ("#f0d9c4", _kettle),
    "radio": ("#cfdcd2", _radio),
    "boat": ("#cfe0e4", _boat),
    "moon": ("#2b3352", _moon),
}


def draw_portrait(motif: str) -> ContentFile:
    """A square picture as WebP."""
    background, draw = MOTIFS[motif]
    picture = Image.new("RGB", (SIZE * SCALE, SIZE * SCALE), background)
    draw(ImageDraw.Draw(picture))
    return _as_file(picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS), motif)


def draw_table() -> ContentFile:
    """A wide cover: a long table seen from above, with one free seat."""
    picture = Image.new("RGB", (2400, 1200), "#eadfcb")
    d = ImageDraw.Draw(picture)
    d.rounded_rectangle((260, 430, 2140, 770), 60, fill="#8a5a3a")
    d.rounded_rectangle((290, 455, 2110, 745), 45, fill="#a06a45")
    tones = ["#bf6b48", "#6c9154", "#4a6274", "#d9a441", "#7d5a78", "#5a7f95", "#a5573a"]
    for index in range(7):
        x = 420 + index * 260
        for y, seat in ((300, index), (900, index + 7)):
            if seat == 10:
                d.ellipse((x - 62, y - 62, x + 62, y + 62), outline="#8a7d6c", width=7)
            else:
                d.ellipse((x - 66, y - 66, x + 66, y + 66), fill=tones[seat * 3 % 7])
        d.ellipse((x - 44, 490, x + 44, 578), fill="#f6efe3")
        d.ellipse((x - 44, 622, x + 44, 710), fill="#f6efe3")
    return _as_file(picture.resize((1600, 800), Image.Resampling.LANCZOS), "table")


def _as_file(picture: Image.Image, name: str) -> ContentFile:
    out = BytesIO()
    picture.save(out, "WEBP", quality=85)
    return ContentFile(out.getvalue(), name=f"demo-{name}.webp")
