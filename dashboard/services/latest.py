"""How the newest post is doing, for the dashboard."""

from dataclasses import dataclass

from django.db.models import Sum

from accounts.models import User
from dashboard.models import PageDay
from posts.models import Post


@dataclass(frozen=True)
class LatestPost:
    """readers: the sum over the days (docs/decisions/0080)."""

    post: Post
    views: int
    readers: int


def latest_post_for(user: User) -> LatestPost | None:
    """The latest post; for an editor, of their own. Two queries."""
    posts = Post.objects.published().filter(kind=Post.Kind.POST)
    if not user.is_host:
        posts = posts.filter(author=user)
    post = posts.defer("body").order_by("-published_at", "-pk").first()
    if post is None:
        return None
    seen = PageDay.objects.filter(page=post.pk).aggregate(views=Sum("views"), readers=Sum("readers"))
    return LatestPost(post, seen["views"] or 0, seen["readers"] or 0)
