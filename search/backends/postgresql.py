"""The index in PostgreSQL: a tsvector for each row, with a GIN index (PostgreSQL's documentation, chapter 12).

The vectors are written out by us, word by word: PostgreSQL's own parser and dictionaries, which differ from server to
server, are not asked.
"""

from collections.abc import Iterable, Sequence

from django.db import connection

from search.backends.base import Document, Sought, Titles
from search.words import PAIRED

# Limits of the type: a position is at most 16,383, a word has at most 256 positions.
LAST_POSITION = 16_383
MOST_POSITIONS = 255
# Between title and body, so that no phrase is found across.
GAP = 8
WEIGHTS = "{0, 0.1, 0.1, 0.6}"  # of D, C, B, A
# Of the newest rows so many are looked through for words that stand side by side, before the index is asked: 25 ms.
LOOKED_THROUGH = 100_000


class PostgresBackend:
    def add(self, kind: str, documents: Iterable[Document]) -> None:
        rows = [(each.pk, _vector(each)) for each in documents]
        if rows:
            with connection.cursor() as cursor:
                cursor.executemany(
                    f"INSERT INTO search_{kind} (id, words) VALUES (%s, %s::tsvector)"  # noqa: S608 - our own names
                    " ON CONFLICT (id) DO UPDATE SET words = excluded.words",
                    rows,
                )

    def remove(self, kind: str, pks: Iterable[int]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM search_{kind} WHERE id = ANY(%s)", [list(pks)])  # noqa: S608

    def newest(self, kind: str, sought: Sought, *, below: int | None, limit: int) -> list[int]:
        """The planner takes a phrase for its words, each by itself. Where these are common and seldom side by side, it would
        read all rows from the newest on: half a second in a million."""
        below = 2**62 if below is None else below
        if not any(len(words) > 1 for forms in sought.phrases for words in forms):
            return self._newest(kind, sought, "id", above=0, below=below, limit=limit)
        above = self._last(kind, below) - LOOKED_THROUGH
        found = self._newest(kind, sought, "id", above=above, below=below, limit=limit)
        if len(found) == limit or above <= 0:
            return found
        # In an order that the key's own index does not have: so the index of words is read.
        return self._newest(kind, sought, "id + 0", above=0, below=below, limit=limit)

    def _newest(
        self, kind: str, sought: Sought, order: str, *, above: int, below: int, limit: int
    ) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id FROM search_{kind} WHERE words @@ %s::tsquery AND id > %s AND id < %s"  # noqa: S608
                f" ORDER BY {order} DESC LIMIT %s",
                [_expression(sought), above, below, limit],
            )
            return [pk for (pk,) in cursor.fetchall()]

    def _last(self, kind: str, below: int) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT max(id) FROM search_{kind} WHERE id < %s", [below])  # noqa: S608
            return cursor.fetchone()[0] or 0

    def ranked(self, kind: str, sought: Sought, pks: Sequence[int]) -> dict[int, float]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id, ts_rank('{WEIGHTS}', words, %s::tsquery, 1) FROM search_{kind} WHERE id = ANY(%s)",  # noqa: S608
                [_expression(sought), list(pks)],
            )
            return dict(cursor.fetchall())

    def purge(self, kind: str) -> None:
        """Nothing to do: what is left of old versions of a row is the server's, until it vacuums."""

    def keys(self, kind: str, *, above: int, limit: int) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM search_{kind} WHERE id > %s ORDER BY id LIMIT %s", [above, limit])  # noqa: S608
            return [pk for (pk,) in cursor.fetchall()]


def _vector(document: Document) -> str:
    places: dict[str, list[str]] = {}
    at = 0
    for weight, words in (("A", document.title), ("B", document.body), ("C", document.facts)):
        for word in words:
            at = min(at + 1, LAST_POSITION)
            places.setdefault(word, []).append(f"{at}{weight}")
        at = min(at + GAP, LAST_POSITION)
    return " ".join(f"'{word}':{','.join(found[:MOST_POSITIONS])}" for word, found in places.items())


def _expression(sought: Sought) -> str:
    """In the language of tsquery. Words hold letters and digits alone, so nothing in them ends the quotation."""
    parts = [_forms(forms, "A" if sought.titles == Titles.ONLY else "AB") for forms in sought.phrases]
    parts += ["(" + " | ".join(f"'{fact}':C" for fact in group) + ")" for group in sought.facts]
    parts += [f"!{_forms(forms)}" for forms in sought.without]
    if sought.titles == Titles.NONE:
        parts.append("!(" + " & ".join(_forms(forms, "A") for forms in sought.phrases) + ")")
    return " & ".join(parts)


def _forms(forms: Sequence[tuple[str, ...]], weights: str = "AB") -> str:
    return "(" + " | ".join(_phrase(words, weights) for words in forms) + ")"


def _phrase(words: tuple[str, ...], weights: str) -> str:
    is_begin = len(words) == 1 and len(words[0]) == 1 and PAIRED.match(words[0])
    begins = "*" if is_begin else ""
    return "(" + " <-> ".join(f"'{word}':{begins}{weights}" for word in words) + ")"
