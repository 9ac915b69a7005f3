"""Converts the content of a WordPress post, classic or in blocks, with pictures, to our HTML.

Shortcodes that WordPress renders are converted to HTML first: galleries, captions, code, footnotes.
"""

import html
import json
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from django.utils.translation import gettext as _

from core.markup.posts import clean_post_html
from transfer.imports.footnotes import with_notes
from transfer.imports.texts import ForeignHtml
from transfer.wordpress.captions import outside_code, with_captions
from transfer.wordpress.post_html import PostHtml
from transfer.wordpress.tags import Words, web_address

MAX_IN_GALLERY = 9  # as in the editor (static/js/editor/figures.js)
GALLERY = re.compile(r"(?<!\[)\[gallery\b((?:\s[^\[\]]{0,2000})?)\](?!\])", re.IGNORECASE)
VALUE = re.compile(r"([a-z]+)\s*=\s*[\"'”“″]?([^\"'”“″\]]*)", re.IGNORECASE)
CODE = re.compile(r"(?<!\[)\[(source)?code(?:lang)?\b((?:\s[^\[\]]{0,500}+)?)\]", re.IGNORECASE)
CODE_ENDS = {name: re.compile(rf"\[/{name}\]", re.IGNORECASE) for name in ("code", "sourcecode")}
CODE_LANGUAGE = re.compile(r"\blang(?:uage)?\s*=\s*[\"'”“″]?([a-z0-9+#.-]{1,30})", re.IGNORECASE | re.ASCII)
EMBED = re.compile(r"\[embed\b[^\[\]]{0,300}\]\s*(https?://[^\s\[\]<>]{1,1000})\s*\[/embed\]", re.IGNORECASE)
VIDEO = re.compile(
    r"\[(youtube|vimeo)\b[\s=]{1,5}[\"']?(?:id=[\"']?)?([^\s\[\]\"'<>]{1,300})[\"']?[^\[\]]{0,300}\]",
    re.IGNORECASE,
)
VIDEO_PAGES = {"youtube": "https://www.youtube.com/watch?v=", "vimeo": "https://vimeo.com/"}
AUDIO = re.compile(
    r"\[audio\b[^\[\]]{0,200}?(https?://[^\s\[\]\"'|<>]{1,1000})[^\[\]]{0,300}\](?:\s*\[/audio\])?",
    re.IGNORECASE,
)
NOTE = re.compile(
    r'<sup\b[^>]{0,200}\bdata-fn="([\w-]{1,60})"[^>]{0,200}>\s*<a\b[^>]{0,300}>\s*[\w*]{0,10}\s*</a>\s*</sup>',
    re.IGNORECASE,
)
NOTES_BLOCK = re.compile(r"<!--\s*wp:footnotes\b[^>]{0,300}-->")
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


class LibraryPicture(NamedTuple):
    """A picture in the media library. caption: HTML, as typed."""

    number: int
    address: str
    alt: str
    caption: str


class Finder(Protocol):
    """Finds imported files and posts of the blog. Everything is "" or empty for what is missing."""

    def picture(self, address: str, alt: str, attachment: int, width: int) -> str:
        """Our <img> for a picture.

        attachment: its id. width: the displayed width in CSS pixels; 0 for full size.
        """

    def address(self, address: str) -> str:
        """Our URL for a link to a file or post of the blog."""

    def recording(self, address: str) -> str:
        """Our URL of a sound recording."""

    def attached(self, numbers: Iterable[int], post: int, without: Iterable[int]) -> list[LibraryPicture]:
        """Pictures by id; without ids, those uploaded to a post."""


class Nothing:
    """A blog of which only texts are imported."""

    def picture(self, address: str, alt: str, attachment: int, width: int) -> str:
        return ""

    def address(self, address: str) -> str:
        return ""

    def recording(self, address: str) -> str:
        return ""

    def attached(self, numbers: Iterable[int], post: int, without: Iterable[int]) -> list[LibraryPicture]:
        return []


NOTHING = Nothing()


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


# --- shortcodes that WordPress renders ---------------------------------------------------


