"""Isso: its SQLite database (comments.db), or the JSON of its own importer ("generic")."""

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote_plus

from django.utils.translation import gettext as _

from transfer.imports.addresses import page_of
from transfer.imports.bundle import Bundle
from transfer.imports.json_stream import has_key, items
from transfer.imports.readers.base import Format
from transfer.imports.stream import ForeignComment, ForeignPost, ImportRefused, Source, Thing
from transfer.imports.values import mapping, moment, rows, text

BEGINNING = b"SQLite format 3\0"
ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")
# isso/db/comments.py: 1 accepted, 2 in moderation, 4 deleted but with replies.
STATUSES = {1: "public", 2: "held", 4: "deleted"}
COLUMNS = ("tid", "id", "parent", "created", "mode", "text", "author", "email", "website")
MAX_TEXT_BYTES = 5_000_000
# SQLite VM instructions between two checks of a query's run time, and the number of checks after which it is
# refused.
STEPS, LOOKS = 1_000_000, 2_000


def matches(bundle: Bundle) -> bool:
    path = bundle.files[bundle.names[0]] if bundle.is_single else None
    head = bundle.head(bundle.names[0]) if bundle.is_single else b""
    if _is_generic(head):
        return True
    if not isinstance(path, Path) or not head.startswith(BEGINNING):
        return False
    try:
        with closing(_opened(path)) as database:
            tables = {
                row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            }
    except sqlite3.Error:
        return False
    return {"comments", "threads"} <= tables


def _is_generic(head: bytes) -> bool:
    return head.lstrip()[:1] == b"[" and has_key(head, "comments", "author", "created")


def _opened(path: Path) -> sqlite3.Connection:
    """Open an untrusted database: read-only, with untrusted schema, and limits on text lengths."""
    database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA cell_size_check = ON")
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_TEXT_BYTES)
    looks = iter(range(LOOKS))
    database.set_progress_handler(lambda: next(looks, None) is None, STEPS)
    database.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return database


def read(bundle: Bundle) -> Iterator[Thing]:
    path = bundle.files[bundle.names[0]]
    if _is_generic(bundle.head(bundle.names[0])):
        yield from _read_generic(bundle)
        return
    if not isinstance(path, Path):
        raise ImportRefused(_("Unpack the database first."))
    try:
        with closing(_opened(path)) as database:
            yield Source(key=_key(database))
            same, pages = dict[str, str](), dict[tuple[str, str], str]()
            for key, uri, title in database.execute("SELECT id, uri, title FROM threads ORDER BY id"):
                # In Isso, "/on-bread" and "/on-bread/" have separate threads.
                page = page_of(text(uri))
                if page == ("", ""):  # without a URL, it is a page of its own
                    page = ("", f"{text(key)} {text(uri)}")
                same[text(key)] = first = pages.setdefault(page, text(key))
                if first == text(key):
                    yield ForeignPost(
                        key=first, title=text(title) or text(uri), addresses=[text(uri)], is_stub=True
                    )
            for row in database.execute(f"SELECT {', '.join(COLUMNS)} FROM comments ORDER BY id"):  # noqa: S608 - our own names
                yield _comment(dict(zip(COLUMNS, row, strict=True)), same)
    except sqlite3.Error as error:
        raise ImportRefused(
            _("The database can’t be read (%(error)s).") % {"error": str(error)[:100]}
        ) from None


def _read_generic(bundle: Bundle) -> Iterator[Thing]:
    """docs/extras/advanced-migration.rst of Isso: threads with comments that are numbered per thread."""
    yield Source(key="isso-generic")
    for value in items(bundle.open(bundle.names[0]), "item"):
        thread = mapping(value)
        key, title = text(thread.get("id")), text(thread.get("title"))
        if " " not in title and ESCAPED.search(title):
            title = unquote_plus(title)  # as in a form's encoding
        yield ForeignPost(key=key, title=title or key, addresses=[key], is_stub=True)
        for row in rows(thread.get("comments")):
            parent = text(row.get("parent"))
            yield ForeignComment(
                key=f"{key}/{text(row.get('id'))}",
                post=key,
                parent=f"{key}/{parent}" if parent else "",
                name=text(row.get("author")),
                email=text(row.get("email")),
                url=text(row.get("website")),
                body=text(row.get("text")),
                body_format="markdown",
                written_at=moment(row.get("created")),
            )


def _key(database: sqlite3.Connection) -> str:
    """A key that distinguishes this database, since comments are numbered from 1 in each."""
    try:
        row = database.execute("SELECT value FROM preferences WHERE key = 'session-key'").fetchone()
    except sqlite3.Error:
        row = None
    return hashlib.sha256(str(row[0]).encode()).hexdigest()[:16] if row else "isso"


def _comment(row: dict[str, object], same: dict[str, str]) -> ForeignComment:
    mode = row["mode"]
    return ForeignComment(
        key=text(row["id"]),
        post=same.get(text(row["tid"]), text(row["tid"])),
        parent=text(row["parent"]),
        name=text(row["author"]),
        email=text(row["email"]),
        url=text(row["website"]),
        body=text(row["text"]),
        body_format="markdown",
        status=STATUSES.get(mode, "held") if isinstance(mode, int) else "held",
        written_at=moment(row["created"]),
    )


FORMAT = Format("isso", "Isso", matches, read)
