"""Everything that the page of a post depends on, in one query.

In SQL, because it runs for every request of a cached page, and Django's ORM takes longer to compile the query
than a database to run it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import User
from comments.models.discussion import DEFAULT_CHOICE, Choice, Rules
from core.parts import parts_that_are_on
from core.prepared import fetch_one, read_moment

# The rules of the discussion are from `d` and `s` (read_rules).
VISITOR = """
    SELECT p.id, p.thread_version, p.comments_open, p.visibility,
           d.policy, d.known_days, d.close_after_days, d.slow_minutes,
           s.policy, s.known_days, s.close_after_days,
           p.updated_at, p.published_at,
           (SELECT MAX(updated_at) FROM posts_post),
           (SELECT MAX(published_at) FROM posts_post WHERE published_at <= %(now)s)
      FROM posts_post p
      LEFT JOIN comments_discussion d ON d.post_id = p.id
      LEFT JOIN comments_discussiondefaults s ON s.id = 1
     WHERE p.slug = %(slug)s AND p.published_at <= %(now)s AND p.kind = %(kind)s AND p.visibility <> 'members'
"""
MEMBER = """
    SELECT p.id, p.thread_version, p.comments_open, p.visibility,
           d.policy, d.known_days, d.close_after_days, d.slow_minutes,
           s.policy, s.known_days, s.close_after_days,
           p.updated_at, p.published_at,
           (SELECT MAX(updated_at) FROM posts_post),
           (SELECT MAX(published_at) FROM posts_post WHERE published_at <= %(now)s),
           v.id, v.new_since, v.looked_at,
           (SELECT MAX(published_at) FROM comments_comment WHERE post_id = p.id),
           EXISTS (SELECT 1 FROM accounts_mute WHERE member_id = %(reader)s),
           EXISTS (SELECT 1 FROM comments_comment WHERE post_id = p.id AND author_id = %(reader)s AND status = 'held'),
           EXISTS (SELECT 1 FROM comments_comment WHERE post_id = p.id AND status IN ('held', 'removed', 'spam')),
           EXISTS (SELECT 1 FROM comments_bookmark WHERE post_id = p.id AND member_id = %(reader)s),
           EXISTS (SELECT 1 FROM comments_postthanks WHERE post_id = p.id AND member_id = %(reader)s),
           p.author_id
           {more}
      FROM posts_post p
      LEFT JOIN comments_discussion d ON d.post_id = p.id
      LEFT JOIN comments_discussiondefaults s ON s.id = 1
      LEFT JOIN comments_threadvisit v ON v.post_id = p.id AND v.member_id = %(reader)s
     WHERE p.slug = %(slug)s AND p.published_at <= %(now)s AND p.kind = %(kind)s
"""
COLUMNS_OF_POST, COLUMNS_BEFORE_MORE = 15, 25

# Returns an expression and its parameters. It may use `p`, the post, and %(reader)s, %(now)s and %(slug)s.
# Called once for each set of enabled parts.
Column = Callable[[], tuple[str, dict[str, Any]]]
_columns: dict[str, Column] = {}


def add_reader_column(name: str, column: Column) -> None:
    """Add an expression to the query that runs for each member's request of a post.

    For ready() of later apps.
    """
    _columns[name] = column


def reader_column(name: str) -> tuple[str, dict[str, Any]]:
    """The expression of that name and its parameters."""
    return _reader_column(name, parts_that_are_on())


@cache
def _reader_column(name: str, _switched_on: frozenset[str]) -> tuple[str, dict[str, Any]]:
    expression, constants = _columns[name]()
    for key in constants:
        expression = expression.replace(f"%({key})s", f"%({name}_{key})s")
    return expression, {f"{name}_{key}": value for key, value in constants.items()}


@cache
def _member_statement(_switched_on: frozenset[str]) -> tuple[str, dict[str, Any]]:
    more, values = "", dict[str, Any]()
    for name in _columns:
        expression, constants = reader_column(name)
        values |= constants
        more += f", {expression}"
    return MEMBER.format(more=more), values


class PostVersion(NamedTuple):
    """The state of a published post, and of this reader in it."""

    pk: int
    thread_version: int
    rules: Rules
    visibility: str
    # Everything else that the page shows about this post and its neighbours; for comparison only.
    looks: tuple[str, ...]
    visit: int | None = None
    new_since: datetime | None = None
    looked_at: datetime | None = None
    last_published_at: datetime | None = None
    has_mutes: bool = False
    is_bookmarked: bool = False
    is_thanked: bool = False
    is_own: bool = False
    # Whether this reader sees comments here that others do not.
    sees_more: bool = False
    # The values of later apps' expressions (add_reader_column).
    more: dict[str, Any] = {}


def read_version(slug: str, reader: User | AnonymousUser, kind: str = "post") -> PostVersion | None:
    """The version, or None if there is no such post or page that this reader may read."""
    values: dict[str, Any] = {"slug": slug, "now": timezone.now(), "kind": str(kind)}
    statement = VISITOR
    if isinstance(reader, User):
        statement, constants = _member_statement(parts_that_are_on())
        values |= {"reader": reader.pk} | constants
    row = fetch_one(statement, values)
    if row is None:
        return None
    pk, thread_version, comments_open, visibility, *chosen = row[:11]
    updated_at, published_at, *looks = row[11:COLUMNS_OF_POST]
    rules = read_rules(chosen, bool(comments_open), read_moment(published_at))
    looks = [rules, rules.is_open, visibility, updated_at, published_at, *looks]
    version = PostVersion(pk, thread_version, rules, visibility, tuple(map(str, looks)))
    if not isinstance(reader, User):
        return version
    visit, new_since, looked_at, last_published_at, has_mutes, waits, has_hidden, kept, thanked, author = row[
        COLUMNS_OF_POST:COLUMNS_BEFORE_MORE
    ]
    more = dict(zip(_columns, row[COLUMNS_BEFORE_MORE:], strict=True))
    return version._replace(
        visit=visit,
        new_since=read_moment(new_since),
        looked_at=read_moment(looked_at),
        last_published_at=read_moment(last_published_at),
        has_mutes=bool(has_mutes),
        is_bookmarked=bool(kept),
        is_thanked=bool(thanked),
        is_own=author == reader.pk,
        sees_more=bool(waits or (has_hidden and reader.is_moderator)),
        more=more,
    )


def read_rules(columns: list[Any], comments_open: bool, published_at: datetime | None) -> Rules:
    """The rules of the post. columns: those of `d` and `s`, in order. The defaults may have no row yet."""
    policy, known_days, close_after_days, slow_minutes, *default = columns
    own = Choice(policy or "", known_days, close_after_days, slow_minutes or 0)
    default_choice = DEFAULT_CHOICE if default[0] is None else Choice(*default)
    return Rules.of(own, default_choice, comments_open=comments_open, published_at=published_at)
