"""Earlier versions of posts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from posts.models.post import Post

# What a version stores and restoring brings back. Slug, dates and pictures beside the text do not change.
TEXT_COLUMNS = ["title", "summary", "body", "cover_alt", "language", "meta_title", "meta_description"]


class PostRevision(models.Model):
    """A post as it was when saved. The newest one is the current text."""

    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="revisions")
    saved_at = models.DateTimeField(default=timezone.now)
    # Empty for the text from before versions were stored.
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    body = models.TextField(blank=True)
    cover_alt = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=20, blank=True)
    meta_title = models.CharField(max_length=100, blank=True)
    meta_description = models.TextField(blank=True)
    tags = models.JSONField(default=list)
    words_added = models.PositiveIntegerField(default=0)
    words_removed = models.PositiveIntegerField(default=0)
    restored_from = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("version of a post")
        verbose_name_plural = _("versions of posts")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.title} ({self.saved_at:%Y-%m-%d %H:%M})"

    @classmethod
    def of(cls, post: Post, **fields: Any) -> PostRevision:
        """An unsaved version of the post's current text. One query, for the tags."""
        tags = sorted(post.tags.values_list("name", flat=True))
        text = {name: getattr(post, name) for name in TEXT_COLUMNS}
        return cls(post=post, tags=tags, **text, **fields)

    def has_same_text_as(self, other: PostRevision) -> bool:
        return all(getattr(self, name) == getattr(other, name) for name in [*TEXT_COLUMNS, "tags"])
