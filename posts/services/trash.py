"""The trash: a deleted post stays there with its comments until it is restored or purged.

See docs/decisions/0071.
"""

from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import User
from core.tasks.periodic import periodic
from posts.models import Post
from posts.services.publishing import delete_pictures_after_commit

PURGED_AT_ONCE = 20


def trash_post(post: Post, *, by: User) -> bool:
    """Unpublish a post and move it to the trash with its comments. Returns False if it was there already."""
    with transaction.atomic():
        if post.is_published:
            post.keep_own_address()
        now = timezone.now()
        return bool(
            Post.objects.not_in_trash()
            .filter(pk=post.pk)
            .update(
                trashed_at=now,
                trashed_by=by,
                trashed_published_at=F("published_at"),
                published_at=None,
                updated_at=now,
            )
        )


def restore_post(post: Post) -> bool:
    """Restore a post with its date and comments, without notifying anyone again.

    A post whose scheduled time passed while it was in the trash becomes a draft.
    """
    with transaction.atomic():
        there = Post.objects.in_trash().select_for_update().filter(pk=post.pk).first()
        if there is None:
            return False
        at, now = there.trashed_published_at, timezone.now()
        was_missed = at is not None and cast(datetime, there.trashed_at) < at <= now
        Post.objects.filter(pk=there.pk).update(
            published_at=None if was_missed else at,
            trashed_at=None,
            trashed_by=None,
            trashed_published_at=None,
            updated_at=now,
        )
    return True


def purge_post(post: Post) -> bool:
    """Delete a post in the trash for good, with its comments and all about them (POST_DELETION_STEPS)."""
    with transaction.atomic():
        there = Post.objects.in_trash().select_for_update().filter(pk=post.pk).first()
        if there is None:
            return False
        for step in settings.POST_DELETION_STEPS:
            import_string(step)(there)
        delete_pictures_after_commit(there)
        there.delete()
    return True


@periodic(every=timedelta(hours=1))
def empty_trash() -> int:
    """Purge posts that have been in the trash for TRASH_DAYS. Returns how many."""
    due = Post.objects.filter(trashed_at__lte=timezone.now() - timedelta(days=settings.TRASH_DAYS))
    return sum(purge_post(post) for post in due.order_by("trashed_at")[:PURGED_AT_ONCE])
