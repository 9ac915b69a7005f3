from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from mptt.querysets import TreeQuerySet

if TYPE_CHECKING:
    from accounts.models import User
    from posts.models import Post


class CommentQuerySet(TreeQuerySet):
    def for_post(self, post: Post) -> Self:
        return self.filter(post=post)

    def public(self) -> Self:
        return self.filter(status="public")

    def held(self) -> Self:
        return self.filter(status="held")

    def on_published_posts(self) -> Self:
        from posts.models import Post  # noqa: PLC0415 - models import querysets

        return self.filter(post__in=Post.objects.published())

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Public comments, the reader's own waiting ones, and for a moderator all that are not withdrawn.

        The only door: pages, feeds, profiles and counts all come through here.
        """
        if not user.is_authenticated:
            return self.filter(status="public")
        if user.is_moderator:
            return self.exclude(status="deleted")
        return self.filter(Q(status="public") | Q(status="held", author=user))

    def by(self, user: User) -> Self:
        return self.filter(author=user)

    def with_links(self) -> Self:
        return self.filter(link_count__gt=0)

    def with_authors(self) -> Self:
        """Authors with what stands beside their name: picture and links."""
        return self.select_related("author").prefetch_related("author__links")

    def in_reading_order(self) -> Self:
        return self.order_by("tree_id", "lft")

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")

    def oldest_first(self) -> Self:
        return self.order_by("created_at", "pk")

    def tree_rows(self) -> Any:
        """What comments.tree.find_faults reads."""
        return self.order_by("tree_id", "lft", "pk").values_list("pk", "parent_id", "tree_id", "lft", "rght", "level", "post_id")