def _with_galleries(source: str, finder: Finder, post: int) -> str:
    def gallery(found: re.Match[str]) -> str:
        attributes = {name.lower(): value for name, value in VALUE.findall(found[1])}
        wanted = _numbers(attributes.get("ids") or attributes.get("include") or "")
        under = next(iter(_numbers(attributes.get("id", ""))), post)
        pictures = finder.attached(wanted, under, _numbers(attributes.get("exclude", "")))
        if not pictures:
            return found[0]
        inside = "".join(
            f'<img class="wp-image-{one.number}" src="{html.escape(one.address)}" alt="{html.escape(one.alt)}">'
            + (f"<figcaption>{one.caption}</figcaption>" if one.caption.strip() else "")
            for one in pictures
        )
        return f'\n\n<figure class="gallery">{inside}</figure>\n\n'

    return (
        outside_code(source, lambda part: GALLERY.sub(gallery, part))
        if "[gallery" in source.lower()
        else source
    )


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"[0-9]{1,15}", text, re.ASCII)][:500]


def _with_code(source: str) -> str:
    """[code] and [sourcecode] with their language. The contents are literal or already escaped."""

    return outside_code(source, _code_blocks) if "code" in source else source


def _code_blocks(source: str) -> str:
    done, out = 0, []
    # Where the next closing tag of each name is. Looked for once for each, however many tags are open.
    ends: dict[str, re.Match[str] | None] = {}
    for opening in CODE.finditer(source):
        if opening.start() < done:
            continue
        name = "sourcecode" if opening[1] else "code"
        end = ends.get(name)
        if name not in ends or (end and end.start() < opening.end()):
            end = ends[name] = CODE_ENDS[name].search(source, opening.end())
        if end is None:
            continue
        language = CODE_LANGUAGE.search(opening[2])
        look = f' class="language-{language[1].lower()}"' if language else ""
        inside = html.escape(html.unescape(source[opening.end() : end.start()].strip("\r\n")), quote=False)
        out += [source[done : opening.start()], f"<pre><code{look}>{inside}</code></pre>"]
        done = end.end()
    return "".join([*out, source[done:]])


def _with_embeds(source: str) -> str:
    if "[" not in source:
        return source

    def video(found: re.Match[str]) -> str:
        named = found[2]
        return f"\n\n{named if '://' in named else VIDEO_PAGES[found[1].lower()] + named}\n\n"

    def embeds(part: str) -> str:
        part = EMBED.sub(lambda found: f"\n\n{found[1]}\n\n", part)
        part = AUDIO.sub(
            lambda found: f'\n\n<audio src="{html.escape(html.unescape(found[1]))}"></audio>\n\n', part
        )
        return VIDEO.sub(video, part)

    return outside_code(source, embeds)


def _with_notes(source: str, notes: str) -> str:
    """Footnotes of WordPress 6.3 and later, whose texts are stored with the post as JSON."""
    try:
        rows = json.loads(notes) if notes.strip() else []
        texts = {str(row["id"]): str(row["content"]) for row in rows}
    except (ValueError, TypeError, KeyError, RecursionError):
        return source
    order: list[str] = []

    def refer(found: re.Match[str]) -> str:
        if found[1] not in texts or found[1] in order:
            return found[0]
        order.append(found[1])
        number = len(order)
        return f'<sup class="fnref" id="fnref-{number}"><a href="#fn-{number}">{number}</a></sup>'

    source = NOTE.sub(refer, source)
    if not order:
        return source
    items = "".join(
        f'<li id="fn-{number}">{texts[name]} <a href="#fnref-{number}">↩</a></li>'
        for number, name in enumerate(order, 1)
    )
    section = f'<section class="footnotes"><ol>{items}</ol></section>'
    return (
        NOTES_BLOCK.sub(lambda _found: section, source, count=1)
        if NOTES_BLOCK.search(source)
        else source + section
    )


def _unlinked(link: re.Match[str]) -> str:
    """Remove a link from a picture to its own file."""
    source = re.search(r'\ssrc="([^"]*)"', link[2])
    return link[2] if source and source[1] == link[1] else link[0]


def to_post_html(
    source: str, base: str = "", finder: Finder = NOTHING, *, post: int = 0, notes: str = ""
) -> Words:
    """The content of a WordPress post as our HTML. post: its id. notes: its footnotes as JSON."""
    has_blocks = "<!-- wp:" in source
    source = source.replace("\r\n", "\n")
    steps: list[Callable[[str], str]] = [
        with_captions,
        lambda text: _with_galleries(text, finder, post),
        _with_code,
        _with_embeds,
        lambda text: _with_notes(text, notes),
        with_notes,
    ]
    for step in steps:
        source = step(source)
    writer = WordPressHtml(base, has_blocks, finder)
    writer.read(source)
    return Words(clean_post_html(LINKED_TO_ITSELF.sub(_unlinked, writer.result())), writer.losses)
