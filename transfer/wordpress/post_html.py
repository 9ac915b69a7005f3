"""Converts the content of WordPress posts to our HTML."""

import html
import re

from django.utils.translation import gettext as _

from core.markup.posts import clean_post_html
from transfer.wordpress.embeds import boxed_post, quoted_post, smiley
from transfer.wordpress.tags import (
    BREAKING,
    DEEPEST_BOXES,
    PARAGRAPHS,
    PLAYERS,
    TagReader,
    names_in,
    web_address,
)

DYNAMIC_BLOCK = re.compile(r"\s*wp:([\w/-]+)(?=[\s{]|/)[^\0]*/\s*\Z")
SHORTCODE = re.compile(r"(?<!\[)\[(/?)([a-z][a-z0-9_-]*)((?:[\s=][^\[\]]*)?)\](?!\])", re.IGNORECASE)
KNOWN_SHORTCODES = names_in(
    "audio caption code embed gallery googlemaps playlist slideshow sourcecode video vimeo wp_caption youtube"
)
SAME_TAG = {
    "h1": "h2",
    "h5": "h4",
    "h6": "h4",
    "b": "strong",
    "i": "em",
    "del": "s",
    "strike": "s",
    "ins": "u",
    "kbd": "code",
    "samp": "code",
    "tt": "code",
    "mark": "strong",
    "dt": "strong",  # each term of a definition list is a paragraph of its own
}
TABLE_PARTS = {"caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
POST_BOXES = {
    "blockquote",
    "ul",
    "ol",
    "li",
    "pre",
    "h2",
    "h3",
    "h4",
    "figure",
    "figcaption",
    "table",
} | TABLE_PARTS
POST_MARKS = {"strong", "em", "s", "u", "sub", "sup", "code", "a"}
HOLD_WORDS_THEMSELVES = {"li", "h2", "h3", "h4", "figure", "figcaption", "pre", "caption", "th", "td"}
# The elements that are closed, within their table, when one of these starts: end tags are optional (HTML,
# 13.1.2.4).
CELLS = {"th", "td", "caption"}
ENDED_BY = {"th": CELLS, "td": CELLS, "caption": CELLS, "tr": CELLS | {"tr"}} | dict.fromkeys(
    ("thead", "tbody", "tfoot"), CELLS | {"tr", "thead", "tbody", "tfoot"}
)
SPAN = re.compile("[1-9][0-9]{0,2}")
# White space that browsers collapse, and where they drop it.
BLANKS = re.compile(r"[ \t\f]+")
OPENED = re.compile(r"<(?:p|li|h[234]|figure|figcaption|caption|th|td)(?:\s[^>]*)?>")
# A script that embeds a GitHub gist. The group is the URL to link to.
GIST = re.compile(r"(https?://gist\.github\.com/[\w./-]{1,200}?)(?:\.js)?(?:\?.{0,200})?", re.ASCII)
SCOPES = {"row", "col", "rowgroup", "colgroup"}
VALUE = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|[”″“]([^”″“]*)[”″“])")
# Shortcode attributes with text for readers. Of the others, only values that look like a sentence are kept.
READ_VALUES = names_in(
    "alt author caption cite content description heading label name quote subtitle text title"
)


