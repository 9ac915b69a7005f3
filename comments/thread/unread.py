"""What is new in a thread since a member's last visit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from comments.models import Comment, ThreadVisit
from comments.thread.pagination import Order
from comments.thread.version import PostVersion
from core.prepared import A_MOMENT, A_NUMBER, Prepared
from core.utils.writer_slots import unless_locked

# At most this many new comments are counted; more are "100 or more".
NEWS_COUNTED = 100


_fresh: Prepared[Comment] = Prepared(
    lambda post, since, member: (
        Comment.objects.filter(post=post)
        .public()
        .filter(published_at__gt=since)
        .exclude(author=member)
        .order_by("published_at")
        .values_list("tree_id", "lft", "pk")[: NEWS_COUNTED + 1]
    ),
    post=A_NUMBER,
    since=A_MOMENT,
    member=A_NUMBER,
)


class News(NamedTuple):
    """Comments that became public since the last visit, except the member's own: ids in reading order."""

    since: datetime
    comments: list[int]
    has_more: bool


def look(member: User, version: PostVersion) -> datetime:
    """Record that the member reads this thread. Returns the time after which comments are new to them.

    On the first visit nothing is new. Writes at most once per visit and once per minute, since reading should
    cost less than writing. Nothing is written while the database is locked; the next visit then continues
    from the same time.
    """
    now = timezone.now()
    if version.visit is None or version.new_since is None or version.looked_at is None:
        since = now
        with unless_locked():
            visit, _is_first = ThreadVisit.objects.get_or_create(
                member=member, post_id=version.pk, defaults={"new_since": now, "looked_at": now}
            )
            since = visit.new_since
        return since
    pause = now - version.looked_at
    if pause > timedelta(minutes=settings.VISIT_PAUSE_MINUTES):
        # The condition lets only one of two pages opened at once begin the visit.
        with unless_locked():
            ThreadVisit.objects.filter(pk=version.visit, looked_at=version.looked_at).update(
                new_since=version.looked_at, looked_at=now
            )
        return version.looked_at
    if pause > timedelta(minutes=1):
        with unless_locked():
            ThreadVisit.objects.filter(pk=version.visit, looked_at__lt=now).update(looked_at=now)
    return version.new_since


def news_for(member: User, version: PostVersion, order: Order = Order.OLDEST) -> News:
    """Record the visit (see `look`) and find what is new."""
    since = look(member, version)
    if version.last_published_at is None or version.last_published_at <= since:
        return News(since, [], False)
    found = _fresh.rows(post=version.pk, since=since, member=member.pk)
    in_order = sorted(
        found[:NEWS_COUNTED], key=lambda row: (-row[0] if order is Order.NEWEST else row[0], row[1])
    )
    return News(since, [pk for _tree, _left, pk in in_order], len(found) > NEWS_COUNTED)
