"""Pictures in posts: their widths, encoded in the name of their file.

posts/3f2a…_480_960_1440.jpg can be shown by every program; beside it are posts/3f2a…_480.webp and so on. So
the HTML of a post only needs that name, and cleaning or showing it needs no query.
"""

import re

NAME = re.compile(r"(.*\bposts/[0-9a-f]{32})((?:_[1-9][0-9]{0,4}){1,8})\.(?:jpg|png)", re.ASCII)
PIECE = re.compile(r"<figure\b[^>]*>|</figure>|<img\b[^>]*>")
CLASS = re.compile(r'\sclass="([^"]*)"')
SRC = re.compile(r'\ssrc="([^"]*)"')
# The width of a picture on the page, with which the browser chooses a file before the layout is known.
SIZES = {
    "": "(min-width: 46rem) 43rem, 92vw",
    "wide": "(min-width: 68rem) 62rem, 96vw",
    "full": "100vw",
    "gallery": "(min-width: 46rem) 21rem, 46vw",
}


def picture_files(name: str) -> dict[int, str]:
    """The WebP files beside a picture by width in pixels, from its name or URL; none for other files."""
    found = NAME.fullmatch(name)
    if found is None:
        return {}
    return {int(width): f"{found[1]}_{width}.webp" for width in found[2].strip("_").split("_")}


def with_widths(clean_html: str) -> str:
    """The HTML of a post with the widths of its pictures, where there are several."""
    if "<img" not in clean_html:
        return clean_html
    shape = ""

    def replace(piece: re.Match[str]) -> str:
        nonlocal shape
        tag = piece[0]
        if tag.startswith("<figure"):
            classes = CLASS.search(tag)
            shape = next((name for name in (classes[1].split() if classes else []) if name in SIZES), "")
        elif tag == "</figure>":
            shape = ""
        else:
            return _with_files(tag, shape)
        return tag

    return PIECE.sub(replace, clean_html)


def _with_files(tag: str, shape: str) -> str:
    src = SRC.search(tag)
    files = picture_files(src[1]) if src else {}
    if not files:
        return tag
    srcset = ", ".join(f"{file} {width}w" for width, file in files.items())
    return f'{tag[:-1]} srcset="{srcset}" sizes="{SIZES[shape]}" loading="lazy" decoding="async">'
