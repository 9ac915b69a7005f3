"""The index in PostgreSQL: a tsvector for each row, with a GIN index (PostgreSQL's documentation, chapter 12).

The vectors are written out by us, word by word: PostgreSQL's own parser and dictionaries, which differ from server to
server, are not asked.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection

from search.backends.base import Document, Sought, Titles
from search.words import PAIRED

# Limits of the type: a position is at most 16,383, a word has at most 256 positions.
LAST_POSITION = 16_383
MOST_POSITIONS = 255
# A vector has at most 2**20 bytes. A text of more different words is found by those in front; facts come behind it all the same.
MOST_BYTES, MOST_BYTES_OF_TEXT = 1_000_000, 900_000
# Between title and body, so that no phrase is found across.
GAP = 8
WEIGHTS = "{0, 0.1, 0.1, 0.6}"  # of D, C, B, A
# The newest rows are looked through one by one, which is the quickest way to a common word. The others are asked of the index, all
# at once where fewer than so many of the newest matched. Else a few blocks of keys at a time, of these sizes (as powers of
# two), from the newest on: of a word that fifty thousand comments have, only the rows that are shown are looked at.
LOOKED_THROUGH = 2_000
FEW = 4
BLOCKS = (11, 13, 16, 19)
# So many of a size are asked for at least, before larger ones are.
FEWEST = (4, 4, 2, 8)
# In the list of a row each size has numbers of its own. As in search/migrations/0004_blocks.py: the index is used for this alone.
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
        """No part of it has two ways to be read, so nothing depends on what the planner knows: without statistics it takes all
        words for rare, and with them words side by side for as common as each by itself."""
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


def _older(
    kind: str, sought: Sought, parts: Iterable[tuple[int, list[int]]], limit: int
) -> tuple[str, list[Any]]:
    """The statement that finds what matches in these parts of the index. PostgreSQL reads a part of a UNION ALL only where those
    before it gave too few."""
    expression, statements, params = _expression(sought), [], list[Any]()
    for bound, blocks in parts:
        statements.append(IN_INDEX.format(table=f"search_{kind}", blocks=OF_BLOCKS if blocks else ""))
        params += [expression, bound, *([blocks] if blocks else []), limit]
    return f"SELECT id FROM ({' UNION ALL '.join(statements)}) found LIMIT %s", [*params, limit]  # noqa: S608


def _blocks(bound: int) -> Iterator[tuple[int, list[int]]]:
    """The rows below a key in parts, each larger than the one before: below which key, and in which blocks; none are all."""
    for at, (size, fewest) in enumerate(zip(BLOCKS, FEWEST, strict=True)):
        if bound <= 0:
            return
        last = (bound - 1) >> size
        first = max(0, last - fewest + 1)
        if at + 1 < len(BLOCKS):  # to where a larger one begins
            larger = BLOCKS[at + 1] - size
            first = first >> larger << larger
        asked = 2 if at else last + 1 - first
        while last >= first:  # the nearer ones first, and twice as many the next time
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
            # As PostgreSQL counts it: the word once, on an even place with the number of its places, and two bytes for each.
            size += 2 if word in places else len(word.encode()) + 5
            if size > (MOST_BYTES if weight == "C" else MOST_BYTES_OF_TEXT):
                break
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