class PostHtml(TagReader):
    """Writes the HTML of a post. Subclasses for other systems override single methods."""

    def __init__(self, base: str, has_blocks: bool) -> None:
        super().__init__(base)
        self.line_breaks = not has_blocks
        self.out: list[str] = []
        self.boxes: list[str] = []
        self.in_paragraph = False
        # Open marks as (tag, opening tag); the first `live` of them are written in the current paragraph.
        self.marks: list[tuple[str, str]] = []
        self.live = 0
        self.breaks = ""
        self.after_break = False
        self.pictures: list[str] = []
        self.shortcodes: set[str] = set()
        self.in_term = False
        # The URL of the post that the current quotation embeds; None in any other.
        self.embed: str | None = None

    def result(self) -> str:
        self._end_paragraph()
        self.out += [f"</{box}>" for box in reversed(self.boxes)]
        return "".join(self.out)

    # --- input

    def commented(self, comment: str) -> None:
        if block := DYNAMIC_BLOCK.match(comment):
            self.losses.add(_("the dynamic block %(block)s is left out") % {"block": block[1]})

    def text(self, words: str) -> None:
        if "pre" in self.boxes:
            self.out.append(html.escape(words, quote=False))
            return
        if not any(mark == "code" for mark, _opening in self.marks):
            words = SHORTCODE.sub(self._without_shortcode, words)
        if self.after_break and words.startswith("\n"):
            words = words[1:]
        self.after_break = False
        first, *others = PARAGRAPHS.split(words) if self.line_breaks else [words]
        self._lines(first)
        for part in others:
            if self.boxes and self.boxes[-1] in HOLD_WORDS_THEMSELVES:
                self._lines(f"\n{part}")
            else:
                self._end_paragraph()
                self._lines(part)

    def _lines(self, words: str) -> None:
        lines = BLANKS.sub(" ", words).split("\n")
        for number, line in enumerate(lines):
            if number:
                if self.line_breaks:
                    self.breaks = "<br>"
                else:
                    self._inline(" ")
                line = line.lstrip(" ")
            if number < len(lines) - 1:
                line = line.rstrip(" ")
            bare = line.strip()
            if (
                re.fullmatch(r"https?://\S+", bare)
                and not any(mark == "a" for mark, _opening in self.marks)
                and web_address(bare)
            ):
                self._link(web_address(bare), bare)
            else:
                self._inline(html.escape(line, quote=False))

    def _without_shortcode(self, match: re.Match[str]) -> str:
        closing, name, rest = match[1], match[2].lower(), match[3]
        if name not in KNOWN_SHORTCODES and "=" not in rest and not (closing and name in self.shortcodes):
            return match[0]
        self.shortcodes.add(name)
        self.losses.add(
            _("the shortcode [%(name)s] is left out; its text and links are kept") % {"name": name}
        )
        addresses = "".join(f"\n{address}\n" for address in re.findall(r"https?://[^\s\"'”″<>]+", rest))
        values = (
            (match[1].lower(), (match[2] or match[3] or match[4] or "").strip())
            for match in VALUE.finditer(rest)
        )
        words = [
            value
            for key, value in values
            if "://" not in value and (key in READ_VALUES or re.search(r"[^\W\d_]\s+[^\W\d_]", value))
        ]
        return (f" {' '.join(filter(None, words))} " if any(words) else "") + addresses

    def muted(self, tag: str, attributes: dict[str, str], inside: str) -> None:
        if (gist := GIST.fullmatch(attributes.get("src", ""))) and "pre" not in self.boxes:
            self._end_paragraph()
            self._link(gist[1], gist[1])
            self._end_paragraph()
        else:
            super().muted(tag, attributes, inside)

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        self.after_break = False
        if "pre" in self.boxes:
            if tag == "br":
                self.out.append("\n")
            return
        if tag == "br":
            self.breaks += "<br>"
            self.after_break = True
        elif tag == "hr":
            self._end_paragraph()
            self.out.append("<hr>")
        elif tag == "img" and (sign := smiley(attributes)):
            self._inline(html.escape(sign, quote=False))
        elif tag == "img":
            self._picture(attributes)
        elif tag in PLAYERS:
            if address := self.lose_player(tag, attributes):
                self._link(address, address)
        elif (same := SAME_TAG.get(tag, tag)) in POST_MARKS:
            if tag == "dt":
                self._end_term()
                self._part_lines()
                self.in_term = True
            self._open_mark(same, attributes)
        elif same in POST_BOXES and (same not in TABLE_PARTS or "table" in self.boxes):
            self._open_box(same, attributes)
        elif tag == "div" and (address := boxed_post(attributes)):
            self._end_paragraph()
            self._link(address, address)
            self._end_paragraph()
        else:
            self.lose_tag(tag)
            if tag in {"td", "th"}:
                self._inline(" ")
            elif tag in BREAKING:
                self._end_term()
                self._part_lines()
            elif tag == "q":
                self._inline("“")

    def _open_mark(self, tag: str, attributes: dict[str, str]) -> None:
        opening = f"<{tag}>"
        if tag == "a":
            self._close_mark("a")
            href = attributes.get("href", "")
            address = href if href.lower().startswith("mailto:") else web_address(href, self.base)
            if not address:
                if href:
                    self.losses.add(_("a link that is not a web address is left out; its text is kept"))
                return
            opening = f'<a href="{html.escape(address)}">'
            self.embed = address if self.embed == "" else self.embed
        if all(mark != tag for mark, _opening in self.marks):
            self.marks.append((tag, opening))

    def _open_box(self, tag: str, attributes: dict[str, str]) -> None:
        self._end_paragraph()
        if tag in TABLE_PARTS:
            self._end_parts(tag)
        if (
            tag == "li"
            and "li" in self.boxes
            and not {"ul", "ol"} & set(self.boxes[_last(self.boxes, "li") :])
        ):
            self._end_box("li")
        if len(self.boxes) > DEEPEST_BOXES * 2:
            self.losses.add(_("very deeply nested markup is flattened"))
            return
        if tag == "blockquote":
            self.embed = quoted_post(attributes)
        self.boxes.append(tag)
        self.out.append(f"<{tag}{_kept_attributes(tag, attributes)}>")

    def closed(self, tag: str) -> None:
        same = SAME_TAG.get(tag, tag)
        if "pre" in self.boxes and same != "pre":
            return
        if same in POST_MARKS:
            self._close_mark(same)
            if tag == "dt":
                self._end_term()
        elif same in POST_BOXES:
            self._end_paragraph()
            if same == "blockquote" and self.embed and self.out[-1] == "<blockquote>":
                self._fill_embed(self.embed)
            elif same in self.boxes:
                self._end_box(same)
        elif tag == "q":
            self._inline("”")
        elif tag in BREAKING:
            self._end_paragraph()
            self._part_lines()

    # --- output

    def _end_term(self) -> None:
        """End a paragraph, and a term whose end tag is missing."""
        if self.in_term:
            self._close_mark("strong")
            self.in_term = False
        self._end_paragraph()

    def _part_lines(self) -> None:
        """In an element that contains text directly, turn a paragraph into a line."""
        if (
            self.boxes
            and self.boxes[-1] in HOLD_WORDS_THEMSELVES
            and not self.out[-1].startswith(f"<{self.boxes[-1]}")
        ):
            self.breaks = "<br>"

    def _end_parts(self, part: str) -> None:
        """Close the parts of the innermost table that a new one ends."""
        parts = self.boxes[_last(self.boxes, "table") + 1 :]
        for place, box in enumerate(parts):
            if box in ENDED_BY[part]:
                for _part in parts[place:]:
                    self.out.append(f"</{self.boxes.pop()}>")
                return

    def _end_box(self, tag: str) -> None:
        while (box := self.boxes.pop()) != tag:
            self.out.append(f"</{box}>")
        if tag in {"figure", "figcaption", "ul", "blockquote"} and self.out[-1] == f"<{tag}>":
            self.out.pop()  # its contents were dropped
        else:
            self.out.append(f"</{tag}>")

    def _fill_embed(self, address: str) -> None:
        """Replace an empty quotation by the URL that a script would embed."""
        self.out.pop()
        self.boxes.pop()
        self.embed = None
        self._link(address, address)
        self._end_paragraph()

    def _inline(self, fragment: str) -> None:
        holds = bool(self.boxes) and self.boxes[-1] in HOLD_WORDS_THEMSELVES
        if self.out and (self.out[-1].endswith((" ", "<br>")) or OPENED.fullmatch(self.out[-1])):
            fragment = fragment.lstrip(" ")
        if not fragment or (not fragment.strip() and not (self.in_paragraph or holds)):
            return
        if not fragment.strip() and self.breaks:
            return
        if not (self.in_paragraph or holds):
            self.out.append("<p>")
            self.in_paragraph = True
            self.breaks = ""
            fragment = fragment.lstrip(" ")
        if self.breaks:
            self.out.append(self.breaks)
            self.breaks = ""
        while self.live < len(self.marks):
            self.out.append(self.marks[self.live][1])
            self.live += 1
        self.out.append(fragment)

    def _link(self, address: str, label: str) -> None:
        self._inline(f'<a href="{html.escape(address)}">{html.escape(label, quote=False)}</a>')

    def _picture(self, attributes: dict[str, str]) -> None:
        address = web_address(attributes.get("src", ""), self.base)
        alt = attributes.get("alt", "").strip()
        own = clean_post_html(
            f'<img src="{html.escape(attributes.get("src", ""))}" alt="{html.escape(alt)}">'
        )
        if own:
            self._inline(own)
            return
        self.losses.add(_why_no_picture(address, attributes.get("written", attributes.get("src", ""))))
        links = [opening for mark, opening in self.marks if mark == "a"]
        if not address:
            self._inline(html.escape(alt, quote=False))
        elif not links:
            if self.out and self.out[-1].endswith("</a>"):
                self._inline(" ")
            self._link(address, alt or address)
        else:
            self._inline(html.escape(alt, quote=False) or _("Picture"))
            if f'"{html.escape(address)}"' not in links[-1]:
                self.pictures.append(address)

    def _close_mark(self, tag: str) -> None:
        places = [index for index, (mark, _opening) in enumerate(self.marks) if mark == tag]
        if not places:
            return
        while self.live > places[-1]:
            self.live -= 1
            self.out.append(f"</{self.marks[self.live][0]}>")
        del self.marks[places[-1]]
        if tag == "a":
            for address in self.pictures:
                self._inline(" ")
                self._link(address, _("Picture"))
            self.pictures = []

    def _end_paragraph(self) -> None:
        if self.out and "pre" not in self.boxes:
            self.out[-1] = self.out[-1].rstrip(" ")
        while self.live:
            self.live -= 1
            self.out.append(f"</{self.marks[self.live][0]}>")
        if self.in_paragraph:
            self.out.append("</p>\n")
            self.in_paragraph = False
        self.breaks = ""


def _why_no_picture(address: str, written: str) -> str:
    if address and "//" not in written:  # as written in the export: a file of the old site itself
        return _("a file stays on the old site, and the text links to it there")
    if address:
        return _("a picture on another site becomes a link")
    if written.strip() and not re.match("[a-z]+:|#", written.strip(), re.IGNORECASE):
        return _("a picture is left out, as the old site isn’t known (fill in “Address of the old site”)")
    return _("a picture without an address is left out")


def _kept_attributes(tag: str, attributes: dict[str, str]) -> str:
    start, scope = attributes.get("start", ""), attributes.get("scope", "").lower()
    if tag == "ol" and start.isascii() and start.isdigit():
        return f' start="{start}"'
    if tag not in {"th", "td"}:
        return ""
    spans = "".join(
        f' {name}="{attributes[name]}"'
        for name in ("colspan", "rowspan")
        if SPAN.fullmatch(attributes.get(name, ""))
    )
    return spans + (f' scope="{scope}"' if tag == "th" and scope in SCOPES else "")


def _last(boxes: list[str], tag: str) -> int:
    return len(boxes) - 1 - boxes[::-1].index(tag)
