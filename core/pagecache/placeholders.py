"""Pages with placeholders: rendered once for many readers, with marks for each reader's own parts.

A template writes `{{ gaps.me }}` if the view asked for a placeholder, and otherwise renders the part itself:
`{% if gaps.me %}{{ gaps.me }}{% else %}{% include "_me.html" %}{% endif %}`.
"""

import struct
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zlib import DEFLATED, MAX_WBITS, Z_SYNC_FLUSH, compressobj, crc32

from django.utils.crypto import get_random_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from core.markup.safe import assembled

# A placeholder that is filled in the same way for every reader.
LATER = "later"
GZIP_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
DEFLATE_END = b"\x03\0"
# The size of a tuple of a kind and its data.
BYTES_OF_A_GAP = 250


@dataclass(frozen=True)
class Gapped:
    """HTML with placeholders. Each has a kind, and data about its place; len(pieces) == len(gaps) + 1."""

    pieces: list[str]
    gaps: list[tuple[str, Any]]

    def fill(self, text_for: Callable[[str, Any], str]) -> SafeString:
        """The HTML, with the result of `text_for(kind, facts)` for each placeholder.

        It must come from a template.
        """
        parts = [self.pieces[0]]
        for (kind, facts), piece in zip(self.gaps, self.pieces[1:], strict=True):
            parts += (_made_now(facts) if kind == LATER else text_for(kind, facts), piece)
        return assembled(parts)

    def with_parts(self, parts: dict[str, "Gapped"]) -> "Gapped":
        """Replace the placeholders of these kinds by other HTML, which may have placeholders."""
        pieces, gaps = self.pieces[:1], list[tuple[str, Any]]()
        for (kind, facts), piece in zip(self.gaps, self.pieces[1:], strict=True):
            if kind in parts:
                first, *others = parts[kind].pieces
                pieces[-1] += first
                pieces += others
                gaps += parts[kind].gaps
                pieces[-1] += piece
            else:
                pieces.append(piece)
                gaps.append((kind, facts))
        return Gapped(pieces, gaps)

    @property
    def weight(self) -> int:
        """The approximate size in bytes."""
        return sum(map(sys.getsizeof, self.pieces)) + BYTES_OF_A_GAP * len(self.gaps)

    def encoded(self) -> "Encoded":
        return Encoded([piece.encode() for piece in self.pieces], self.gaps)


class Joined:
    """Builds a `Gapped`: HTML is appended to `text`, with placeholders in between."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self._pieces: list[str] = []
        self._gaps: list[tuple[str, Any]] = []

    def mark(self, kind: str, facts: Any) -> None:
        self._pieces.append("".join(self.text))
        self.text.clear()
        self._gaps.append((kind, facts))

    def join(self, html: Gapped) -> None:
        self.text.append(html.pieces[0])
        for (kind, facts), piece in zip(html.gaps, html.pieces[1:], strict=True):
            self.mark(kind, facts)
            self.text.append(piece)

    @property
    def whole(self) -> Gapped:
        return Gapped([*self._pieces, "".join(self.text)], self._gaps)


@dataclass(frozen=True)
class Encoded:
    """`Gapped` as the bytes that are sent.

    Assembling a page takes some microseconds; encoding a page of 100 kB for each reader a quarter of a millisecond.
    """

    pieces: list[bytes]
    gaps: list[tuple[str, Any]]

    @property
    def weight(self) -> int:
        """See Gapped.weight."""
        return sum(map(sys.getsizeof, self.pieces)) + BYTES_OF_A_GAP * len(self.gaps)

    def fill(self, text_for: Callable[[str, Any], str | bytes]) -> bytes:
        """See Gapped.fill."""
        parts = [self.pieces[0]]
        for (kind, facts), piece in zip(self.gaps, self.pieces[1:], strict=True):
            text = _made_now(facts) if kind == LATER else text_for(kind, facts)
            parts += (text.encode() if isinstance(text, str) else text, piece)
        return b"".join(parts)

    def fill_compressed(self, text_for: Callable[[str, Any], str | bytes]) -> bytes:
        """The page as a gzip file (RFC 1952). Only inserted text is new, and it is stored uncompressed."""
        size, checksum = len(self.pieces[0]), crc32(self.pieces[0])
        parts = [GZIP_HEAD, self._deflated[0]]
        for (kind, facts), piece, deflated in zip(
            self.gaps, self.pieces[1:], self._deflated[1:], strict=True
        ):
            text = _made_now(facts) if kind == LATER else text_for(kind, facts)
            text = text.encode() if isinstance(text, str) else text
            parts += [_stored(text), deflated]
            size, checksum = size + len(text) + len(piece), crc32(piece, crc32(text, checksum))
        parts.append(DEFLATE_END + struct.pack("<LL", checksum, size & 0xFFFFFFFF))
        return b"".join(parts)

    @cached_property
    def _deflated(self) -> list[bytes]:
        """Each piece as complete, byte-aligned blocks of a deflate stream (RFC 1951), which can be joined."""
        return [_deflate(piece) for piece in self.pieces]


def _deflate(piece: bytes) -> bytes:
    packer = compressobj(6, DEFLATED, -MAX_WBITS)
    return packer.compress(piece) + packer.flush(Z_SYNC_FLUSH)


def _stored(text: bytes) -> bytes:
    """Uncompressed blocks of a deflate stream with this text, at most 65,535 bytes each."""
    blocks = [text[start : start + 0xFFFF] for start in range(0, len(text), 0xFFFF)]
    return b"".join(b"\0" + struct.pack("<HH", len(block), len(block) ^ 0xFFFF) + block for block in blocks)


def _made_now(make: Callable[[], str]) -> str:
    return conditional_escape(make())


class GapCollector:
    """Available to templates as `gaps`. Each mark that it returns is a place to cut the HTML.

    The marks contain a random word for this rendering, so that members' text cannot imitate one.
    """

    def __init__(self, kinds: Collection[str] = ()) -> None:
        """kinds: the placeholders that a template may use by name."""
        self.kinds = frozenset(kinds)
        # Parts that were rendered earlier; they may contain placeholders of this collector.
        self.ready: dict[str, str] = {}
        self.word = get_random_string(20)
        self.found: list[tuple[str, Any]] = []

    def __getitem__(self, kind: str) -> str:
        return self.mark(kind, None) if kind in self.kinds else self.ready.get(kind, "")

    def later(self, make: Callable[[], str]) -> str:
        """A placeholder that is rendered for each reader.

        make: a module's function, or a `functools.partial` of one.
        """
        return self.mark(LATER, make)

    def mark(self, kind: str, facts: Any) -> str:
        self.found.append((kind, facts))
        return f"{self.word}{len(self.found) - 1}."

    def cut(self, html: str) -> Gapped:
        """Cut the HTML at its marks. Marks that were only tested (`{% if gaps.me %}`) are ignored."""
        first, *others = html.split(self.word)
        parts = [part.partition(".") for part in others]
        return Gapped(
            [first, *(rest for _number, _dot, rest in parts)],
            [self.found[int(number)] for number, _dot, _rest in parts],
        )
