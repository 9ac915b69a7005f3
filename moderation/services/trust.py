"""Trust levels, computed from a member's history rather than stored.

0: new. 1: joined more than NEW_MEMBER_HOURS ago, and has a comment that has been public for as long, or a public one and is known
by what others did (moderation/services/newcomers.py). 2: several such comments over days. 3: many over months, and staff. What was
published only just now says nothing: nobody has had time to object. Confirmed spam resets to 0: only what was written after it
counts. Undoing the decision restores the level.

Moderators may override a level (TrustOverride). It counts until they change it, or until a comment of the member is marked as spam.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count, Max, Min, Q
from django.utils import timezone

from accounts.models import User
from comments.models import Comment
from moderation.models import Decision, TrustOverride

STAFF_LEVEL = 3


class Trust(NamedTuple):
    level: int
    # Public comments since the last confirmed spam.
    public: int
    spam: int
    is_first: bool
    since: datetime | None
    by_hand: TrustOverride | None = None


def trust_of(member: User, without: Comment | None = None) -> Trust:
    """Level and facts. `without`: a comment that is not counted. Two queries, up to four after spam."""
    status, now = Comment.Status, timezone.now()
    is_old = now - timedelta(hours=settings.NEW_MEMBER_HOURS)
    written = Comment.objects.by(member).order_by()
    if without is not None and without.pk:
        written = written.exclude(pk=without.pk)
    facts = {
        "public": Count("pk", filter=Q(status=status.PUBLIC)),
        "stood": Count("pk", filter=Q(status=status.PUBLIC, published_at__lte=is_old)),
        "removed": Count(
            "pk",
            filter=Q(
                status=status.REMOVED,
                created_at__gt=now - timedelta(days=settings.TRUST_REMOVED_DAYS),
            ),
        ),
        "since": Min("published_at", filter=Q(status=status.PUBLIC)),
    }
    found = written.aggregate(
        all=Count("pk"),
        spam=Count("pk", filter=Q(status=status.SPAM)),
        fell=Max("created_at", filter=Q(status=status.SPAM)),
        **facts,
    )
    if found["fell"] is not None:
        found |= written.filter(created_at__gt=found["fell"]).aggregate(**facts)
    level = 0
    if member.date_joined <= is_old and (found["stood"] or (found["public"] and member.is_known)):
        level = 1
        for number, (comments, days) in enumerate(settings.TRUST_LEVELS, start=2):
            if (
                found["stood"] >= comments
                and found["since"] <= now - timedelta(days=days)
                and not found["removed"]
            ):
                level = number
    by_hand = _set_by_hand(member, has_spam=bool(found["spam"]))
    if by_hand is not None:
        level = by_hand.level or 0
    if member.is_host or member.is_moderator:
        level = STAFF_LEVEL
    return Trust(level, found["public"], found["spam"], not found["all"], found["since"], by_hand)


def _set_by_hand(member: User, *, has_spam: bool) -> TrustOverride | None:
    row = TrustOverride.objects.filter(member=member).order_by("pk").last()
    if row is None or row.level is None:
        return None
    spam_since = Decision.objects.filter(
        comment__author=member,
        comment__status=Comment.Status.SPAM,
        action="spam",
        created_at__gt=row.created_at,
    )
    return None if has_spam and spam_since.filter(undone_by=None).exists() else row
