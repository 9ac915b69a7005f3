"""A pseudo-locale: every text marked for translation in brackets, with accents, and some 40 % longer."""

import functools
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any
from unittest.mock import patch

from django.utils.translation import trans_real

from comments.thread import personalize

# Placeholders, tags and entities are not changed.
KEPT = re.compile(r"(%\([^)]+\)[#0 +-]*[\d.]*[a-zA-Z]|%[sdr%]|\{[^{}]*\}|<[^>]*>|&#?\w+;)")
VOWELS = {
    "a": "áà",
    "e": "éè",
    "i": "íì",
    "o": "óò",
    "u": "úù",
    "A": "ÁÀ",
    "E": "ÉÈ",
    "I": "ÍÌ",
    "O": "ÓÒ",
    "U": "ÚÙ",
}
OPEN, CLOSE = "⟦", "⟧"
# A marked text, which may contain others.
MARKED = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
# Between elements.
BREAK = "\x1f"
WORD = re.compile("[A-Za-z]{2}")
NO_WORDS = re.compile(r"\bRe:|={3,}|^>\s|\b[ap]\.m\.|\bUTC\b|https?://\S+|\S+@\S+|&\w+;")


@functools.cache  # pages repeat each other
def pseudo(text: str) -> str:
    """Return the pseudo-translation; whitespace is unchanged, and so are Django's date and number formats."""
    words = text.rpartition("\x04")[2]
    if not re.search(r"[a-z]{2}", KEPT.sub("", words), re.IGNORECASE):
        return words
    start, end = re.match(r"\s*", words)[0], re.search(r"\s*$", words)[0]  # type: ignore[index] # both match anything
    pieces = KEPT.split(words.strip())
    for place in range(0, len(pieces), 2):
        pieces[place] = "".join(VOWELS.get(letter, letter) for letter in pieces[place])
    return f"{start}{OPEN}{''.join(pieces)}{CLOSE}{end}"


class Pseudo(trans_real.DjangoTranslation):
    """Replaces all catalogues."""

    def __init__(self) -> None:
        self._catalog = trans_real.TranslationCatalog()  # type: ignore[assignment] # only read for the plural forms
        self.plural = lambda number: int(number != 1)  # type: ignore[method-assign]

    def gettext(self, message: str) -> str:
        return pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return pseudo(msgid1 if n == 1 else msgid2)

    def language(self) -> str:
        return "en-gb"

    to_language = language


def forget_rendered_parts() -> None:
    for kept in (personalize._acts, personalize._part, personalize._badge):
        kept.cache_clear()


@contextmanager
def pseudo_locale() -> Iterator[None]:
    """Translate everything inside the block to the pseudo-locale, for all readers."""
    fake = Pseudo()
    # Cached fragments from earlier in this process are English, and stored under a real language.
    forget_rendered_parts()
    with (
        patch.object(trans_real, "translation", lambda _language: fake),
        patch.object(trans_real, "_default", fake),
    ):
        active = getattr(trans_real._active, "value", None)
        trans_real._active.value = fake
        try:
            yield
        finally:
            forget_rendered_parts()
            if active is None:
                del trans_real._active.value
            else:
                trans_real._active.value = active


class Known:
    """User content and names, which are not translated. Each piece of a text is searched for them only once."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._words = sorted(words, key=len, reverse=True)
        self._rests: dict[str, str] = {}

    def rest_of(self, piece: str) -> str:
        """Return the other words of the piece."""
        if piece not in self._rests:
            rest = piece
            for words in self._words:
                rest = rest.replace(words, " ")
            rest = re.sub(r"\s+", " ", NO_WORDS.sub(" ", rest)).strip(" ·…:–—,.;()“”‘’\"'*/|-+→←×")
            self._rests[piece] = rest if WORD.search(rest) else ""
        return self._rests[piece]


NOTHING_KNOWN = Known()


def unmarked(text: str, known: Known = NOTHING_KNOWN) -> list[str]:
    """Return the words of a text (split at BREAK) that are in no marked text and not known."""
    before = ""
    while before != text:
        before, text = text, MARKED.sub(" ", text)
    pieces = (piece.partition(OPEN)[0].rpartition(CLOSE)[2] for piece in text.split(BREAK))
    return [rest for piece in pieces if WORD.search(piece) and (rest := known.rest_of(piece))]


SPOKEN = {"aria-label", "aria-description", "title", "placeholder", "alt", "data-label", "aria-valuetext"}
SILENT = {"script", "style", "code", "pre", "svg", "kbd", "textarea", "template", "time"}


class Texts(HTMLParser):
    """The texts on a page that users see or hear, except in elements with `lang` or `translate="no"`."""

    VOID = {"br", "hr", "img", "input", "link", "meta", "use", "path", "source", "wbr", "col"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.heard: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self.feed(html)

    def unmarked(self, known: Known = NOTHING_KNOWN) -> list[str]:
        return unmarked(BREAK.join(self.texts), known) + [
            one for text in self.heard for one in unmarked(text, known)
        ]

    @property
    def _is_silent(self) -> bool:
        return any(silent for _tag, silent in self._open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values: dict[str, Any] = dict(attrs)
        is_silent = tag in SILENT or (tag != "html" and "lang" in values) or values.get("translate") == "no"
        if not (self._is_silent or is_silent):
            self.heard += [values[name] for name in SPOKEN & values.keys() if values[name]]
            if tag == "input" and values.get("type") in {"submit", "button", "reset"} and values.get("value"):
                self.heard.append(values["value"])
            if tag == "meta" and values.get("name") == "description":
                self.heard.append(values.get("content") or "")
        if tag not in self.VOID:
            self._open.append((tag, is_silent))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._is_silent:
            self.texts.append(data)
