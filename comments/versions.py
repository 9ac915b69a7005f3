"""What a post's page depends on, asked in one statement.

Written in SQL: this runs for every look at a page that is kept, and Django's ORM takes longer to write the statement
than a database takes to answer it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import User

VISITOR = """
    SELECT p.id, p.thread_version, p.comments_open, p.updated_at, p.published_at,
           (SELECT MAX(updated_at) FROM posts_post),
           (SELECT MAX(published_at) FROM posts_post WHERE published_at <= %(now)s)
      FROM posts_post p
     WHERE p.slug = %(slug)s AND p.published_at <= %(now)s
"""
MEMBER = """
    SELECT p.id, p.thread_version, p.comments_open, p.updated_at, p.published_at,
           (SELECT MAX(updated_at) FROM posts_post),
           (SELECT MAX(published_at) FROM posts_post WHERE published_at <= %(now)s),
           v.id, v.new_since, v.looked_at,
           (SELECT MAX(published_at) FROM comments_comment WHERE post_id = p.id),
           EXISTS (SELECT 1 FROM accounts_mute WHERE member_id = %(reader)s),
           EXISTS (SELECT 1 FROM comments_comment WHERE post_id = p.id AND author_id = %(reader)s AND status = 'held')
      FROM posts_post p
      LEFT JOIN comments_threadvisit v ON v.post_id = p.id AND v.member_id = %(reader)s
     WHERE p.slug = %(slug)s AND p.published_at <= %(now)s
"""
MODERATOR = MEMBER.replace("AND author_id = %(reader)s AND status = 'held'", "AND status IN ('held', 'removed', 'spam')")


class PostVersion(NamedTuple):
    """The state of a published post, and of this reader with it."""

    pk: int
    thread_version: int
    comments_open: bool
    # Everything else that the page shows of this post and its neighbours; to be compared, not to be read.
    looks: tuple[str, ...]
    visit: int | None = None
    new_since: datetime | None = None
    looked_at: datetime | None = None
    last_published_at: datetime | None = None
    has_mutes: bool = False
    # Whether this reader sees comments here that others do not.
    sees_more: bool = False


def read_version(slug: str, reader: User | AnonymousUser) -> PostVersion | None:
    """None when no such post is published."""
    statement = VISITOR if not isinstance(reader, User) else MODERATOR if reader.is_moderator else MEMBER
    now: Any = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(statement, {"slug": slug, "now": now, "reader": reader.pk})
        row = cursor.fetchone()
    if row is None:
        return None
    pk, thread_version, comments_open, *looks = row[:7]
    version = PostVersion(pk, thread_version, bool(comments_open), tuple(map(str, [comments_open, *looks])))
    if len(row) == 7:
        return version
    visit, new_since, looked_at, last_published_at, has_mutes, sees_more = row[7:]
    return version._replace(
        visit=visit,
        new_since=_moment(new_since),
        looked_at=_moment(looked_at),
        last_published_at=_moment(last_published_at),
        has_mutes=bool(has_mutes),
        sees_more=bool(sees_more),
    )


def _moment(value: datetime | str | None) -> datetime | None:
    """SQLite keeps times as text, in UTC."""
    if isinstance(value, str):
        value = parse_datetime(value)
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value
