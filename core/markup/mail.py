"""Posts as email: HTML that email programs can show, and a readable plain text."""

import re
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser

import nh3
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.markup.allowlists import HOST_ATTRIBUTES, HOST_TAGS
from core.markup.posts import post_for_feeds

# Email programs play nothing, so a recording is a link.
AUDIO = re.compile(r'<audio\b[^>]*?\ssrc="([^"]*)"[^>]*>(?:</audio>)?')
MAIL_TAGS = HOST_TAGS - {"audio"}
MAIL_ATTRIBUTES = {
    tag: names - {"class", "data-start", "data-video", "download"}
    for tag, names in HOST_ATTRIBUTES.items()
    if tag in MAIL_TAGS or tag == "*"
}
# In CSS pixels: the column of notifications/email/_base.html.
MAIL_WIDTH = 512
PICTURE = re.compile(r"<img\b[^>]*>")
WIDTH, HEIGHT = re.compile(r'\swidth="(\d+)"'), re.compile(r'\sheight="\d+"')


@dataclass(frozen=True)
class MailParts:
    html: str
    text: str


def mail_parts(post_html: str) -> MailParts:
    """The body of a post for an email, with absolute URLs.

    Cached, so that ten thousand readers cost one conversion.
    """
    return _mail_parts(post_html, get_language() or "")


@lru_cache(maxsize=8)
def _mail_parts(post_html: str, _language: str) -> MailParts:
    listen = _("Listen to the recording")
    linked = AUDIO.sub(rf'<p><a href="\1">{listen}</a></p>', post_for_feeds(post_html))
    clean = nh3.clean(
        linked,
        tags=MAIL_TAGS,
        attributes=MAIL_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener",
    )
    clean = re.sub(r"<img(?![^>]*\ssrc=)[^>]*>", "", clean)
    parser = _Text()
    parser.feed(clean)
    parser.close()
    return MailParts(PICTURE.sub(_fitting, clean), parser.finished())


def _fitting(found: re.Match[str]) -> str:
    """Outlook does not support max-width: limit the width of a picture to the column's."""
    width = WIDTH.search(found[0])
    if width is None or int(width[1]) <= MAIL_WIDTH:
        return found[0]
    return HEIGHT.sub("", WIDTH.sub(f' width="{MAIL_WIDTH}"', found[0]))


def _forms_of(address: str) -> set[str]:
    """Forms of a URL as link text, after which it is not repeated in brackets."""
    short = address.rstrip("/")
    return {short, short.partition("://")[2]}


BLOCKS = {"p", "h2", "h3", "h4", "pre", "figcaption", "caption", "figure", "aside", "section"}


class _Text(HTMLParser):
    """Converts HTML from nh3 to text. Every tag in it is closed in its place."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.inline = ""
        # The prefixes of every line here: "> " of quotations, spaces of list items.
        self.margins: list[str] = []
        self.lists: list[int] = []  # the number of the next item; 0 in lists without numbers
        self.mark = ""  # of a list item, before its first line
        self.cells: list[str] | None = None
        self.link, self.link_at = "", 0
        self.in_pre = False

    def finished(self) -> str:
        self._end()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in self.lines)).strip("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "br":
            self.inline += "\n"
        elif tag == "hr":
            self._end(gap=True)
            self._say("* * *")
            self.lines.append("")
        elif tag == "img" and values.get("alt"):
            self.inline += "\n" if self.inline.endswith("]") else ""
            self.inline += _("[Picture: %(description)s]") % {"description": values["alt"]}
        elif tag == "a":
            self.link, self.link_at = values.get("href", ""), len(self.inline)
        elif tag in {"td", "th"}:
            self.inline = ""
        elif tag == "tr":
            self._end()
            self.cells = []
        else:
            self._open(tag, values)

    def _open(self, tag: str, values: dict[str, str]) -> None:
        if tag in BLOCKS or tag in {"table", "blockquote"}:
            self._end(gap=True)
            self.in_pre = self.in_pre or tag == "pre"
        if tag == "blockquote":
            self.margins.append("> ")
        elif tag == "pre":
            self.margins.append("    ")
        elif tag in {"ul", "ol"}:
            self._end(gap=not self.lists)
            start = values.get("start", "1")
            self.lists.append((int(start) if start.isdecimal() else 1) if tag == "ol" else 0)
        elif tag == "li":
            self._end()
            number = self.lists[-1] if self.lists else 0
            self.mark = f"{number}. " if number else "- "
            if number:
                self.lists[-1] += 1
            self.margins.append(" " * len(self.mark))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            label = self.inline[self.link_at :].strip()
            if self.link.startswith("#"):  # a footnote, or the link back from it
                self.inline = f"{self.inline[: self.link_at]}[{label}]" if label.isdigit() else self.inline
            elif self.link and label.rstrip("/") not in _forms_of(self.link):
                self.inline += f" <{self.link}>" if label else self.link
            self.link = ""
        elif tag in {"td", "th"} and self.cells is not None:
            self.cells.append(" ".join(self.inline.split()))
            self.inline = ""
        elif tag == "tr" and self.cells is not None:
            self._say(" | ".join(self.cells))
            self.cells = None
        elif tag in {"h2", "h3", "h4"}:
            width = min(len(" ".join(self.inline.split())), 60)
            self._end()
            self._say(("=" if tag == "h2" else "-") * width)
            self.lines.append("")
        else:
            self._close(tag)

    def _close(self, tag: str) -> None:
        if tag in BLOCKS or tag in {"blockquote", "table"}:
            self._end(gap=self.cells is None)
        if tag == "pre":
            self.in_pre = False
        if tag in {"blockquote", "pre"} and self.margins:
            if self.lines and self.lines[-1].strip() == "".join(self.margins).strip():
                self.lines.pop()
            self.margins.pop()
            self.lines.append("".join(self.margins).rstrip())
        elif tag == "li":
            self._end()
            self.mark = ""
            if self.margins:
                self.margins.pop()
        elif tag in {"ul", "ol"} and self.lists:
            self.lists.pop()
            if not self.lists:
                self.lines.append("")

    def handle_data(self, data: str) -> None:
        self.inline += data if self.in_pre else re.sub(r"[ \t\r\n\f]+", " ", data)

    def _end(self, *, gap: bool = False) -> None:
        """End the inline text so far as lines of its own; in a table cell it continues."""
        if self.cells is not None:
            self.inline += " "
            return
        text = self.inline if self.in_pre else "\n".join(line.strip() for line in self.inline.split("\n"))
        self.inline = ""
        if text.strip():
            for line in text.strip("\n").split("\n"):
                self._say(line)
        # Between two paragraphs of a quotation the prefix continues; lists are set without gaps.
        margin = "".join(self.margins).rstrip()
        if gap and self.lines and self.lines[-1].strip() not in {"", margin} and not self.lists:
            self.lines.append(margin)

    def _say(self, line: str) -> None:
        before = "".join(self.margins)
        if self.mark:
            before = before[: -len(self.mark)] + self.mark
            self.mark = ""
        self.lines.append(before + line)
