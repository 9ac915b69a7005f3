"""Tags of posts."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.utils.slugs import SlugField
from core.utils.urls import path_of
from posts.models.pictures import size_of
from posts.models.querysets import TagQuerySet


class Tag(models.Model):
    """A subject of posts, with a page and a feed of its own."""

    name = models.CharField(_("name"), max_length=50, unique=True)
    slug = SlugField(_("URL slug"), max_length=60, unique=True)
    description = models.TextField(
        _("description"),
        max_length=500,
        blank=True,
        default="",
        db_default="",
        help_text=_("Shown above the posts with this tag, and in search results."),
    )
    cover = models.ImageField(_("cover picture"), upload_to="covers/", blank=True, default="", db_default="")
    cover_alt = models.CharField(
        _("alt text of the picture"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text=_("For people who can’t see it. Leave blank if the picture is only decorative."),
    )

    objects = TagQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{path_of('posts:post-list')}?{urlencode({'tag': self.slug})}"

    @property
    def cover_size(self) -> tuple[int, int] | None:
        return size_of(self.cover)
