"""The secret URL of a member's feed of replies."""

from typing import Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from core.utils.urls import absolute_url


def make_secret() -> str:
    """190 bits, so that no one can guess a URL."""
    return get_random_string(32)


class ReplyFeedQuerySet(models.QuerySet):
    """Secret feeds of the replies to a member."""

    def working(self) -> Self:
        """Feeds of members whose account is open."""
        return self.filter(member__is_active=True)


class ReplyFeed(models.Model):
    """A member's feed of replies. A new URL replaces the secret; ending it deletes the row."""

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reply_feed"
    )
    secret = models.CharField(max_length=32, unique=True, default=make_secret)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ReplyFeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("feed of replies")
        verbose_name_plural = _("feeds of replies")

    def __str__(self) -> str:
        return str(self.member)

    def get_absolute_url(self) -> str:
        return reverse("notifications:reply-feed", args=[self.secret])

    @property
    def address(self) -> str:
        """The absolute URL, to be copied into a feed reader."""
        return absolute_url(self.get_absolute_url())
