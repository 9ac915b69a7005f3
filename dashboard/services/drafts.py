"""Drafts and scheduled posts, for the dashboard."""

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from posts.models import Post


def unpublished_for(user: User) -> QuerySet[Post]:
    """Scheduled posts, soonest first, then drafts, last edited first. For an editor, only their own."""
    if not user.has_perm("posts.change_post"):
        return Post.objects.none()
    posts = Post.objects.not_in_trash().filter(
        Q(published_at=None) | Q(published_at__gt=timezone.now()), kind=Post.Kind.POST
    )
    if not user.is_host:
        posts = posts.filter(author=user)
    return posts.order_by(F("published_at").asc(nulls_last=True), "-updated_at", "-pk")
