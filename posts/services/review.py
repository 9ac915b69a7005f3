"""Review of contributors' drafts by users who may publish, and preview links."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from posts.models import Post, PostNote, PreviewLink
from posts.signals import review_asked, review_returned


def request_review(post: Post, *, by: User) -> bool:
    """Send a draft to those who may publish it. Returns False if it was sent already or is no draft."""
    return _set_review(post, Post.Review.ASKED, by=by)


def return_for_changes(post: Post, *, by: User) -> bool:
    """Return a draft to its author. Returns False if it was not sent for review."""
    return _set_review(post, Post.Review.RETURNED, by=by)


def _set_review(post: Post, state: Post.Review, *, by: User) -> bool:
    drafts = Post.objects.drafts().filter(pk=post.pk).exclude(review=state)
    if state == Post.Review.RETURNED:
        drafts = drafts.filter(review=Post.Review.ASKED)
    with transaction.atomic():
        changed = bool(drafts.update(review=state, updated_at=timezone.now()))
        if changed:
            post.review = state
            signal = review_asked if state == Post.Review.ASKED else review_returned
            signal.send(sender=Post, post=post, by=by)
    return changed


def add_note(post: Post, body: str, *, by: User) -> PostNote:
    return PostNote.objects.create(post=post, author=by, body=body)


def make_preview_link(post: Post, *, by: User, days: int) -> PreviewLink:
    """Create an expiring link. Expired ones of the post are deleted."""
    PreviewLink.objects.filter(post=post, ends_at__lte=timezone.now()).delete()
    return PreviewLink.objects.create(post=post, created_by=by, ends_at=timezone.now() + timedelta(days=days))
