"""What is shared while a post is a draft: preview links, and notes between its writers."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

NOTE_CHARACTERS = 2000


def make_secret() -> str:
    """A secret of 190 bits, which cannot be guessed."""
    return get_random_string(32)


class PreviewLinkQuerySet(models.QuerySet):
    """Secret links to drafts."""

    def working(self) -> Self:
        """Those that have not ended, to posts that are not in the trash."""
        return self.filter(ends_at__gt=timezone.now(), post__trashed_at=None)


class PreviewLink(models.Model):
    """An expiring link to the preview of a post, for someone without an account."""

    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="preview_links")
    secret = models.CharField(max_length=32, unique=True, default=make_secret)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    ends_at: models.DateTimeField[datetime, datetime] = models.DateTimeField()

    objects = PreviewLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("preview link")
        verbose_name_plural = _("preview links")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.post} ({self.ends_at:%Y-%m-%d})"

    def get_absolute_url(self) -> str:
        return reverse("posts:shared-preview", args=[self.secret])


class PostNote(models.Model):
    """A note between the writers of a post and those who publish it. Readers never see it."""

    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    body = models.TextField(_("note"), validators=[MaxLengthValidator(NOTE_CHARACTERS)])
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("note on a post")
        verbose_name_plural = _("notes on posts")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.body[:60]
