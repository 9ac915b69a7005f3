"""What the host chooses about moderation."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ModerationSettings(models.Model):
    """How strict the guard is: one row. Percentages, because people move a slider."""

    hold_percent = models.PositiveSmallIntegerField(
        _("let a comment wait from"), default=50, validators=[MinValueValidator(5), MaxValueValidator(99)], help_text=_("How likely spam, in %.")
    )
    reject_percent = models.PositiveSmallIntegerField(
        _("turn a comment away from"),
        default=97,
        validators=[MinValueValidator(50), MaxValueValidator(100)],
        help_text=_("How likely spam, in %, and only with hard evidence. 100: never."),
    )

    hide_after_reports = models.PositiveSmallIntegerField(
        _("hide a comment after so many reports"),
        default=3,
        validators=[MaxValueValidator(50)],
        help_text=_("Of trusted members; it waits until a moderator looked at it. 0: never."),
    )
    wait_hours = models.PositiveSmallIntegerField(
        _("email moderators when something waits for so many hours"), default=12, validators=[MaxValueValidator(720)], help_text=_("0: never.")
    )

    class Meta:
        verbose_name = _("settings of the guard")
        verbose_name_plural = _("settings of the guard")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="one_row_of_moderation_settings"),
            models.CheckConstraint(
                condition=Q(hold_percent__gte=5, hold_percent__lte=F("reject_percent"), reject_percent__lte=100), name="hold_before_reject"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hold_percent} % / {self.reject_percent} %"

    @classmethod
    def current(cls) -> "ModerationSettings":
        """The one row, or what holds where nobody changed anything."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
