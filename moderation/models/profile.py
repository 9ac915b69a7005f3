"""Reviews of hidden profiles."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.utils.reasons import reason_texts
from moderation.models.decision import Decision


class ProfileReviewQuerySet(models.QuerySet):
    """Reasons to hide a profile, also former ones."""

    def hiding(self) -> "ProfileReviewQuerySet":
        """Reviews that currently hide a profile."""
        return self.filter(is_hiding=True)

    def waiting(self) -> "ProfileReviewQuerySet":
        """Reviews that no moderator has decided."""
        return self.hiding().filter(decided_at=None)

    def first_waiting(self) -> "ProfileReviewQuerySet":
        """The oldest undecided review of each member: all are decided together."""
        waiting = ProfileReview.objects.waiting()
        older = waiting.filter(member=models.OuterRef("member"), pk__lt=models.OuterRef("pk"))
        return self.waiting().exclude(models.Exists(older))


class ProfileReview(models.Model):
    """A profile hidden by the spam filter, or because a comment of its owner was confirmed as spam.

    User.profile_hidden says whether any review hides it (moderation/services/profiles.py writes both).
    """

    class Cause(models.TextChoices):
        """What looked like spam: the profile itself, or a comment of its owner."""

        ASSESSED = "assessed", _("the spam filter")
        SPAM = "spam", _("a comment marked as spam")

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("member"),
        on_delete=models.CASCADE,
        related_name="profile_reviews",
    )
    cause = models.CharField(_("cause"), max_length=10, choices=Cause)
    # The decision that a comment is spam; undoing it restores the profile. None: the post was purged together
    # with its decisions. The profile stays hidden until a moderator shows it.
    decision = models.ForeignKey(Decision, on_delete=models.SET_NULL, null=True, related_name="+")
    reasons = models.JSONField(_("reasons"), default=list)
    # A hash of what was assessed. What a moderator approved is not hidden again while it is unchanged.
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    # The member's previous User.known_since, to restore it.
    known_since = models.DateTimeField(null=True, editable=False)
    is_hiding = models.BooleanField(_("hides the profile"), default=True)
    created_at = models.DateTimeField(_("when"), default=timezone.now)
    decided_at = models.DateTimeField(_("reviewed"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reviewed by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = ProfileReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("hidden profile")
        verbose_name_plural = _("hidden profiles")
        indexes = [
            models.Index(fields=["created_at"], condition=Q(is_hiding=True), name="profile_reviews_hiding")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(cause="assessed", is_hiding=True),
                name="profile_hidden_once_by_the_spam_filter",
            ),
            models.UniqueConstraint(fields=["decision"], name="one_profile_review_per_decision"),
            models.CheckConstraint(
                name="decision_of_a_profile_review_is_about_spam",
                condition=Q(cause="spam") | Q(decision=None),
            ),
            models.CheckConstraint(
                name="reviewed_profile_says_by_whom",
                condition=Q(decided_at=None, decided_by=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.cause}"

    @property
    def why(self) -> list[str]:
        """The reasons as sentences."""
        return reason_texts(self.reasons)
