"""A one-line summary of what happened since a member's last visit."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from comments.models import Comment, ThreadVisit
from core.prepared import A_NUMBER, NUMBERS, Prepared
from core.utils.dates import date_format

# At most this many new comments are counted; more are "100 or more".
COUNTED = 100
DAYS_OF_A_WEEK = 7


class Welcome(NamedTuple):
    """since: a time of today, a weekday, or a date.

    names: who replied to the member; others: further new comments.
    """

    since: str
    names: list[str]
    others: int
    has_more: bool = False


def welcome(
    member: User, since: datetime, comments: Collection[int], *, muted: Collection[int] = ()
) -> Welcome:
    """Summarise these comments, none of which is the member's own. Those of muted members are left out."""
    count = len(comments)
    to_them = [
        comment
        for comment in _replies_among.all(comments=comments, member=member.pk)
        if comment.author_id not in muted
    ]
    if muted:
        count = Comment.objects.filter(pk__in=comments).exclude(author__in=muted).count()
    return _welcome(since, [comment.author_name for comment in to_them], count)


_replies_among: Prepared[Comment] = Prepared(
    lambda comments, member: (
        Comment.objects.filter(pk__in=comments, parent__author=member)
        .select_related("author")
        .defer("body", "html")
        .order_by("pk")
    ),
    comments=NUMBERS,
    member=A_NUMBER,
)


def welcome_back(member: User) -> Welcome | None:
    """Summarise all discoverable posts; None if they were here just now, never before, or nothing is new."""
    since = ThreadVisit.objects.filter(member=member).aggregate(last=Max("looked_at"))["last"]
    if since is None or timezone.now() - since < timedelta(minutes=settings.VISIT_PAUSE_MINUTES):
        return None
    fresh = (
        Comment.objects.public()
        .discoverable_by(member)
        .filter(created_at__gt=since)
        .exclude(author=member)
        .exclude(author__in=member.muted_ids)
    )
    rows = list(fresh.newest_first().values_list("pk", "parent__author")[: COUNTED + 1])
    if not rows:
        return None
    replies = [pk for pk, author in rows if author == member.pk]
    named = Comment.objects.filter(pk__in=replies).select_related("author").defer("body", "html")
    names = [comment.author_name for comment in named.order_by("pk")] if replies else []
    return _welcome(since, names, min(len(rows), COUNTED))._replace(has_more=len(rows) > COUNTED)


def _welcome(since: datetime, names: list[str], comments: int) -> Welcome:
    return Welcome(_in_words(since), list(dict.fromkeys(names)), comments - len(names))


def _in_words(moment: datetime) -> str:
    """The time as words, in the reader's time zone."""
    then, today = timezone.localtime(moment), timezone.localdate()
    if then.date() == today:
        return date_format(then, "TIME_FORMAT")
    is_near = today - then.date() < timedelta(days=DAYS_OF_A_WEEK)
    return date_format(then, "l" if is_near else "DATE_FORMAT")
