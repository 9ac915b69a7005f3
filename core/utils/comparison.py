"""Differences between two versions of a text."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from operator import attrgetter

# How many pairs of words may be compared for one page of changes. The work grows faster than the text. Texts
# of ordinary length never reach it; what is left when it is used up is shown as one replacement.
PAIRS_COMPARED = 1_000_000
SENTENCES = re.compile(r"[^.!?…]*[.!?…]*\s*")
WORDS = re.compile(r"\w+|\s+|[^\w\s]")
SAME, INSERTED, DELETED = "same", "inserted", "deleted"


@dataclass(frozen=True)
class Piece:
    """A run of words, and what happened to it: SAME, INSERTED or DELETED."""

    kind: str
    words: str

    @property
    def is_inserted(self) -> bool:
        return self.kind == INSERTED

    @property
    def is_deleted(self) -> bool:
        return self.kind == DELETED


class Comparison:
    """Compares versions of a text; all calls together make at most `pairs` comparisons."""

    def __init__(self, pairs: int = PAIRS_COMPARED) -> None:
        self.pairs_left = pairs

    def pieces(self, old: str, new: str) -> list[Piece]:
        """The differences from old to new.

        Same and deleted pieces make up old, same and inserted ones new.
        """
        steps = self._steps(
            old.splitlines(keepends=True), new.splitlines(keepends=True), then=[SENTENCES, WORDS]
        )
        return list(_joined(steps))

    def _steps(
        self, old: Sequence[str], new: Sequence[str], then: Sequence[re.Pattern[str]]
    ) -> Iterator[Piece]:
        """Compare piece by piece; what differs is split by the next pattern of `then` and compared again."""
        before = _common(old, new)
        after = _common(old[before:][::-1], new[before:][::-1])
        yield Piece(SAME, "".join(old[:before]))
        old_middle, new_middle = old[before : len(old) - after], new[before : len(new) - after]
        for kind, gone, come in self._blocks(old_middle, new_middle):
            if kind == "equal":
                yield Piece(SAME, "".join(gone))
            elif kind == "replace" and then:
                yield from self._steps(
                    then[0].findall("".join(gone)), then[0].findall("".join(come)), then[1:]
                )
            else:
                yield Piece(DELETED, "".join(gone))
                yield Piece(INSERTED, "".join(come))
        yield Piece(SAME, "".join(old[len(old) - after :]))

    def _blocks(
        self, old: Sequence[str], new: Sequence[str]
    ) -> Iterator[tuple[str, Sequence[str], Sequence[str]]]:
        pairs = len(old) * len(new)
        if pairs > self.pairs_left:
            yield "replace", old, new
            return
        self.pairs_left -= pairs
        for kind, i, j, k, m in SequenceMatcher(None, old, new).get_opcodes():
            yield kind, old[i:j], new[k:m]


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    """How many pieces at the beginning are the same."""
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count


def _joined(steps: Iterable[Piece]) -> Iterator[Piece]:
    """Join steps: a space between two changes becomes part of them, so that phrases are not torn apart."""
    changes: list[Piece] = []
    for kind, words in _runs(steps):
        if kind == SAME and not (changes and words.isspace() and "\n" not in words):
            yield from _change(changes)
            changes = []
            yield Piece(SAME, words)
        else:
            changes.append(Piece(kind, words))
    yield from _change(changes)


def _runs(steps: Iterable[Piece]) -> Iterator[tuple[str, str]]:
    for kind, run in groupby(filter(attrgetter("words"), steps), key=attrgetter("kind")):
        yield kind, "".join(piece.words for piece in run)


def _change(changes: list[Piece]) -> Iterator[Piece]:
    """Join consecutive changes: what was deleted, then what was inserted.

    A space at the end stays as it is.
    """
    blank = changes.pop() if changes and changes[-1].kind == SAME else None
    for kind, other in ((DELETED, INSERTED), (INSERTED, DELETED)):
        words = "".join(piece.words for piece in changes if piece.kind != other)
        if words:
            yield Piece(kind, words)
    if blank:
        yield blank
