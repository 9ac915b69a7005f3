"""What a search engine must be able to do for us. A larger one (OpenSearch, Meilisearch) is a class of this kind.

Visibility is none of its business: what is found is looked up in the database, and shown only to those who may read it.
So nothing hidden can be found by an index that lags behind.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True)
class Document:
    """A row as the index holds it. The words are made by search.words; facts are exact: author, post, domain, tag, month."""

    pk: int
    title: Sequence[str]
    body: Sequence[str]
    facts: Sequence[str]


class Titles(StrEnum):
    """Which matches: all, those that have all phrases in the title, those that have not."""

    ANY = ""
    ONLY = "t"
    NONE = "b"


@dataclass(frozen=True)
class Sought:
    """phrases: each must occur, in one of its forms; a form is a row of words side by side. without: none of these may.
    facts: of each group of these one must hold."""

    phrases: Sequence[Sequence[tuple[str, ...]]]
    without: Sequence[Sequence[tuple[str, ...]]]
    facts: Sequence[Sequence[str]]
    titles: Titles = Titles.ANY


class Backend(Protocol):
    def add(self, kind: str, documents: Iterable[Document]) -> None:
        """Add rows, or replace those with the same key. In the transaction of the caller, if it can."""

    def remove(self, kind: str, pks: Iterable[int]) -> None: ...

    def newest(self, kind: str, sought: Sought, *, below: int | None, limit: int) -> list[int]:
        """Keys of rows that match, the highest first, all below the given one."""

    def ranked(self, kind: str, sought: Sought, pks: Sequence[int]) -> dict[int, float]:
        """How well each of these rows matches; higher is better. Only asked where few rows match."""

    def purge(self, kind: str) -> None:
        """Leave nothing of removed rows behind, on the disk either. In small transactions of its own."""

    def keys(self, kind: str, *, above: int, limit: int) -> list[int]:
        """Keys in the index in ascending order, to find what is no longer in the database."""
