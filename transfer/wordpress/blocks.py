"""Converts the content of a WordPress post, classic or in blocks, with pictures, to our HTML.

Shortcodes that WordPress renders are converted to HTML first (shortcodes.py, captions.py).
"""

import html
import re
from collections.abc import Callable

from django.utils.translation import gettext as _

from core.markup.posts import clean_post_html
from transfer.imports.footnotes import with_notes
from transfer.imports.texts import ForeignHtml
from transfer.wordpress.captions import with_captions
from transfer.wordpress.finder import NO_FILES, Finder
from transfer.wordpress.post_html import PostHtml
from transfer.wordpress.shortcodes import with_code, with_embeds, with_footnotes, with_galleries
from transfer.wordpress.tags import Words, web_address

MAX_IN_GALLERY = 9  # as in the editor (static/js/editor/figures.js)
OF_ATTACHMENT = re.compile(r"\bwp-image-([0-9]{1,15})\b", re.ASCII)
SIZE_IN_NAME = re.compile(r"-([1-9][0-9]{1,4})x[1-9][0-9]{0,4}(?=\.\w{2,5}(?:$|[?#]))", re.ASCII)
PIXELS = re.compile(r"\s*([1-9][0-9]{0,3})(?:px)?\s*", re.ASCII)
STYLED_WIDTH = re.compile(r"\bwidth\s*:\s*([1-9][0-9]{0,3})px", re.ASCII)
LINKED_TO_ITSELF = re.compile(r'<a href="([^"]*)"[^>]*>(<img\b[^>]*>)</a>')
GALLERIES = re.compile(
    r"(?:^|\s)(?:wp-block-gallery|wp-block-jetpack-tiled-gallery|tiled-gallery|gallery)(?:\s|$)"
)
# Figures that become something else here, without a box.
NO_FIGURE = re.compile(r"(?:^|\s)(wp-block-embed|wp-block-pullquote)(?:\s|$)")
SHAPES = (("alignfull", "full"), ("alignwide", "wide"))


class WordPressHtml(ForeignHtml):
    """Reads the HTML of a post. Blank lines separate paragraphs, unless it is made of blocks."""

    def __init__(self, base: str, has_blocks: bool, finder: Finder) -> None:
        super().__init__(base, lambda address, alt: finder.picture(address, alt, 0, 0))
        self.line_breaks = not has_blocks
        self.finder = finder
        self.gallery: Gallery | None = None
        self.bare: list[str] = []  # the open figures that are not figures here, by tag

    # --- input

    def commented(self, comment: str) -> None:
        PostHtml.commented(self, comment)
        word = comment.strip().lower()
        super().commented("more" if word.startswith("more") else comment)

    def _without_shortcode(self, match: re.Match[str]) -> str:
        return PostHtml._without_shortcode(self, match)

    def text(self, words: str) -> None:
        if self.gallery is not None:
            self.gallery.text(words)
        else:
            super().text(words)

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        look = attributes.get("class", "")
        if self.gallery is not None:
            self._open_in_gallery(self.gallery, tag, attributes)
        elif tag in {"figure", "ul", "div"} and GALLERIES.search(look) and "pre" not in self.boxes:
            self._end_paragraph()
            self.gallery = Gallery(tag, next((ours for theirs, ours in SHAPES if theirs in look.split()), ""))
        elif tag == "figure" and (found := NO_FIGURE.search(look)):
            self._end_paragraph()
            self.bare.append(found[1])
        elif self.bare and tag == "figcaption":
            self._end_paragraph()
        elif tag == "a" and not self.skipped and "wp-block-file__button" in look.split():
            self.skipped, self.skipped_tag = 1, "a"  # the file name before it is the same link
        elif tag == "audio" and (ours := self.finder.recording(self._whole(attributes.get("src", "")))):
            self._recording(ours)
        else:
            super().opened(tag, attributes)

    def _open_in_gallery(self, gallery: "Gallery", tag: str, attributes: dict[str, str]) -> None:
        if tag != "img":
            gallery.opened(tag)
        elif ours := self._ours(attributes, shown=False):
            gallery.pictures.append(ours)
        elif address := self._whole(attributes.get("src", "")):
            gallery.missing.append((address, attributes.get("alt", "").strip() or address))

    def closed(self, tag: str) -> None:
        if self.gallery is not None:
            if self.gallery.closed(tag):
                self._close_gallery(self.gallery)
        elif self.bare and tag == "figure":
            self._end_paragraph()
            self.bare.pop()
        elif self.bare and tag == "figcaption":
            self._end_paragraph()
        else:
            super().closed(tag)

    def result(self) -> str:
        if self.gallery is not None:
            self._close_gallery(self.gallery)
        return super().result()

    # --- output

    def _close_gallery(self, gallery: "Gallery") -> None:
        self.gallery = None
        self.out.append(gallery.html())
        for address, label in gallery.missing:
            self.losses.add(_("a picture on another site becomes a link"))
            self._link(address, label)
            self._end_paragraph()

    def _picture(self, attributes: dict[str, str]) -> None:
        if ours := self._ours(attributes, shown=True):
            self._inline(ours)
        else:
            PostHtml._picture(
                self, attributes | {"src": attributes.get("src") or attributes.get("data-src") or ""}
            )

    def _ours(self, attributes: dict[str, str], *, shown: bool) -> str:
        """Our picture for one of the blog, at its displayed width."""
        source = attributes.get("src", "")
        if not source or source.startswith("data:"):
            source = attributes.get("data-src") or attributes.get("data-orig-file") or ""
        address = self._whole(source)
        number = OF_ATTACHMENT.search(attributes.get("class", ""))
        attachment = number[1] if number else attributes.get("data-id", "")
        width = _width_of(attributes, source) if shown else 0
        alt = attributes.get("alt", "").strip()
        if not address:
            return ""
        return self.finder.picture(address, alt, int(attachment) if attachment.isdecimal() else 0, width)

    def _whole(self, address: str) -> str:
        return web_address(address, self.base)

    def _recording(self, address: str) -> None:
        opening = next((place for place in (-1,) if self.out and self.out[place] == "<figure>"), None)
        player = f'<audio src="{html.escape(address)}"></audio>'
        if opening is not None:
            self.out[opening] = f'<figure class="audio">{player}'
        else:
            self._end_paragraph()
            self.out.append(f'<figure class="audio">{player}</figure>')

    def _open_box(self, tag: str, attributes: dict[str, str]) -> None:
        super()._open_box(tag, attributes)
        look = attributes.get("class", "").split()
        if self.out[-1] == "<figure>":
            shape = next((ours for theirs, ours in SHAPES if theirs in look), "")
            self.out[-1] = f'<figure class="{shape}">' if shape else "<figure>"
        elif self.out[-1] == "<blockquote>" and "wp-block-pullquote" in self.bare:
            self.out[-1] = '<blockquote class="pull">'

    def _open_mark(self, tag: str, attributes: dict[str, str]) -> None:
        look = attributes.get("class", "")
        ours = self.finder.address(self._whole(attributes.get("href", ""))) if tag == "a" else ""
        if ours:
            self._close_mark("a")
            self.marks.append(("a", f'<a href="{html.escape(ours)}">'))
        else:
            super()._open_mark(tag, attributes)
        if tag == "a" and "wp-block-button__link" in look and self.marks and self.marks[-1][0] == "a":
            self.marks[-1] = ("a", self.marks[-1][1].replace("<a ", '<a class="btn" ', 1))


