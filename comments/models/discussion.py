"""Who may comment on a post, and when: settings of each post, and their defaults."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from posts.models import Post

KNOWN_DAYS, MAX_DAYS, MAX_SLOW_MINUTES = 7, 3650, 1440


class Policy(models.TextChoices):
    """Who can comment, from the most to the least open."""

    EVERYBODY = "everybody", _("Everyone; people without an account confirm with a code sent by email")
    FIRST = "first", _("Everyone; each person’s first comment is reviewed")
    ALL = "all", _("Everyone; all comments are reviewed")
    MEMBERS = "members", _("Members")
    KNOWN = "known", _("People who have been members for a number of days")
    CLOSED = "closed", pgettext_lazy("who can comment", "No one")


class Choice(NamedTuple):
    """Values of Discussion and DiscussionDefaults. For a post, "" and None mean the default."""

    policy: str = ""
    known_days: int | None = None
    close_after_days: int | None = None
    slow_minutes: int = 0


DEFAULT_CHOICE = Choice(Policy.EVERYBODY, KNOWN_DAYS, 0)


class Discussion(models.Model):
    """The settings of one post. No row or an empty column means the default."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="discussion")
    policy = models.CharField(_("who can comment"), max_length=10, choices=Policy, blank=True)
    known_days = models.PositiveSmallIntegerField(
        _("days of membership"), null=True, blank=True, validators=[MaxValueValidator(MAX_DAYS)]
    )
    close_after_days = models.PositiveSmallIntegerField(
        _("close comments after this many days"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MAX_DAYS)],
        help_text=_("Counted from publication. Leave blank for the default; 0: never."),
    )
    slow_minutes = models.PositiveSmallIntegerField(
        _("slow mode"),
        default=0,
        validators=[MaxValueValidator(MAX_SLOW_MINUTES)],
        help_text=_("Each person can post one comment in this many minutes. 0: off."),
    )

    class Meta:
        default_permissions = ()
        verbose_name = _("discussion settings of a post")
        verbose_name_plural = _("discussion settings of posts")
        constraints = [
            models.CheckConstraint(
                condition=Q(slow_minutes__lte=MAX_SLOW_MINUTES), name="slow_mode_within_a_day"
            )
        ]

    def __str__(self) -> str:
        return str(self.post_id)

    @property
    def choice(self) -> Choice:
        """What the host chose for this post; fields without a choice are None or ""."""
        return Choice(self.policy, self.known_days, self.close_after_days, self.slow_minutes)


class DiscussionDefaults(models.Model):
    """The defaults for all posts: a single row."""

    policy = models.CharField(_("who can comment"), max_length=10, choices=Policy, default=Policy.EVERYBODY)
    known_days = models.PositiveSmallIntegerField(
        _("days of membership"),
        default=KNOWN_DAYS,
        validators=[MaxValueValidator(MAX_DAYS)],
        help_text=_("If only people who have been members for some days can comment."),
    )
    close_after_days = models.PositiveSmallIntegerField(
        _("close comments after this many days"),
        default=0,
        validators=[MaxValueValidator(MAX_DAYS)],
        help_text=_("Counted from publication. 0: never."),
    )

    class Meta:
        default_permissions = ()
        verbose_name = _("default discussion settings")
        verbose_name_plural = _("default discussion settings")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_row_of_discussion_defaults")]

    def __str__(self) -> str:
        return self.get_policy_display()

    @classmethod
    def current(cls) -> DiscussionDefaults:
        """The single row, or an unsaved one with the initial defaults."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @property
    def choice(self) -> Choice:
        return Choice(self.policy, self.known_days, self.close_after_days)


@dataclass(frozen=True)
class Rules:
    """The rules that apply to a post now.

    closes_at: when comments close or closed automatically; None for never.
    """

    policy: str = Policy.EVERYBODY
    known_days: int = KNOWN_DAYS
    closes_at: datetime | None = None
    slow_minutes: int = 0
    is_switched_on: bool = True

    @classmethod
    def of(cls, own: Choice, default: Choice, *, comments_open: bool, published_at: datetime | None) -> Rules:
        """The rules of a post: its own choices, and the site's where it has none."""
        days = default.close_after_days if own.close_after_days is None else own.close_after_days
        known_days = default.known_days if own.known_days is None else own.known_days
        return cls(
            policy=own.policy or default.policy,
            known_days=known_days or 0,
            closes_at=published_at + timedelta(days=days) if days and published_at else None,
            slow_minutes=own.slow_minutes,
            is_switched_on=comments_open,
        )

    @property
    def has_closed_by_itself(self) -> bool:
        """Whether the number of days after which comments close has passed."""
        return self.closes_at is not None and self.closes_at <= timezone.now()

    @property
    def is_open(self) -> bool:
        """Whether anyone at all can comment now; `policy` says who."""
        return self.is_switched_on and self.policy != Policy.CLOSED and not self.has_closed_by_itself

    @property
    def has_notice(self) -> bool:
        """Whether the form of an open discussion needs a notice."""
        says_who = self.policy in {Policy.ALL, Policy.FIRST, Policy.KNOWN}
        return says_who or bool(self.slow_minutes or self.closes_at)

    @property
    def takes_visitors(self) -> bool:
        """Whether visitors can write first and then confirm their address by a code."""
        return self.policy not in {Policy.MEMBERS, Policy.KNOWN}

    @property
    def known_since(self) -> datetime | None:
        """The latest join date of members who may comment; None if it doesn't matter."""
        return timezone.now() - timedelta(days=self.known_days) if self.policy == Policy.KNOWN else None
