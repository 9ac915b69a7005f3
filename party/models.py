"""How the host wants the site to look on a day. A day without a row is dressed if there is something to celebrate."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Dress(models.TextChoices):
    """What is stored is a word of static/css/party.css, too."""

    NONE = "none", _("As on every day")
    QUIET = "quiet", _("Bunting and a hat")
    FULL = "full", _("Bunting, a hat and confetti")


class PartyDay(models.Model):
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
