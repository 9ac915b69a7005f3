"""The look of the site on a day. Without a row, it is festive if there is something to celebrate."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Dress(models.TextChoices):
    """The values are also used in static/css/party.css."""

    NONE = "none", _("As usual")
    QUIET = "quiet", _("Bunting and a hat")
    FULL = "full", _("Bunting, a hat and confetti")


class PartyDay(models.Model):
    """A day on which the site is dressed up."""

    day = models.DateField(_("day"), unique=True)
    dress = models.CharField(_("how the site looks"), max_length=5, choices=Dress, default=Dress.FULL)

    class Meta:
        verbose_name = _("party day")
        verbose_name_plural = _("party days")
        ordering = ["-day"]
        constraints = [
            models.CheckConstraint(condition=models.Q(dress__in=Dress.values), name="party_dress_is_known")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.dress}"
