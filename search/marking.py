"""Excerpts of results with the matching words marked."""

from collections.abc import Iterable
from typing import NamedTuple

from search.words import placed_words

EXCERPT = 260


class Piece(NamedTuple):
    """A piece of text, and whether it matches. Templates escape it like any text."""

    text: str
    is_hit: bool


def marked(text: str, words: set[str], language: str, *, limit: int = 0) -> list[Piece]:
    """Split the text. limit: the maximum length, around the first match; 0 for the whole text."""
    hits = _joined((start, end) for start, end, word in placed_words(text, language) if word in words)
    begin, end = _window(text, hits[0][0] if hits else 0, limit)
    pieces: list[Piece] = []
    at = begin
    for start, stop in hits:
        if stop <= begin or start >= end:
            continue
        pieces += [Piece(text[at:start], False), Piece(text[start:stop], True)]
        at = stop
    pieces.append(Piece(text[at:end], False))
    if begin:
        pieces.insert(0, Piece("… ", False))
    if end < len(text):
        pieces.append(Piece(" …", False))
    return [piece for piece in pieces if piece.text]


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join overlapping matches, such as pairs of characters."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _window(text: str, hit: int, limit: int) -> tuple[int, int]:
    if not limit or len(text) <= limit:
        return 0, len(text)
    begin = max(min(hit - limit // 4, len(text) - limit), 0)
    if begin and (blank := text.find(" ", begin, begin + 30)) >= 0 and blank < hit:
        begin = blank + 1
    end = begin + limit
    if end < len(text) and (blank := text.rfind(" ", end - 30, end)) > hit:
        end = blank
    return begin, end
