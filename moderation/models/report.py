"""Reports of comments."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from comments.models import Comment
from core.utils.dates import date_format
from moderation.models.decision import Decision
from moderation.models.querysets import ReportQuerySet


class Report(models.Model):
    """A member's report of a comment."""

    class Reason(models.TextChoices):
        SPAM = "spam", _("It’s advertising or spam")
        UNKIND = "unkind", _("It’s unkind or attacks someone")
        PRIVATE = "private", _("It gives away something private")
        WRONG_PLACE = "wrong_place", _("It’s off topic")
        OTHER = "other", _("Something else")

    comment = models.ForeignKey(
        Comment, verbose_name=_("comment"), on_delete=models.PROTECT, related_name="reports"
    )
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reported by"),
        on_delete=models.PROTECT,
        related_name="reports",
    )
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    note = models.TextField(_("details"), max_length=1000, blank=True)
    created_at = models.DateTimeField(_("when"), default=timezone.now)
    # A keyed hash of the reporter's network, so that several accounts on it count once. Cleared with the
    # decision.
    network = models.CharField(max_length=32, blank=True, editable=False)
    # Set with the decision that closes the report; cleared if that is undone.
    decision = models.ForeignKey(
        Decision,
        verbose_name=_("decision"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
    )

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "reporter"],
                condition=Q(decision=None),
                name="one_open_report_per_member_and_comment",
                violation_error_message=_(
                    "You’ve already reported this comment. A moderator will review it."
                ),
            )
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(decision=None), name="open_reports"),
            models.Index(fields=["created_at"], condition=~Q(network=""), name="reports_with_network"),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} ({date_format(localtime(self.created_at), 'SHORT_DATE_FORMAT')})"
