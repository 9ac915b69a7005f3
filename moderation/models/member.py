"""Rows about members: restrictions, trust levels, notes and reports."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from moderation.models.member_querysets import RestrictionQuerySet
from moderation.models.texts import RemovalReason


class Restriction(models.Model):
    """A restriction of a member, a network or a domain. It expires by itself or is lifted."""

    class Kind(models.TextChoices):
        SUSPENSION = "suspension", _("suspension")
        BAN = "ban", _("ban")
        NETWORK = "network", _("IP range")
        DOMAIN = "domain", _("domain")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("member"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="restrictions",
    )
    # The keyed hash of a network, as in Assessment.network; or CIDR notation if it is wider than a
    # household's.
    network = models.CharField(_("IP range"), max_length=43, blank=True)
    domain = models.CharField(_("domain"), max_length=253, blank=True)
    text = models.ForeignKey(
        RemovalReason,
        verbose_name=_("reason"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    words = models.TextField(_("message"), max_length=1000, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("set by"), on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("from"), default=timezone.now)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("lifted by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = RestrictionQuerySet.as_manager()

    class Meta:
        verbose_name = _("restriction")
        verbose_name_plural = _("restrictions")
        indexes = [
            models.Index(fields=["member", "created_at"], name="restrictions_of_member"),
            models.Index(fields=["kind"], condition=Q(lifted_at=None), name="restrictions_not_lifted"),
        ]
        constraints = [
            models.CheckConstraint(
                name="restriction_names_what_it_is_about",
                condition=Q(kind__in=["suspension", "ban"], member__isnull=False, network="", domain="")
                | Q(kind="network", member=None, domain="") & ~Q(network="")
                | Q(kind="domain", member=None, network="") & ~Q(domain=""),
            ),
            models.CheckConstraint(
                name="suspension_ends_and_ban_does_not",
                condition=Q(kind__in=["suspension", "network"], ends_at__isnull=False)
                | Q(kind="ban", ends_at=None)
                | Q(kind="domain"),
            ),
            models.CheckConstraint(
                name="restriction_ends_after_it_began",
                condition=Q(ends_at=None) | Q(ends_at__gt=F("created_at")),
            ),
            models.CheckConstraint(
                name="restriction_says_why", condition=Q(text__isnull=False) | ~Q(words="")
            ),
            models.CheckConstraint(
                name="lifted_restriction_says_by_whom",
                condition=Q(lifted_at=None, lifted_by=None)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["member"], condition=Q(kind="ban", lifted_at=None), name="banned_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.about}"

    @property
    def about(self) -> str:
        """The member or target, as moderators see it."""
        if self.member is not None:
            return self.member.get_display_name()
        return self.domain or (self.network if "/" in self.network else f"#{self.network[:8]}")

    @property
    def why(self) -> str:
        """The full text for the member."""
        return "\n\n".join(part for part in (self.text.words if self.text else "", self.words) if part)

    @property
    def is_about_a_person(self) -> bool:
        return self.kind in {self.Kind.SUSPENSION, self.Kind.BAN}

    @property
    def is_over(self) -> bool:
        return self.ends_at is not None and self.ends_at <= timezone.now()

    @property
    def is_in_force(self) -> bool:
        """Whether it has neither ended nor been lifted."""
        return self.lifted_at is None and not self.is_over

    @property
    def is_banned(self) -> bool:
        return self.kind == self.Kind.BAN


class TrustOverride(models.Model):
    """A trust level set by moderators. The newest row of a member counts.

    Without a level, it is computed again.
    """

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("member"),
        on_delete=models.CASCADE,
        related_name="levels_by_hand",
    )
    level = models.PositiveSmallIntegerField(
        _("level"), null=True, blank=True, validators=[MaxValueValidator(3)]
    )
    words = models.CharField(_("why"), max_length=300)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("set by"), on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        db_table = "moderation_levelbyhand"  # its former name
        verbose_name = _("trust level set by hand")
        verbose_name_plural = _("trust levels set by hand")
        get_latest_by = "pk"
        constraints = [
            models.CheckConstraint(
                name="level_from_nought_to_three", condition=Q(level=None) | Q(level__lte=3)
            ),
            models.CheckConstraint(name="level_by_hand_says_why", condition=~Q(words="")),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.level}"


class MemberNote(models.Model):
    """A moderator's note about a member. It is part of the member's data export (docs/decisions/0038)."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("about"),
        on_delete=models.CASCADE,
        related_name="moderators_notes",
    )
    words = models.TextField(_("note"), max_length=2000)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("written by"), on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("note about a member")
        verbose_name_plural = _("notes about members")
        ordering = ["-created_at", "-pk"]
        constraints = [models.CheckConstraint(name="note_says_something", condition=~Q(words=""))]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.words[:40]}"


class ProfileReport(models.Model):
    """A member's report of another member's profile."""

    class Outcome(models.TextChoices):
        """Whether moderators agreed with the report."""

        RIGHT = "right", _("action taken")
        WRONG = "wrong", _("no action needed")

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("about"),
        on_delete=models.CASCADE,
        related_name="profile_reports",
    )
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("reported by"), on_delete=models.CASCADE, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=20)
    note = models.TextField(_("details"), max_length=1000, blank=True)
    created_at = models.DateTimeField(_("when"), default=timezone.now)
    outcome = models.CharField(_("outcome"), max_length=5, choices=Outcome, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("report of a profile")
        verbose_name_plural = _("reports of profiles")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "reporter"],
                condition=Q(outcome=""),
                name="one_open_report_per_member_and_page",
            ),
            models.CheckConstraint(name="nobody_reports_themselves", condition=~Q(member=F("reporter"))),
            models.CheckConstraint(
                name="closed_report_says_when_and_by_whom",
                condition=Q(outcome="", closed_by=None, closed_at=None)
                | ~Q(outcome="") & Q(closed_by__isnull=False, closed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reporter_id} → {self.member_id}: {self.reason}"
