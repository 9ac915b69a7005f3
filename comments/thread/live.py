"""New replies while a page is open: which comments became public since the newest one on it.

Never their text: that comes with the page itself, fetched again when the reader wants to see it (docs/decisions/0059).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.utils import timezone

from accounts.models import User
from comments.thread.version import reader_column
from core.prepared import read_moment

MOST_TOLD = 100
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FAR_AHEAD = 1 << 56
"""Microseconds until the year 4253: as far as a datetime made from a number in an address can be trusted to go."""

# In SQL for the same reason as comments.thread.version: it runs for every open page, again and again.
STATEMENT = """
    SELECT p.last_comment_at, c.id, c.published_at {unread}
      FROM posts_post p
      LEFT JOIN comments_comment c ON c.post_id = p.id AND c.status = 'public' AND c.published_at > %(since)s
           AND NOT EXISTS (SELECT 1 FROM accounts_mute WHERE member_id = %(reader)s AND muted_id = c.author_id)
     WHERE p.slug = %(slug)s AND p.published_at <= %(now)s
       AND (p.visibility <> 'members' OR %(reader)s > 0)
     ORDER BY c.published_at DESC
     LIMIT %(limit)s
"""


class NewReplies(NamedTuple):
    """The newest that became public, oldest first, and how many microseconds after 1970 the last of them did.

    unread: how many notifications a member has not read.
    """

    ids: list[int]
    has_more: bool
    newest: int
    unread: int


def microseconds(moment: datetime | None) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1) if moment else 0


def find_new_replies(slug: str, reader: User | AnonymousUser, since: int | None) -> NewReplies | None:
    """One statement. Nothing is new where `since` is not known; None where no such post is published."""
    unread, values = reader_column("unread_alerts") if isinstance(reader, User) else ("0", {})
    after = EPOCH + timedelta(microseconds=FAR_AHEAD if since is None else since)
    adapt = connection.ops.adapt_datetimefield_value
    values = values | {
        "slug": slug,
        "reader": reader.pk or 0,
        "limit": MOST_TOLD + 1,
        "now": adapt(timezone.now()),
        "since": adapt(after),
    }
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT.format(unread=f", {unread}"), values)
        rows = cursor.fetchall()
    if not rows:
        return None
    last_comment_at, _pk, published_at, unread_count = rows[0]
    newest = microseconds(read_moment(last_comment_at if since is None else published_at)) or since or 0
    ids = [pk for _last, pk, *_rest in reversed(rows[:MOST_TOLD]) if pk is not None]
    return NewReplies(ids, len(rows) > MOST_TOLD, newest, unread_count)
