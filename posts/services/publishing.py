"""Publishing and unpublishing posts, and other actions of the host."""

from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils import timezone

from posts.models import Post
from posts.signals import post_published


def publish_post(post: Post, *, at: datetime | None = None) -> bool:
    """Publish a draft now, or at the given time. Returns False if it was published or scheduled already.

    One UPDATE on the unpublished row, so that a second click announces nothing twice.
    """
    with transaction.atomic():
        published_at = at or timezone.now()
        published = (
            Post.objects.drafts()
            .filter(pk=post.pk)
            .update(published_at=published_at, updated_at=timezone.now())
        )
        if published:
            post.published_at = published_at
            post_published.send(sender=Post, post=post)
    return bool(published)


def withdraw_post(post: Post) -> bool:
    """Unpublish a published or scheduled post; its comments are hidden with it. Returns False if it was a draft."""
    if post.is_published:
        post.keep_own_address()
    withdrawn = (
        Post.objects.exclude(published_at=None)
        .filter(pk=post.pk)
        .update(published_at=None, updated_at=timezone.now())
    )
    post.published_at = None
    return bool(withdrawn)


def set_comments_open(post: Post, is_open: bool) -> bool:
    """Open or close the comments of a post. Returns False if nothing changed."""
    changed = Post.objects.filter(pk=post.pk, comments_open=not is_open).update(
        comments_open=is_open, updated_at=timezone.now()
    )
    post.comments_open = is_open
    return bool(changed)


def delete_cover_after_commit(post: Post) -> None:
    """Delete the picture file of a post that gets another, or goes; not before that is certain."""
    if post.cover and post.cover.name:
        transaction.on_commit(partial(post.cover.storage.delete, post.cover.name))
