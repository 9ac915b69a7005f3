"""Review locks, so that two moderators don't review the same comment."""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from comments.models import Comment
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
    claims = ReviewLock.objects.live().filter(comment__in=comments).exclude(moderator=of)
    return {found.comment_id: found for found in claims.select_related("moderator")}
