"""The secret URL from which a member's calendar app reads their events and birthdays."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _


def make_secret() -> str:
    """A secret of 190 bits, which cannot be guessed."""
    return get_random_string(32)


class CalendarAddressQuerySet(models.QuerySet):
    """Secret addresses of calendar feeds."""

    def working(self) -> Self:
        """The addresses of active members."""
        return self.filter(member__is_active=True)


class CalendarAddress(models.Model):
    """One secret for all calendars of a member. A new one replaces it; switching it off deletes the row."""

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_address"
    )
    secret = models.CharField(max_length=32, unique=True, default=make_secret)
    created_at = models.DateTimeField(default=timezone.now)

    objects = CalendarAddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")

    def __str__(self) -> str:
        return str(self.member)
