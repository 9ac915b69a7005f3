"""Appeals against decisions."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from moderation.models.member import Restriction
from moderation.models.member_querysets import AppealQuerySet


class Appeal(models.Model):
    """A member's appeal against a decision about a comment, or a restriction.

    There is one for each; it is answered once, with a message.
    """

    class State(models.TextChoices):
        """GRANTED: the decision was undone or the restriction lifted."""

        OPEN = "open", _("not answered yet")
        GRANTED = "granted", _("accepted")
        DECLINED = "declined", _("rejected")

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.CASCADE, related_name="appeals"
    )
    decision = models.OneToOneField(
        "moderation.Decision", on_delete=models.PROTECT, null=True, blank=True, related_name="appeal"
    )
    restriction = models.OneToOneField(
        Restriction, on_delete=models.CASCADE, null=True, blank=True, related_name="appeal"
    )
    words = models.TextField(_("details"), max_length=2000)
    created_at = models.DateTimeField(_("when"), default=timezone.now)
    state = models.CharField(_("status"), max_length=8, choices=State, default=State.OPEN)
    answer = models.TextField(_("reply"), max_length=2000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("answered by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        indexes = [models.Index(fields=["created_at"], condition=Q(state="open"), name="open_appeals")]
        constraints = [
            models.CheckConstraint(
                name="appeal_is_about_one_thing",
                condition=Q(decision__isnull=False, restriction=None)
                | Q(decision=None, restriction__isnull=False),
            ),
            models.CheckConstraint(
                name="answered_appeal_says_what_when_and_by_whom",
                condition=Q(state="open", answer="", answered_by=None, answered_at=None)
                | Q(state__in=["granted", "declined"], answered_by__isnull=False, answered_at__isnull=False)
                & ~Q(answer=""),
            ),
            models.CheckConstraint(name="appeal_says_something", condition=~Q(words="")),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.get_state_display()}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN
