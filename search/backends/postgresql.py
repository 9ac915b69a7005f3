"""The index in PostgreSQL: a tsvector per row, with a GIN index (PostgreSQL's documentation, chapter 12).

We write the vectors word by word, because PostgreSQL's own parser and dictionaries differ between servers.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection

from core.prepared import execute
from search.backends.base import Document, SearchTerms, Titles
from search.words import PAIRED

# Limits of the type: a position is at most 16,383, a word has at most 256 positions.
LAST_POSITION = 16_383
MAX_POSITIONS = 255
# A vector has at most 2**20 bytes. A text with more different words is found by its first ones; facts always
# fit.
MAX_BYTES, MAX_BYTES_OF_TEXT = 1_000_000, 900_000
# Between title and body, so that no phrase spans both.
GAP = 8
WEIGHTS = "{0, 0.1, 0.1, 0.6}"  # of D, C, B, A
# The newest rows are read one by one, which is the fastest way to find a common word. The others are read by
# the index: all at once if fewer than FEW of the newest matched. Otherwise in blocks of keys, of these sizes
# (as powers of two), from the newest on: for a word in fifty thousand comments, only the rows that are shown
# are read.
LOOKED_THROUGH = 2_000
FEW = 4
BLOCKS = (11, 13, 16, 19)
# At least so many blocks of a size are read before larger ones.
FEWEST = (4, 4, 2, 8)
# In a row's array each size has numbers of its own. Must equal the expression in
# search/migrations/0004_blocks.py to use the index.
IN_BLOCKS = "ARRAY[(id >> 11) * 4, (id >> 13) * 4 + 1, (id >> 16) * 4 + 2, (id >> 19) * 4 + 3]"

AMONG_NEWEST = (
    "SELECT min(id), count(*), array_agg(id ORDER BY id DESC) FILTER (WHERE words @@ %s::tsquery)"
    " FROM (SELECT id, words FROM {table} WHERE id < %s ORDER BY id DESC LIMIT %s) newest"
)
# id + 0: an order and a condition for which the planner has no other index to choose.
IN_INDEX = "(SELECT id FROM {table} WHERE words @@ %s::tsquery AND id + 0 < %s{blocks} ORDER BY id + 0 DESC LIMIT %s)"
OF_BLOCKS = f" AND {IN_BLOCKS} && %s::bigint[]"


class PostgresBackend:
    def add(self, kind: str, documents: Iterable[Document]) -> None:
        rows = [(each.pk, _vector(each)) for each in documents]
        statement = (
            f"INSERT INTO search_{kind} (id, words) VALUES (%s, %s::tsvector)"  # noqa: S608 - our own names
            " ON CONFLICT (id) DO UPDATE SET words = excluded.words"
        )
        if len(rows) == 1:
            execute(statement, [*rows[0]])
        elif rows:
            with connection.cursor() as cursor:
                cursor.executemany(statement, rows)

    def remove(self, kind: str, pks: Iterable[int]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM search_{kind} WHERE id = ANY(%s)", [list(pks)])  # noqa: S608

    def newest(self, kind: str, sought: SearchTerms, *, below: int | None, limit: int) -> list[int]:
        """Each part of it can be read in one way only, so the query plan does not depend on statistics.

        Without statistics PostgreSQL assumes that all words are rare, and with them that adjacent words are
        as common as single ones.
        """
        below = 2**62 if below is None else below
        with connection.cursor() as cursor:
            cursor.execute(
                AMONG_NEWEST.format(table=f"search_{kind}"), [_expression(sought), below, LOOKED_THROUGH]
            )
            first, count, matched = cursor.fetchone()
            found: list[int] = (matched or [])[:limit]
            if len(found) == limit or count < LOOKED_THROUGH:
                return found
            is_phrase = any(len(words) > 1 for forms in sought.phrases for words in forms)
            parts = _blocks(first) if is_phrase or len(found) >= FEW else [(first, [])]
            cursor.execute(*_older(kind, sought, parts, limit - len(found)))
            return found + [pk for (pk,) in cursor.fetchall()]

    def ranked(self, kind: str, sought: SearchTerms, pks: Sequence[int]) -> dict[int, float]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id, ts_rank('{WEIGHTS}', words, %s::tsquery, 1) FROM search_{kind} WHERE id = ANY(%s)",  # noqa: S608
                [_expression(sought), list(pks)],
            )
            return dict(cursor.fetchall())

    def purge(self, kind: str) -> None:
        """Nothing to do: old versions of a row are removed when the server vacuums."""

    def keys(self, kind: str, *, above: int, limit: int) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM search_{kind} WHERE id > %s ORDER BY id LIMIT %s", [above, limit])  # noqa: S608
            return [pk for (pk,) in cursor.fetchall()]


def _older(
    kind: str, sought: SearchTerms, parts: Iterable[tuple[int, list[int]]], limit: int
) -> tuple[str, list[Any]]:
    """The query for matches in these parts of the index.

    PostgreSQL reads a part of a UNION ALL only if the parts before it returned too few rows.
    """
    expression, statements, params = _expression(sought), [], list[Any]()
    for bound, blocks in parts:
        statements.append(IN_INDEX.format(table=f"search_{kind}", blocks=OF_BLOCKS if blocks else ""))
        params += [expression, bound, *([blocks] if blocks else []), limit]
    return f"SELECT id FROM ({' UNION ALL '.join(statements)}) found LIMIT %s", [*params, limit]  # noqa: S608


def _blocks(bound: int) -> Iterator[tuple[int, list[int]]]:
    """Divide the rows below a key into growing parts: an upper bound, and block numbers (empty for all)."""
    for at, (size, fewest) in enumerate(zip(BLOCKS, FEWEST, strict=True)):
        if bound <= 0:
            return
        last = (bound - 1) >> size
        first = max(0, last - fewest + 1)
        if at + 1 < len(BLOCKS):  # up to the start of a larger one
            larger = BLOCKS[at + 1] - size
            first = first >> larger << larger
        asked = 2 if at else last + 1 - first
        while last >= first:  # the nearest first, and twice as many the next time
            nearest = max(first, last + 1 - asked)
            yield bound, [number * len(BLOCKS) + at for number in range(nearest, last + 1)]
            bound, last, asked = nearest << size, nearest - 1, 2 * asked
    if bound > 0:
        yield bound, []


def _vector(document: Document) -> str:
    places: dict[str, list[str]] = {}
    at = size = 0
    for weight, words in (("A", document.title), ("B", document.body), ("C", document.facts)):
        for word in words:
            # PostgreSQL's size: the word once, aligned to 2 bytes, with the number of its positions, and two
            # bytes for each.
            size += 2 if word in places else len(word.encode()) + 5
            if size > (MAX_BYTES if weight == "C" else MAX_BYTES_OF_TEXT):
                break
            at = min(at + 1, LAST_POSITION)
            places.setdefault(word, []).append(f"{at}{weight}")
        at = min(at + GAP, LAST_POSITION)
    return " ".join(f"'{word}':{','.join(found[:MAX_POSITIONS])}" for word, found in places.items())


def _expression(sought: SearchTerms) -> str:
    """In tsquery syntax. Words contain only letters and digits, so they need no escaping."""
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
