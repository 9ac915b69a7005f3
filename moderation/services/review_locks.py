"""Review locks, so that two moderators don't review the same comment."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from comments.models import Comment
from core.prepared import A_MOMENT, A_NUMBER, NUMBERS, Prepared
from moderation.models import ReviewLock


def lock(comment: Comment, *, by: User, and_take_over: bool = False) -> ReviewLock | None:
    """Lock a comment for this moderator and release their other one. Returns the lock now in force.

    A colleague's lock is valid until it expires, unless it is taken over. Of two simultaneous requests the
    constraint lets one succeed. None: both locks are gone again.
    """
    now = timezone.now()
    free = Q() if and_take_over else Q(moderator=by) | Q(expires_at__lte=now)
    # No transaction around the statements: two moderators who swap comments could deadlock.
    ReviewLock.objects.filter(Q(moderator=by) | Q(comment=comment) & free).delete()
    mine = ReviewLock(
        comment=comment,
        moderator=by,
        created_at=now,
        expires_at=now + timedelta(minutes=settings.CLAIM_MINUTES),
    )
    ReviewLock.objects.bulk_create([mine], ignore_conflicts=True)
    return ReviewLock.objects.filter(comment=comment).select_related("moderator").first()


def locked_by_colleagues(comments: Iterable[Comment], *, of: User) -> dict[int, ReviewLock]:
    """Locks of colleagues on these comments, by comment id."""
    keys = [comment.pk for comment in comments]
    found = _live.all(keys=keys, moderator=of.pk, now=timezone.now()) if keys else []
    return {each.comment_id: each for each in found}


def _live_by_others(keys: list[int], moderator: int, now: datetime) -> QuerySet[ReviewLock]:
    live = ReviewLock.objects.live(now).filter(comment__in=keys).exclude(moderator=moderator)
    return live.select_related("moderator")


_live: Prepared[ReviewLock] = Prepared(_live_by_others, keys=NUMBERS, moderator=A_NUMBER, now=A_MOMENT)
