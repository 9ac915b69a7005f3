"""Highlights words and hosts in a text, for moderators."""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from html.parser import HTMLParser

import nh3
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from core.markup.allowlists import MEMBER_ATTRIBUTES, MEMBER_TAGS, PICTURE_ATTRIBUTES, _only_our_pictures

# At most this many words are highlighted in one text.
MAX_MARKED = 60
# Longer than what may come between two words of a phrase.
END_OF_BLOCK = 5 * "\n"


def without_links(clean_html: str, marked: Sequence[str] = ()) -> SafeString:
    """Member HTML without links and pictures: their labels and alt texts stay as text.

    marked: words and hosts to be put into <mark>, wherever they occur.
    """
    return mark_safe(  # noqa: S308 - sanitised in the same breath
        nh3.clean(
            _with_marks(clean_html, marked) if marked else clean_html,
            tags=MEMBER_TAGS - {"a"} | {"img", "mark"},
            attributes={**MEMBER_ATTRIBUTES, "img": PICTURE_ATTRIBUTES},
            attribute_filter=_only_our_pictures,
        )
    )


def with_marks(text: str, marked: Sequence[str]) -> SafeString:
    """Plain text as HTML, with these words and hosts in <mark>."""
    *cuts, (rest, _nothing) = _cut(text, marks_in(text, marked))
    return format_html("{}{}", format_html_join("", "{}<mark>{}</mark>", cuts), rest)


def _with_marks(clean_html: str, marked: Sequence[str]) -> str:
    """HTML (to be sanitised) with <mark> around matches. A phrase may begin in bold and end in plain text."""
    reader = _PieceReader()
    reader.feed(clean_html)
    reader.close()
    spans = marks_in("".join(text for text, _tag in reader.pieces), marked)
    out, place, index = list[str](), 0, 0
    for text, tag in reader.pieces:
        if tag:
            out.append(tag)
        else:
            end = place + len(text)
            while index and spans[index - 1][1] > place:
                index -= 1
            inside = []
            while index < len(spans) and spans[index][0] < end:
                if spans[index][1] > place:
                    inside.append((max(spans[index][0] - place, 0), min(spans[index][1], end) - place))
                index += 1
            out += [
                f"{html.escape(before)}<mark>{html.escape(mark)}</mark>" if mark else html.escape(before)
                for before, mark in _cut(text, inside)
            ]
        place += len(text)
    return "".join(out)


def _cut(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[str, str]]:
    """The text as pairs of what is before a span and what is in it. In the last pair the second is empty."""
    place = 0
    for start, end in spans:
        yield text[place:start], text[start:end]
        place = end
    yield text[place:], ""


class _PieceReader(HTMLParser):
    """Splits HTML into pieces of text, and tags between them.

    Blocks end a line, so that no phrase spans two.
    """

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag(tag, self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        self._tag(tag, f"</{tag}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag(tag, self.get_starttag_text() or "")

    def _tag(self, tag: str, written: str) -> None:
        self.pieces.append(("" if tag in {"a", "em", "strong", "s", "code"} else END_OF_BLOCK, written))

    def handle_data(self, data: str) -> None:
        self.pieces.append((data, ""))


def marks_in(text: str, marked: Sequence[str]) -> list[tuple[int, int]]:
    """Where these words and hosts occur in a text: (start, end), in order, without overlap.

    Look-alike letters and invisible characters between them are normalised, as in the spam filter.
    """
    wanted = {_plain_chars(mark)[0].strip() for mark in marked[:MAX_MARKED]}
    patterns = []
    for mark in sorted((mark for mark in wanted if len(mark) > 1), key=len, reverse=True):
        pattern = r"[\W_]{1,4}".join(map(re.escape, mark.split()))
        before, after = (
            (r"(?<!\w)" if mark[0].isascii() and mark[0].isalnum() else ""),
            (r"(?!\w)" if mark[-1].isascii() and mark[-1].isalnum() else ""),
        )
        patterns.append(f"{before}{pattern}{after}")
    if not patterns:
        return []
    plain, places = _plain_chars(text)
    spans: list[tuple[int, int]] = []
    for match in re.finditer("|".join(patterns), plain):
        start, end = places[match.start()], places[match.end() - 1] + 1
        if not spans or start >= spans[-1][1]:
            spans.append((start, end))
    return spans


def _plain_chars(text: str) -> tuple[str, list[int]]:
    """A text in plain lowercase letters, and the original position of each of them."""
    chars, places = list[str](), list[int]()
    for place, char in enumerate(text):
        plain = (
            char.lower()
            if char.isascii()
            else ""
            if unicodedata.category(char) == "Cf"
            else unicodedata.normalize("NFKC", char).casefold()
        )
        chars.append(plain)
        places += [place] * len(plain)
    return "".join(chars), places