class Gallery:
    """A gallery being read. Captions of single pictures are joined, since ours have one caption."""

    def __init__(self, tag: str, shape: str) -> None:
        self.tag, self.shape = tag, shape
        self.depth = 1
        self.pictures: list[str] = []
        self.captions: list[str] = []
        self.missing: list[tuple[str, str]] = []
        self.is_caption = False

    def opened(self, tag: str) -> None:
        self.depth += tag == self.tag
        if tag in {"figcaption", "dd"}:
            self.is_caption = True
            self.captions.append("")

    def text(self, words: str) -> None:
        if self.is_caption:
            self.captions[-1] += html.escape(words, quote=False)

    def closed(self, tag: str) -> bool:
        """Whether the tag ends the gallery."""
        self.is_caption = self.is_caption and tag not in {"figcaption", "dd"}
        self.depth -= tag == self.tag
        return self.depth == 0

    def html(self) -> str:
        text = " · ".join(filter(None, (" ".join(caption.split()) for caption in self.captions)))
        caption = f"<figcaption>{text}</figcaption>" if text else ""
        if not self.pictures:
            return f"<p>{text}</p>" if text else ""
        look = " ".join(filter(None, ["gallery" if len(self.pictures) > 1 else "", self.shape]))
        opening = f'<figure class="{look}">' if look else "<figure>"
        parts = [
            "".join(self.pictures[start : start + MAX_IN_GALLERY])
            for start in range(0, len(self.pictures), MAX_IN_GALLERY)
        ]
        last = len(parts) - 1
        return "".join(
            f"{opening}{part}{caption if place == last else ''}</figure>" for place, part in enumerate(parts)
        )


def _width_of(attributes: dict[str, str], source: str) -> int:
    """The displayed width of a picture in CSS pixels; 0 if it is unknown."""
    found = (
        PIXELS.fullmatch(attributes.get("width", ""))
        or STYLED_WIDTH.search(attributes.get("style", ""))
        or SIZE_IN_NAME.search(source)
    )
    return int(found[1]) if found else 0


def _unlinked(link: re.Match[str]) -> str:
    """Remove a link from a picture to its own file."""
    source = re.search(r'\ssrc="([^"]*)"', link[2])
    return link[2] if source and source[1] == link[1] else link[0]


def to_post_html(
    source: str, base: str = "", finder: Finder = NO_FILES, *, post: int = 0, notes: str = ""
) -> Words:
    """The content of a WordPress post as our HTML. post: its id. notes: its footnotes as JSON."""
    has_blocks = "<!-- wp:" in source
    source = source.replace("\r\n", "\n")
    steps: list[Callable[[str], str]] = [
        with_captions,
        lambda text: with_galleries(text, finder, post),
        with_code,
        with_embeds,
        lambda text: with_footnotes(text, notes),
        with_notes,
    ]
    for step in steps:
        source = step(source)
    writer = WordPressHtml(base, has_blocks, finder)
    writer.read(source)
    return Words(clean_post_html(LINKED_TO_ITSELF.sub(_unlinked, writer.result())), writer.losses)
