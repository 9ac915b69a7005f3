"""The index in SQLite: an FTS5 table per kind of row (https://sqlite.org/fts5.html).

The rowid is the key of the row, and newer rows have higher keys. Reading matches from the end stops early,
however common a word is.
"""

from collections.abc import Iterable, Sequence

from django.db import connection, transaction

from search.backends.base import Document, SearchTerms, Titles
from search.words import PAIRED

# The weight of a match in the title, compared to the body.
TITLE_WEIGHT = 6.0
# Written in one transaction while the index is merged: others wait for some milliseconds.
PAGES_MERGED = 500


class SqliteBackend:
    def add(self, kind: str, documents: Iterable[Document]) -> None:
        rows = [
            (each.pk, " ".join(each.title), " ".join(each.body), " ".join(each.facts)) for each in documents
        ]
        if rows:
            with connection.cursor() as cursor:
                cursor.executemany(
                    f"INSERT OR REPLACE INTO search_{kind} (rowid, title, body, facts) VALUES (%s, %s, %s, %s)",  # noqa: S608 - our own names
                    rows,
                )

    def remove(self, kind: str, pks: Iterable[int]) -> None:
        with connection.cursor() as cursor:
            cursor.executemany(f"DELETE FROM search_{kind} WHERE rowid = %s", [(pk,) for pk in pks])  # noqa: S608

    def newest(self, kind: str, sought: SearchTerms, *, below: int | None, limit: int) -> list[int]:
        table = f"search_{kind}"
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT rowid FROM {table} WHERE {table} MATCH %s AND rowid < %s ORDER BY rowid DESC LIMIT %s",  # noqa: S608
                [_expression(sought), 2**62 if below is None else below, limit],
            )
            return [pk for (pk,) in cursor.fetchall()]

    def ranked(self, kind: str, sought: SearchTerms, pks: Sequence[int]) -> dict[int, float]:
        table, wanted = f"search_{kind}", set(pks)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT rowid, -bm25({table}, {TITLE_WEIGHT}, 1.0, 0.0) FROM {table} WHERE {table} MATCH %s",  # noqa: S608
                [_expression(sought)],
            )
            return {pk: rank for pk, rank in cursor.fetchall() if pk in wanted}

    def purge(self, kind: str) -> None:
        """Merge the index into one segment, because older segments still contain words of removed rows.

        The first step takes all segments together (a negative number), and fewer than two changed rows mean
        the end (https://sqlite.org/fts5.html#the_merge_command).
        """
        pages, connection_of_sqlite = -PAGES_MERGED, connection.connection
        while True:
            before = connection_of_sqlite.total_changes
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    f"INSERT INTO search_{kind} (search_{kind}, rank) VALUES ('merge', %s)",  # noqa: S608
                    [pages],
                )
            if connection_of_sqlite.total_changes - before < 2:
                return
            pages = PAGES_MERGED

    def keys(self, kind: str, *, above: int, limit: int) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT rowid FROM search_{kind} WHERE rowid > %s ORDER BY rowid LIMIT %s",  # noqa: S608
                [above, limit],
            )
            return [pk for (pk,) in cursor.fetchall()]


def _expression(sought: SearchTerms) -> str:
    """In FTS5 syntax. Words contain only letters and digits, so none is an operator."""
    columns = "{title}" if sought.titles == Titles.ONLY else "{title body}"
    parts = [_forms(columns, forms) for forms in sought.phrases]
    parts += ["facts : (" + " OR ".join(f'"{fact}"' for fact in group) + ")" for group in sought.facts]
    expression = " AND ".join(parts)
    for forms in sought.without:
        expression = f"({expression}) NOT {_forms('{title body}', forms)}"
    if sought.titles == Titles.NONE:
        in_title = " AND ".join(_forms("{title}", forms) for forms in sought.phrases)
        expression = f"({expression}) NOT ({in_title})"
    return expression


def _forms(columns: str, forms: Sequence[tuple[str, ...]]) -> str:
    return f"{columns} : (" + " OR ".join(_phrase(words) for words in forms) + ")"


def _phrase(words: tuple[str, ...]) -> str:
    is_begin = len(words) == 1 and len(words[0]) == 1 and PAIRED.match(words[0])
    return f'"{" ".join(words)}"' + (" *" if is_begin else "")
