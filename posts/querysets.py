from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Count, Max, Q
from django.utils import timezone

from core.utils.pagination import Cursor

if TYPE_CHECKING:
    from posts.models import Post


class TagQuerySet(models.QuerySet):
    def in_use(self) -> Self:
        """Tags of published posts, with `post_count`: how many such posts there are."""
        published = Q(posts__published_at__lte=timezone.now())
        return self.annotate(post_count=Count("posts", filter=published)).filter(post_count__gt=0)


class PostQuerySet(models.QuerySet):
    def published(self) -> Self:
        return self.filter(published_at__lte=timezone.now())

    def drafts(self) -> Self:
        return self.filter(published_at=None)

    def scheduled(self) -> Self:
        return self.filter(published_at__gt=timezone.now())

    def newest_first(self) -> Self:
        return self.order_by("-published_at", "-pk")

    def tagged(self, slug: str) -> Self:
        return self.filter(tags__slug=slug)

    def with_author(self) -> Self:
        return self.select_related("author")

    def older_than(self, published_at: datetime, pk: int) -> Self:
        """What comes after that position, newest first."""
        return self.filter(Cursor(published_at, pk).rows_before("published_at"))

    def last_changed_at(self) -> datetime | None:
        """When something that readers see last changed, appeared or went away. Withdrawn posts count for that."""
        latest = self.aggregate(
            changed=Max("updated_at"),
            appeared=Max("published_at", filter=Q(published_at__lte=timezone.now())),
        )
        return max((moment for moment in latest.values() if moment is not None), default=None)

    def before(self, post: Post) -> Self:
        """Published earlier than the given one, nearest first."""
        return self.published().older_than(post.published_at or timezone.now(), post.pk).newest_first()

    def after(self, post: Post) -> Self:
        """Published later than the given one, nearest first."""
        return (
            self.published()
            .filter(Cursor(post.published_at or timezone.now(), post.pk).rows_after("published_at"))
            .order_by("published_at", "pk")
        )
