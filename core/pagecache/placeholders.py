"""Pages with placeholders: rendered once for many readers, with marks where each reader's own parts are inserted.

A template writes `{{ gaps.me }}` where the view asked for a placeholder, and otherwise renders the part itself:
`{% if gaps.me %}{{ gaps.me }}{% else %}{% include "_me.html" %}{% endif %}`.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.utils.crypto import get_random_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from core.markup.safe import assembled

# A placeholder that is filled in the same way for every reader.
LATER = "later"


@dataclass(frozen=True)
class Gapped:
    """HTML with placeholders. Each has a kind, and data about its place; len(pieces) == len(gaps) + 1."""

    pieces: list[str]
    gaps: list[tuple[str, Any]]

    def fill(self, text_for: Callable[[str, Any], str]) -> SafeString:
        """The HTML, with the result of `text_for(kind, facts)` for each placeholder. It must come from a template."""
        parts = [self.pieces[0]]
        for (kind, facts), piece in zip(self.gaps, self.pieces[1:], strict=True):
            parts += (_made_now(facts) if kind == LATER else text_for(kind, facts), piece)
        return assembled(parts)

    def encoded(self) -> "Encoded":
        return Encoded([piece.encode() for piece in self.pieces], self.gaps)


@dataclass(frozen=True)
class Encoded:
    """`Gapped` as the bytes that are sent.

    Assembling a page takes some microseconds; encoding a page of 100 kB for each reader a quarter of a millisecond.
    """

    pieces: list[bytes]
    gaps: list[tuple[str, Any]]

    def fill(self, text_for: Callable[[str, Any], str | bytes]) -> bytes:
        """See Gapped.fill."""
        parts = [self.pieces[0]]
        for (kind, facts), piece in zip(self.gaps, self.pieces[1:], strict=True):
            text = _made_now(facts) if kind == LATER else text_for(kind, facts)
            parts += (text.encode() if isinstance(text, str) else text, piece)
        return b"".join(parts)


def _made_now(make: Callable[[], str]) -> str:
    return conditional_escape(make())


class GapCollector:
    """Given to templates as `gaps`. Each mark it returns is one place to cut the HTML at.

    The marks contain a random word made for this rendering, so that nothing a member writes can imitate one.
    """

    def __init__(self, kinds: Collection[str] = ()) -> None:
        """kinds: the placeholders that a template may use by name."""
        self.kinds = frozenset(kinds)
        # Parts that were rendered before; they may contain placeholders of this collector.
        self.ready: dict[str, str] = {}
        self.word = get_random_string(20)
        self.found: list[tuple[str, Any]] = []

    def __getitem__(self, kind: str) -> str:
        return self.mark(kind, None) if kind in self.kinds else self.ready.get(kind, "")

    def later(self, make: Callable[[], str]) -> str:
        """A placeholder for what is rendered for each reader. make: a function of a module, or a `functools.partial` of one."""
        return self.mark(LATER, make)

    def mark(self, kind: str, facts: Any) -> str:
        self.found.append((kind, facts))
        return f"{self.word}{len(self.found) - 1}."

    def cut(self, html: str) -> Gapped:
        """The HTML in pieces. A mark that was not used (`{% if gaps.me %}`) is ignored."""
        parts = re.split(rf"{self.word}(\d+)\.", html)
        return Gapped(parts[::2], [self.found[int(number)] for number in parts[1::2]])
