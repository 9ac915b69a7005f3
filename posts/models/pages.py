"""Static pages of the host, such as "About"."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from posts.models.post import Post
from posts.models.querysets import PostQuerySet


class PageManager(models.Manager.from_queryset(PostQuerySet)):  # type: ignore[misc]  # a base made by a call
    """Posts of the kind PAGE only."""

    def get_queryset(self) -> PostQuerySet:
        return super().get_queryset().filter(kind=Post.Kind.PAGE)


# The manager comes from mptt, which the mypy plugin cannot see.
class Page(Post):  # type: ignore[django-manager-missing]
    """A post of the kind "page": the same editor, versions, redirects and trash (docs/decisions/0070)."""

    objects = PageManager()  # type: ignore[misc]  # Post declares it as a class variable

    class Meta:
        proxy = True
        verbose_name = _("page")
        verbose_name_plural = _("pages")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not args:
            kwargs.setdefault("kind", Post.Kind.PAGE)
        super().__init__(*args, **kwargs)
