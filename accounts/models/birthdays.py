"""A member's birthday, and who may see it."""

from calendar import isleap, monthrange
from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models.user import User


class BirthdayMixin(models.Model):
    """The mixin of User for its columns birthday_*."""

    class SeenBy(models.TextChoices):
        """Who may see the birthday and its page."""

        NOBODY = "nobody", _("No one")
        MEMBERS = "members", _("Members")
        ALL = "all", _("Everyone")

    birthday_day = models.PositiveSmallIntegerField(_("day"), null=True, blank=True, editable=False)
    birthday_month = models.PositiveSmallIntegerField(_("month"), null=True, blank=True, editable=False)
    birthday_year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True, editable=False)
    birthday_seen_by = models.CharField(
        _("visible to"), max_length=7, choices=SeenBy, default=SeenBy.NOBODY, editable=False
    )
    # Members born on 29 February can celebrate on 1 March in other years, instead of 28 February.
    birthday_in_march = models.BooleanField(
        _("celebrate on 1 March in other years"), default=False, db_default=False
    )
    birthday_told = models.BooleanField(
        _("Notify my followers on my birthday, if everyone or members can see it"),
        default=False,
        db_default=False,
    )

    is_active: models.BooleanField

    class Meta:
        abstract = True

    def birthday_in(self, year: int) -> date | None:
        """The birthday in a year. Members born on 29 February chose a day for years that lack it."""
        if self.birthday_month is None or self.birthday_day is None:
            return None
        is_leap_day = (self.birthday_month, self.birthday_day) == (2, 29)
        if is_leap_day and self.birthday_in_march and not isleap(year):
            return date(year, 3, 1)
        day = min(self.birthday_day, monthrange(year, self.birthday_month)[1])
        return date(year, self.birthday_month, day)

    def shows_birthday_to(self, reader: "User | AnonymousUser") -> bool:
        """Whether this reader may see the birthday."""
        if self.birthday_day is None or not self.is_active:  # a memorial has none either
            return False
        if self.birthday_seen_by == self.SeenBy.ALL or self == reader:
            return True
        return self.birthday_seen_by == self.SeenBy.MEMBERS and reader.is_authenticated

    def has_birthday_for(self, reader: "User | AnonymousUser") -> bool:
        """Whether the birthday is today in the current time zone, and this reader may see it."""
        if self.birthday_day is None:
            return False
        today = timezone.localdate()
        return self.birthday_in(today.year) == today and self.shows_birthday_to(reader)
