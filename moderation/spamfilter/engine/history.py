"""What decisions leave behind besides the classifier: recurring links and names, and near-duplicates."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple, Protocol
from zlib import crc32

if TYPE_CHECKING:
    from moderation.spamfilter.engine.text import TextAnalysis

SKETCH_SIZE = 48
KEYS = 6


class MarkRecord(NamedTuple):
    """The number of different authors of approved comments, and of confirmed spam, with this mark.

    See TextAnalysis.marks.
    """

    mark: str
    ham_authors: int
    spam_authors: int


class Nearest(NamedTuple):
    """The similarity of a comment to decided ones: the greatest, 0 to 1, and how many are above half."""

    spam: float = 0.0
    ham: float = 0.0
    spam_count: int = 0


class History(Protocol):
    def marks(self, marks: Iterable[str]) -> list[MarkRecord]: ...

    def nearest(self, analysis: "TextAnalysis") -> Nearest: ...


def sketch_of(analysis: "TextAnalysis") -> tuple[int, ...]:
    """The SKETCH_SIZE smallest hashes of its shingles (bottom-k sketch; Broder 1997).

    "On the resemblance of documents": two texts that share most of their shingles share most of these hashes,
    and nearly always one of the KEYS smallest. Cached on the analysis.
    """
    if analysis.sketch is None:
        hashes = {crc32(shingle.encode("utf-8", "replace")) for shingle in analysis.shingles()}
        analysis.sketch = tuple(sorted(hashes)[:SKETCH_SIZE])
    return analysis.sketch


def similarity(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """The estimated Jaccard similarity of the shingles of two texts, from their sketches."""
    if not one or not other:
        return 0.0
    first, second = set(one), set(other)
    lowest = sorted(first | second)[: min(SKETCH_SIZE, max(len(one), len(other)))]
    return sum(1 for value in lowest if value in first and value in second) / len(lowest)


class NoHistory:
    """The history of a site without decisions."""

    def marks(self, marks: Iterable[str]) -> list[MarkRecord]:
        return []

    def nearest(self, analysis: "TextAnalysis") -> Nearest:
        return Nearest()


class PlainHistory:
    """A history in memory, for evaluation.

    Every comment counts as another author's, since they are unknown.
    """

    def __init__(self) -> None:
        self.by_mark: dict[str, list[int]] = {}
        self.by_key: dict[int, list[int]] = {}
        self.sketches: list[tuple[tuple[int, ...], bool]] = []

    def add(self, analysis: "TextAnalysis", is_spam: bool) -> None:
        for mark in analysis.marks:
            self.by_mark.setdefault(mark, [0, 0])[is_spam] += 1
        self.remember(sketch_of(analysis), is_spam)

    def remember(self, sketch: tuple[int, ...], is_spam: bool) -> None:
        for key in sketch[:KEYS]:
            self.by_key.setdefault(key, []).append(len(self.sketches))
        self.sketches.append((sketch, is_spam))

    def marks(self, marks: Iterable[str]) -> list[MarkRecord]:
        return [MarkRecord(mark, *self.by_mark[mark]) for mark in marks if mark in self.by_mark]

    def nearest(self, analysis: "TextAnalysis") -> Nearest:
        sketch = sketch_of(analysis)
        # The latest are enough: campaigns are recent.
        numbers = {number for key in sketch[:KEYS] for number in self.by_key.get(key, [])[-50:]}
        return nearest_of(sketch, (self.sketches[number] for number in numbers))


def nearest_of(sketch: tuple[int, ...], decided: Iterable[tuple[tuple[int, ...], bool]]) -> Nearest:
    best = {True: 0.0, False: 0.0}
    spam_count = 0
    for other, is_spam in decided:
        like = similarity(sketch, other)
        best[is_spam] = max(best[is_spam], like)
        spam_count += is_spam and like > 0.5
    return Nearest(best[True], best[False], spam_count)
