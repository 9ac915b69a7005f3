"""The inbox: newest first, grouped by day and post, paginated by key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts.models import User
from accounts.models.querysets import set_moderator_flags
from comments.models import PostThanks, Thanks
from core.parts import parts_that_are_on
from core.prepared import A_MOMENT, A_NUMBER, Prepared, fetch_one
from core.utils.pagination import Cursor
from notifications.models import Notification
from notifications.models.querysets import MAX_COUNTED, NotificationQuerySet
from notifications.models.types import POST_THANKS, THANKS, TYPES
from posts.models import Post

MARKED_AT_ONCE = 500


@dataclass
class Talk:
    """The notifications of a day about one post."""

    post: Post
    rows: list[Notification] = field(default_factory=list)


@dataclass
class Day:
    """The notifications of a day, by post."""

    day: date
    talks: dict[int, Talk] = field(default_factory=dict)


@dataclass(frozen=True)
class InboxPage:
    """A page of the inbox, and where the next one begins."""

    days: list[Day]
    next: Cursor | None


def is_filter(show: str) -> bool:
    return show == "unread" or show in TYPES


def tabs_for(member: User) -> list[tuple[str, Any]]:
    """Keys and labels of the inbox's filters, besides "unread"."""
    return [(one.key, one.tab) for one in TYPES.values() if one.has_tab_for(member)]


def read_inbox(member: User, *, show: str = "", before: str = "") -> InboxPage:
    """A page of a member's inbox. Two queries on any page, and three each for thanks for comments or posts.

    show: "unread", or a key of TYPES; anything else shows all. before: where the previous page ended
    (core.utils.pagination).
    """
    rows = Notification.objects.in_inbox_of(member).with_causes().newest_first()
    if hidden := [one.key for one in TYPES.values() if not one.is_readable_by(member)]:
        rows = rows.exclude(kind__in=hidden)
    if show == "unread":
        rows = rows.unread()
    elif is_filter(show):
        rows = rows.filter(kind=show)
    if cursor := Cursor.read(before):
        rows = rows.filter(cursor.rows_before("due_at"))
    found = list(rows[: settings.ALERTS_PER_PAGE + 1])
    page = found[: settings.ALERTS_PER_PAGE]
    read_thankers(page, member)
    set_moderator_flags(row.writer for row in page)
    days: dict[date, Day] = {}
    for row in page:
        day = timezone.localdate(row.due_at)
        talk = row.talk
        days.setdefault(day, Day(day)).talks.setdefault(talk.pk, Talk(talk)).rows.append(row)
    return InboxPage(
        [*days.values()], Cursor(page[-1].due_at, page[-1].pk) if len(found) > len(page) else None
    )


def mark_read(member: User, numbers: Iterable[int] | None, *, until: datetime | None = None) -> int:
    """Mark entries of the inbox as read: those given, or all current ones. Returns how many were unread.

    until: only entries up to then. Later ones were not seen, and what is read is not emailed.
    """
    rows = Notification.objects.in_inbox_of(member)
    if until is not None:
        rows = rows.filter(due_at__lte=until)
    if numbers is not None:
        rows = rows.filter(pk__in=[*numbers][:MARKED_AT_ONCE])
    return Notification.objects.filter(pk__in=rows.values("pk")).mark_seen()


def read_thankers(rows: list[Notification], reader: User) -> None:
    """Read who thanked last, and the number of others, for all entries that show it.

    Three queries, none without such entries. Members whom the reader muted are neither named nor counted.
    """
    of_posts = {row.post_id: row for row in rows if row.kind == POST_THANKS.key}
    of_comments = {row.comment_id: row for row in rows if row.kind == THANKS.key}
    _read_thankers_of(of_posts, "post", PostThanks.objects.all(), reader)
    _read_thankers_of(of_comments, "comment", Thanks.objects.all(), reader)


def _read_thankers_of(
    thanked: dict[int | None, Notification], what: str, every: QuerySet[Any], reader: User
) -> None:
    """Set the members who thanked in these rows, which are given by key.

    what: the foreign key of the thanks.
    """
    if not thanked:
        return
    heard = every.exclude(member__in=reader.muted_ids).order_by()
    thanks = heard.filter(**{f"{what}__in": thanked})
    counts = dict(thanks.values_list(what).annotate(Count("pk")))
    for key, row in thanked.items():
        row.thankers, row.further_thanks = [], counts.get(key, 0) - 1
    newest = heard.filter(**{what: OuterRef(f"{what}_id")}).order_by("-created_at", "-pk")
    for one in thanks.filter(pk=Subquery(newest.values("pk")[:1])).select_related("member"):
        thanked[getattr(one, f"{what}_id")].thankers.append(one.member)


def _counted(member: User | int, now: datetime | None = None) -> NotificationQuerySet:
    """Unread notifications, no more than the bell counts."""
    return Notification.objects.in_inbox_of(member, now=now).unread().order_by()[:MAX_COUNTED]


def unread_count(member: User) -> int:
    """The number of unread notifications.

    Each page of a member needs it. Compiling the query each time would cost more than all other queries of
    the page's frame.
    """
    count, values = _unread(parts_that_are_on())
    row = fetch_one(f"SELECT {count}", {**values, "reader": member.pk, "now": timezone.now()})
    return row[0] if row else 0


@cache
def _unread(_switched_on: frozenset[str]) -> tuple[str, dict[str, Any]]:
    return unread_column()


def shown(count: int) -> str:
    """The number in the bell; empty for zero."""
    return f"{MAX_COUNTED - 1}+" if count >= MAX_COUNTED else str(count or "")


# --- read with each member's request of a post (comments.thread.version.add_reader_column) ---


def unread_column() -> tuple[str, dict[str, Any]]:
    """The number of unread notifications as SQL, with its parameters."""
    rows, values = Prepared(
        lambda reader, now: _counted(reader, now).values("pk"), reader=A_NUMBER, now=A_MOMENT
    ).written
    return f"(SELECT COUNT(*) FROM ({rows}) counted)", values  # noqa: S608 - written by the ORM


def follow_column() -> tuple[str, dict[str, Any]]:
    """The member's subscription to the post `p` as SQL, with its parameters."""
    return (
        "(SELECT level FROM notifications_threadsubscription WHERE member_id = %(reader)s AND post_id = p.id)",
        {},
    )
