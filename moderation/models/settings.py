"""The host's settings for moderation."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.prepared import Prepared


class ModerationSettings(models.Model):
    """The thresholds of the spam filter, in one row. In percent, because the form uses sliders."""

    hold_percent = models.PositiveSmallIntegerField(
        _("hold comments from a spam score of"),
        default=50,
        validators=[MinValueValidator(5), MaxValueValidator(99)],
        help_text=_("In percent."),
    )
    reject_percent = models.PositiveSmallIntegerField(
        _("block comments from a spam score of"),
        default=97,
        validators=[MinValueValidator(50), MaxValueValidator(100)],
        help_text=_("In percent, and only with strong evidence. 100: never."),
    )

    first_link_waits = models.BooleanField(
        _("hold a new member’s first comment with a link"),
        default=False,
        db_default=False,
        help_text=_(
            "Otherwise it’s published, and others see the link as text until the member is known. Links to well-known sites are never held for this."
        ),
    )
    hide_after_reports = models.PositiveSmallIntegerField(
        _("hide a comment after this many reports"),
        default=3,
        validators=[MaxValueValidator(50)],
        help_text=_("By trusted members; it’s hidden until a moderator reviews it. 0: never."),
    )
    wait_hours = models.PositiveSmallIntegerField(
        _("email moderators after a comment has waited this many hours"),
        default=12,
        validators=[MaxValueValidator(720)],
        help_text=_("0: never."),
    )

    class Meta:
        verbose_name = _("spam filter settings")
        verbose_name_plural = _("spam filter settings")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="one_row_of_moderation_settings"),
            models.CheckConstraint(
                condition=Q(
                    hold_percent__gte=5, hold_percent__lte=F("reject_percent"), reject_percent__lte=100
                ),
                name="hold_before_reject",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hold_percent}% / {self.reject_percent}%"

    @classmethod
    def current(cls) -> "ModerationSettings":
        """The row, or the defaults."""
        return _current.first() or cls(pk=1)


_current: Prepared[ModerationSettings] = Prepared(lambda: ModerationSettings.objects.filter(pk=1))
