from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone


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

    def before(self, post: models.Model) -> Self:
        """Published earlier than the given one, nearest first."""
        return self.published().filter(Q(published_at__lt=post.published_at) | Q(published_at=post.published_at, pk__lt=post.pk)).newest_first()

    def after(self, post: models.Model) -> Self:
        """Published later than the given one, nearest first."""
        return (
            self.published()
            .filter(Q(published_at__gt=post.published_at) | Q(published_at=post.published_at, pk__gt=post.pk))
            .order_by("published_at", "pk")
        )
