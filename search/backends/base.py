"""The interface of search engines. A larger one (OpenSearch, Meilisearch) is a subclass.

The engine does not know what a reader may see: its results are looked up in the database, and shown only to
those who may read them. So an index that lags behind cannot reveal anything hidden.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True)
class Document:
    """A row in the index.

    search.words makes the words; facts match exactly: author, post, domain, tag, month.
    """

    pk: int
    title: Sequence[str]
    body: Sequence[str]
    facts: Sequence[str]


class Titles(StrEnum):
    """Which matches: all, those with all phrases in the title, or the others."""

    ANY = ""
    ONLY = "t"
    NONE = "b"


@dataclass(frozen=True)
class SearchTerms:
    """What to search for.

    phrases: each must occur in one of its forms; a form is a sequence of adjacent words. without: none of
    these may occur. facts: of each group, one must match.
    """

    phrases: Sequence[Sequence[tuple[str, ...]]]
    without: Sequence[Sequence[tuple[str, ...]]]
    facts: Sequence[Sequence[str]]
    titles: Titles = Titles.ANY


class Backend(Protocol):
    def add(self, kind: str, documents: Iterable[Document]) -> None:
        """Add rows, or replace those with the same key. In the transaction of the caller, if possible."""

    def remove(self, kind: str, pks: Iterable[int]) -> None: ...

    def newest(self, kind: str, sought: SearchTerms, *, below: int | None, limit: int) -> list[int]:
        """Keys of matching rows, the highest first, all below the given one."""

    def ranked(self, kind: str, sought: SearchTerms, pks: Sequence[int]) -> dict[int, float]:
        """How well each of these rows matches; higher is better. Only called if few rows match."""

    def purge(self, kind: str) -> None:
        """Erase removed rows completely, also on the disk. In small transactions of its own."""

    def keys(self, kind: str, *, above: int, limit: int) -> list[int]:
        """Keys in the index in ascending order, to find those that are no longer in the database."""
