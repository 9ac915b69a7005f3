"""How a member is notified of a comment: what matters about them, read in one query, and the decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Self

from django.db import models
from django.db.models import Exists, ExpressionWrapper, OuterRef, QuerySet, Subquery, Value
from django.utils.translation import gettext_lazy as _

from accounts.models import Follow, Mute, User
from accounts.models.querysets import can_be_notified
from notifications.models import (
    Device,
    NotificationChannel,
    NotificationPreference,
    NotificationType,
    Reason,
    TagFollow,
    ThreadSubscription,
)
from notifications.models.types import TYPE_OF, TYPES
from notifications.services.suppression import usable_addresses


class UnreachableReason(models.TextChoices):
    """Why someone can't be notified, as text for the author.

    "Switched this off" also covers a muted post and a muted author: no one should learn that they are muted.
    """

    SWITCHED_OFF = "switched_off", _("has turned this off")
    NO_ADDRESS = "no_address", _("left no email address")
    NOT_ASKED = "not_asked", _("hasn’t asked to be notified")
    MAIL_COMES_BACK = "mail_comes_back", _("email can’t be delivered")
    NO_MEMBER = "no_member", _("has no account, and this post is for members")
    LEFT = "left", _("has no active account")


QUICKEST_FIRST = list(NotificationChannel)
WAY_IN_WORDS = {
    NotificationChannel.AT_ONCE: _("email"),
    NotificationChannel.HOURLY: _("hourly email"),
    NotificationChannel.DAILY: _("daily email"),
    NotificationChannel.WEEKLY: _("weekly email"),
    NotificationChannel.HERE: _("inbox"),
}
# In digests; and everything that is emailed.
BUNDLED = {NotificationChannel.HOURLY, NotificationChannel.DAILY, NotificationChannel.WEEKLY}
MAILED = {NotificationChannel.AT_ONCE, *BUNDLED}


class Facts(NamedTuple):
    """What matters about a member for a comment: columns of `people_with_facts`, and the channels by type."""

    can_be_notified: bool
    mutes_writer: bool
    follows_writer: bool
    follows_tag: bool
    level: str | None
    has_address: bool
    choices: dict[str, NotificationChannel | None]

    @classmethod
    def of(cls, values: Mapping[str, Any], types: Iterable[NotificationType]) -> Self:
        """The facts from a row with the columns of `people_with_facts`. types: those that were read."""
        columns = {name: values[name] for name in FACTS}
        return cls(**columns, choices={one.key: values[column_of(one)] for one in types})

    def chosen(self, one: NotificationType) -> NotificationChannel:
        """The member's channel for a type: their choice, or its default."""
        return one.channel(self.choices[one.key])


FACTS = Facts._fields[:-1]


def column_of(one: NotificationType) -> str:
    return f"chose_{one.key}"


class Verdict(NamedTuple):
    """A member's channel for a notification, its type, and why they can't be notified."""

    way: NotificationChannel
    type: NotificationType
    why_not: UnreachableReason | None = None


def decide(facts: Facts, reasons: Iterable[Reason]) -> Verdict:
    """A member's channel, given the reasons to notify them.

    NotificationChannel.OFF comes with an explanation.

    Several reasons count once: the quickest channel chosen for one of them is used. The type is that of the
    most personal reason, whichever channel is the quickest. Email that cannot be delivered becomes an inbox
    entry. Muting does not affect review notifications.
    """
    reasons = sorted(reasons, key=list(Reason).index)
    kind = TYPE_OF[reasons[0]]
    way = min((facts.chosen(TYPE_OF[reason]) for reason in reasons), key=QUICKEST_FIRST.index)
    if not facts.can_be_notified:
        return Verdict(NotificationChannel.OFF, kind, UnreachableReason.LEFT)
    is_muted = facts.mutes_writer or facts.level == ThreadSubscription.Level.MUTED
    if way == NotificationChannel.OFF or (is_muted and not kind.ignores_mutes):
        return Verdict(NotificationChannel.OFF, kind, UnreachableReason.SWITCHED_OFF)
    if way in MAILED and not facts.has_address:
        way = NotificationChannel.HERE
    return Verdict(way, kind)


def people_with_facts(
    post: int,
    writer: int | None,
    types: Iterable[NotificationType] = tuple(TYPES.values()),
    tags: QuerySet[TagFollow] | None = None,
) -> QuerySet[User]:
    """Members with the annotations from which `decide` works. writer: the author's key, None for guests."""
    level = ThreadSubscription.objects.filter(member=OuterRef("pk"), post=post).values("level")[:1]
    chosen = NotificationPreference.objects.filter(member=OuterRef("pk"))
    mutes: Any = Exists(Mute.objects.filter(member=OuterRef("pk"), muted=writer)) if writer else _never()
    follows: Any = (
        Exists(Follow.objects.filter(follower=OuterRef("pk"), followed=writer)) if writer else _never()
    )
    return User.objects.annotate(
        can_be_notified=ExpressionWrapper(can_be_notified(), output_field=models.BooleanField()),
        mutes_writer=mutes,
        follows_writer=follows,
        follows_tag=_never() if tags is None else Exists(tags.filter(member=OuterRef("pk"))),
        level=Subquery(level),
        has_device=Exists(Device.objects.filter(member=OuterRef("pk"))),
        has_address=Exists(usable_addresses().filter(user=OuterRef("pk"))),
        **{column_of(one): Subquery(chosen.filter(type=one.key).values("channel")[:1]) for one in types},
    )


def facts_beside(member: User) -> Facts:
    """The columns of a row of `people_with_facts`."""
    return Facts.of(vars(member), TYPES.values())


def _never() -> Value:
    return Value(False, output_field=models.BooleanField())
