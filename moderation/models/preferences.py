"""Preferences of moderators."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ModeratorPreferences(models.Model):
    """A moderator's preferences: email about long waits, and what they were last emailed about."""

    moderator = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="desk_choice"
    )
    wants_mail = models.BooleanField(_("email me when comments have waited a long time"), default=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "moderation_deskchoice"  # its former name
        verbose_name = _("moderator’s preferences")
        verbose_name_plural = _("moderators’ preferences")

    def __str__(self) -> str:
        return f"{self.moderator_id}: {self.wants_mail}"
