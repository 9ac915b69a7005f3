"""Who is reviewing which comment, so that two moderators don't decide about the same one."""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from comments.models import Comment
from moderation.models import ReviewLock


def lock(comment: Comment, *, by: User, and_take_over: bool = False) -> ReviewLock | None:
    """Record that this moderator reviews the comment now, and no longer another. Returns the lock that is then valid.

    A colleague's lock is valid until it expires, unless it is taken over. Of two at the same moment the constraint
    lets one have it. None: both are gone again already.
    """
    now = timezone.now()
    free = Q() if and_take_over else Q(moderator=by) | Q(expires_at__lte=now)
    # Each statement for itself: held together in a transaction, two moderators who swap places could wait for each other.
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
    """Claims of others on these comments, by the comment's key."""
    claims = ReviewLock.objects.live().filter(comment__in=comments).exclude(moderator=of)
    return {found.comment_id: found for found in claims.select_related("moderator")}
