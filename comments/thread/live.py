"""New replies while a page is open: which comments became public since the newest on the page.

Only their numbers: the text comes when the reader asks for it and the page is fetched again
(docs/decisions/0059).
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

MAX_NEW_COMMENTS = 100
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FAR_AHEAD = 1 << 56
"""Microseconds until the year 4253: an upper limit for times from a URL that can be made a datetime."""

# In SQL for the same reason as comments.thread.version: every open page polls it.
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
    """The newest public comments, oldest first, and the time of the last in microseconds since 1970.

    unread: the number of a member's unread notifications.
    """

    ids: list[int]
    has_more: bool
    newest: int
    unread: int


def microseconds(moment: datetime | None) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1) if moment else 0


def find_new_replies(slug: str, reader: User | AnonymousUser, since: int | None) -> NewReplies | None:
    """Find the comments since a time. One query. None of them is new if `since` is None.

    Returns None if no such post is published.
    """
    unread, values = reader_column("unread_alerts") if isinstance(reader, User) else ("0", {})
    after = EPOCH + timedelta(microseconds=FAR_AHEAD if since is None else since)
    adapt = connection.ops.adapt_datetimefield_value
    values = values | {
        "slug": slug,
        "reader": reader.pk or 0,
        "limit": MAX_NEW_COMMENTS + 1,
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
    ids = [pk for _last, pk, *_rest in reversed(rows[:MAX_NEW_COMMENTS]) if pk is not None]
    return NewReplies(ids, len(rows) > MAX_NEW_COMMENTS, newest, unread_count)
