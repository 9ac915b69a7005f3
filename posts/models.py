"""Models of posts."""

import math
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlencode

from django.conf import settings
from django.conf.global_settings import LANGUAGES_BIDI
from django.core.files.images import get_image_dimensions
from django.core.files.storage import default_storage
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.markup.plain import excerpt, plain_text
from core.markup.posts import clean_post_html
from core.utils.slugs import SlugField, make_slug
from core.utils.text import one_line
from core.utils.urls import absolute_url
from posts.old_addresses import OldAddressQuerySet, old_address_key
from posts.querysets import PostQuerySet, TagQuerySet

WORDS_PER_MINUTE = 220
LANGUAGES_RIGHT_TO_LEFT = frozenset(LANGUAGES_BIDI)


@lru_cache(maxsize=1000)
def _picture_size(name: str) -> tuple[int, int]:
    """Width and height of a stored picture in pixels. Cached: names are random, and files never change."""
    with default_storage.open(name) as file:
        width, height = get_image_dimensions(file)
    return int(width), int(height)


class Tag(models.Model):
    name = models.CharField(_("name"), max_length=50, unique=True)
    slug = SlugField(_("URL slug"), max_length=60, unique=True)

    objects = TagQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('posts:post-list')}?{urlencode({'tag': self.slug})}"


class Post(models.Model):
    title = models.CharField(_("title"), max_length=200)
    slug = SlugField(
        _("web address"),
        max_length=120,
        unique=True,
        help_text=_(
            "Leave blank to create one from the title. Earlier web addresses redirect to the new one."
        ),
    )
    summary = models.TextField(
        _("summary"),
        max_length=300,
        blank=True,
        help_text=_("One or two sentences for lists, search engines and feeds."),
    )
    body = models.TextField(_("body"), blank=True)
    cover = models.ImageField(_("cover picture"), upload_to="covers/", blank=True)
    cover_alt = models.CharField(
        _("alt text of the picture"),
        max_length=200,
        blank=True,
        help_text=_("For people who can’t see it. Leave blank if the picture is only decorative."),
    )
    tags = models.ManyToManyField(Tag, verbose_name=_("tags"), blank=True, related_name="posts")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("author"), on_delete=models.PROTECT, related_name="posts"
    )
    language = models.CharField(
        _("language"),
        max_length=20,
        blank=True,
        help_text=_("The language the post is written in, if it isn’t the site’s."),
    )
    published_at = models.DateTimeField(
        _("published at"),
        null=True,
        blank=True,
        help_text=_("Leave blank for a draft, or pick a future time to schedule the post."),
    )
    comments_open = models.BooleanField(_("comments are open"), default=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("edited at"), default=timezone.now, editable=False)
    # Kept by comments/services/writing.py, in the transaction of each comment.
    comment_count = models.PositiveIntegerField(_("comments"), default=0, editable=False)
    last_comment_at = models.DateTimeField(_("last comment"), null=True, editable=False)
    thread_version = models.PositiveBigIntegerField(
        default=0, editable=False, help_text="Goes up with every change below the post."
    )
    source_key = models.CharField(
        max_length=200,
        null=True,
        blank=True,
        unique=True,
        editable=False,
        help_text="Where an import found it.",
    )

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        indexes = [
            models.Index(fields=["-published_at", "-id"], name="posts_newest_first"),
            # Each look at a post asks when any of them changed last (comments/thread/version.py).
            models.Index(fields=["updated_at"], name="posts_by_change"),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.title = one_line(self.title)
        self.body = clean_post_html(self.body)
        if not self.slug:
            self.slug = self.free_slug()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("posts:post-detail", args=[self.slug])

    def get_canonical_url(self) -> str:
        return absolute_url(self.get_absolute_url())

    def free_slug(self) -> str:
        """An address made from the title, with a number behind it when it is taken."""
        base = make_slug(self.title)[:110].strip("-_") or "post"
        taken = set(
            Post.objects.filter(slug__startswith=base).exclude(pk=self.pk).values_list("slug", flat=True)
        )
        number, slug = 1, base
        while slug in taken:
            number += 1
            slug = f"{base}-{number}"
        return slug

    def keep_old_address(self, path: str, query: str = "") -> bool:
        """Store a redirect from an old address. False if that leads to another post already."""
        key = old_address_key(unquote(path), query)
        if not key or len(key) > OldAddress.KEY_CHARACTERS:
            return False
        kept, _is_new = OldAddress.objects.get_or_create(key=key, defaults={"post": self})
        return kept.post_id == self.pk

    @property
    def direction(self) -> str:
        """Which way the post's language is written; "" while it is the site's."""
        return (
            ("rtl" if self.language.partition("-")[0] in LANGUAGES_RIGHT_TO_LEFT else "ltr")
            if self.language
            else ""
        )

    @property
    def is_published(self) -> bool:
        return self.published_at is not None and self.published_at <= timezone.now()

    @property
    def is_scheduled(self) -> bool:
        return self.published_at is not None and self.published_at > timezone.now()

    @property
    def takes_comments(self) -> bool:
        return self.comments_open and self.is_published

    @property
    def description(self) -> str:
        """One or two sentences: the summary, or the beginning of the post."""
        return self.summary or excerpt(self.body, 200)

    @property
    def minutes_to_read(self) -> int:
        return max(1, math.ceil(len(plain_text(self.body).split()) / WORDS_PER_MINUTE))

    @property
    def cover_size(self) -> tuple[int, int] | None:
        """Width and height in pixels, so that the page does not jump when the picture comes. None if it is missing."""
        try:
            return _picture_size(self.cover.name)
        except (OSError, TypeError, ValueError):
            return None

    @property
    def changed_at(self) -> datetime:
        """The date of the last visible change. A post with a set time may have been written long before."""
        return max(self.updated_at, self.published_at or self.updated_at)


class OldAddress(models.Model):
    """A former address of a post: on the blog that it was imported from, or with a former slug.

    Queried only where nothing else was found (posts.middleware.OldAddressMiddleware, HomeView).
    """

    KEY_CHARACTERS = 500

    key = models.CharField(
        max_length=KEY_CHARACTERS, unique=True, help_text="As posts.old_addresses.old_address_key writes it."
    )
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="old_addresses")

    objects = OldAddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("old web address")
        verbose_name_plural = _("old web addresses")

    def __str__(self) -> str:
        return f"/{self.key}"
