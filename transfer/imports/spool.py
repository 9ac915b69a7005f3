"""Stores what a reader yields in a temporary file until it is written: constant memory, any order.

In exports, comments may precede posts, posts their tags, and parents may be anywhere. The file is a private
SQLite database, which is deleted at the end.
"""

import hashlib
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from transfer.imports.stream import (
    ForeignAuthor,
    ForeignComment,
    ForeignPost,
    ForeignSubscriber,
    ForeignTag,
    LeftOut,
    Source,
    Thing,
)

SCHEMA = """
PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;
CREATE TABLE post (seq INTEGER PRIMARY KEY, key TEXT UNIQUE, digest TEXT, data TEXT);
CREATE TABLE comment (seq INTEGER PRIMARY KEY, key TEXT UNIQUE, digest TEXT, post TEXT, parent TEXT, written TEXT, status TEXT, data TEXT);
CREATE INDEX comment_of_post ON comment (post, seq);
CREATE TABLE subscriber (email TEXT PRIMARY KEY, data TEXT);
"""
PLACES_NAMED = 5
Kind = TypeVar("Kind", ForeignPost, ForeignComment, ForeignSubscriber)


class Spool:
    """source, authors and left_out are small and kept in memory.

    losses: the count and the first places, by sentence.
    """

    def __init__(self, path: Path) -> None:
        self.database = sqlite3.connect(path)
        self.database.executescript(SCHEMA)
        self.source = Source()
        self.authors: dict[str, ForeignAuthor] = {}
        self.left_out: dict[str, int] = defaultdict(int)
        self.losses: dict[str, tuple[int, list[str]]] = {}
        self.counts: dict[str, int] = defaultdict(int)

    def close(self) -> None:
        self.database.close()

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def lose(self, sentences: Iterable[str], place: str) -> None:
        for sentence in sentences:
            count, places = self.losses.get(sentence, (0, []))
            self.losses[sentence] = (count + 1, places if len(places) >= PLACES_NAMED else [*places, place])

    def put(self, thing: Thing) -> None:
        match thing:
            case Source():
                self.source = thing
            case ForeignAuthor():
                self.authors[thing.key] = thing
            case LeftOut():
                self.left_out[thing.what] += thing.count
            case ForeignPost():
                self._put_post(thing)
            case ForeignComment():
                self._put_comment(thing)
            case ForeignSubscriber():
                row = (thing.email.strip().lower(), _dumped(thing))
                self.database.execute("INSERT OR IGNORE INTO subscriber VALUES (?, ?)", row)
        self.counts[type(thing).__name__] += 1

    def _put_post(self, post: ForeignPost) -> None:
        digest = _digest(post.title, post.body, post.slug)
        key = self._settled("post", post.key, digest, post)
        if key is None:
            self.left_out[_("posts that are in the file twice")] += 1
            return
        post.key = key
        self.database.execute(
            "INSERT INTO post (key, digest, data) VALUES (?, ?, ?)", (key, digest, _dumped(post))
        )

    def _put_comment(self, comment: ForeignComment) -> None:
        digest = _digest(comment.name, comment.body, str(comment.written_at), comment.post)
        key = self._settled("comment", comment.key, digest, comment)
        if key is None:
            self.left_out[_("comments that are in the file twice")] += 1
            return
        comment.key = key
        written = comment.written_at.isoformat() if comment.written_at else ""
        self.database.execute(
            "INSERT INTO comment (key, digest, post, parent, written, status, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (key, digest, comment.post, comment.parent, written, comment.status, _dumped(comment)),
        )

    def _settled(self, table: str, key: str, digest: str, thing: ForeignPost | ForeignComment) -> str | None:
        """The key under which it is stored, or None for a duplicate.

        Its own key; or one derived from its contents if another thing has that key.
        """
        for wanted in (key, f"{key}~{digest}"):
            if not wanted:
                continue
            found = self.database.execute(f"SELECT digest FROM {table} WHERE key = ?", [wanted]).fetchone()  # noqa: S608 - our own names
            if found is None:
                if wanted != key:
                    thing.losses.append(
                        _("its ID belongs to another; it is given a new one")
                        if key
                        else _("it had no ID and is given one")
                    )
                return wanted
            if found[0] == digest:
                return None
        return None

    # --- reading

    @property
    def comment_count(self) -> int:
        return int(self.database.execute("SELECT COUNT(*) FROM comment").fetchone()[0])

    @property
    def post_count(self) -> int:
        return int(self.database.execute("SELECT COUNT(*) FROM post").fetchone()[0])

    def posts(self) -> Iterator[ForeignPost]:
        for (data,) in self.database.execute("SELECT data FROM post ORDER BY seq"):
            yield _loaded(ForeignPost, data)

    def tree_of(self, post: str) -> Iterator[tuple[int, str, str, datetime | None, str]]:
        """(number, key, parent's key, date, status) of the comments under a post, without their texts."""
        rows = self.database.execute(
            "SELECT seq, key, parent, written, status FROM comment WHERE post = ? ORDER BY seq", [post]
        )
        for seq, key, parent, written, status in rows:
            yield seq, key, parent, datetime.fromisoformat(written) if written else None, status

    def comments_of(self, post: str) -> Iterator[tuple[int, ForeignComment]]:
        for seq, data in self.database.execute(
            "SELECT seq, data FROM comment WHERE post = ? ORDER BY seq", [post]
        ):
            yield seq, _loaded(ForeignComment, data)

    def homeless(self) -> int:
        """The number of comments whose post is not in the file."""
        query = "SELECT COUNT(*) FROM comment WHERE post NOT IN (SELECT key FROM post)"
        return int(self.database.execute(query).fetchone()[0])

    def subscribers(self) -> Iterator[ForeignSubscriber]:
        for (data,) in self.database.execute("SELECT data FROM subscriber ORDER BY email"):
            yield _loaded(ForeignSubscriber, data)


def _digest(*texts: str) -> str:
    return hashlib.blake2b("\0".join(texts).encode("utf-8", "replace"), digest_size=8).hexdigest()


def _dumped(thing: Any) -> str:
    return json.dumps(asdict(thing), default=lambda value: value.isoformat())


def _loaded(kind: type[Kind], data: str) -> Kind:
    values = json.loads(data)
    for field in fields(kind):
        if "datetime" in str(field.type) and values[field.name]:
            values[field.name] = datetime.fromisoformat(values[field.name])
    if "tags" in values:
        values["tags"] = [ForeignTag(**tag) for tag in values["tags"]]
    return kind(**values)
