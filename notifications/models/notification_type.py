"""What a type of notification is: its wording, who is offered it, and when what it tells of still holds.

A type is what members choose a channel for and turn off. Which there are is in types.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from accounts.models import User
    from comments.models import Comment
    from notifications.models.notification import Notification
    from notifications.models.types import Reason


class NotificationChannel(models.TextChoices):
    """How somebody is notified, the quickest first. What is emailed is in the inbox too."""

    AT_ONCE = "at_once", _("By email, at once")
    HOURLY = "hourly", _("By email, hourly")
    DAILY = "daily", _("By email, daily")
    WEEKLY = "weekly", _("By email, weekly")
    HERE = "here", _("In the inbox only")
    OFF = "off", _("Off")


@dataclass(frozen=True)
class Wording:
    """One reason in words: the heading and subject of its email, the end of "You're receiving this because …", and its
    line in the inbox, which follows the name of who caused it."""

    heading: Any
    subject: Any
    because: Any
    in_inbox: Any


class NotificationType:
    """One type, with what holds for most of them: it tells of a comment or post that was published."""

    key: ClassVar[str]
    label: ClassVar[Any]
    default: ClassVar[NotificationChannel]
    words: ClassVar[dict[Reason, Wording]]
    # The name of its filter in the inbox; "" for none.
    tab: ClassVar[Any] = ""
    # Devices show it, if their owner has switched push notifications on.
    is_pushed: ClassVar[bool] = False
    # It tells that something was written, so it can be replied to, and nobody is told twice of the same.
    is_publication: ClassVar[bool] = True
    # It comes from muted people and posts too.
    ignores_mutes: ClassVar[bool] = False
    # It is about a post itself, and no comment.
    is_of_posts: ClassVar[bool] = False
    # What it tells of is over soon: the weekly email would come too late, and the daily one takes its place.
    is_urgent: ClassVar[bool] = False
    # It leads to the comment in its thread.
    leads_into_thread: ClassVar[bool] = True

    def is_offered_to(self, member: User) -> bool:
        """Whether a member can choose a channel for it. May ask the database."""
        return True

    def is_readable_by(self, member: User) -> bool:
        """Whether its lines are in the member's inbox."""
        return True

    def has_tab_for(self, member: User) -> bool:
        return bool(self.tab)

    def still_valid(self, notification: Notification) -> bool:
        """What it tells of still holds, and its reader may see it. Needs the causes (with_causes)."""
        comment, post = notification.comment, notification.talk
        if notification.member_id is None and post.visibility == post.Visibility.MEMBERS:
            return False
        return post.is_published and (comment.is_public if comment is not None else post.is_announced)

    @property
    def channels(self) -> list[NotificationChannel]:
        """What members can choose."""
        return [one for one in NotificationChannel if one == self.channel(one)]

    def channel(self, chosen: str | None) -> NotificationChannel:
        """What follows from the choice of a member; None if they made none."""
        channel = NotificationChannel(chosen or self.default)
        is_late = self.is_urgent and channel == NotificationChannel.WEEKLY
        return NotificationChannel.DAILY if is_late else channel

    def only_if(self) -> Q | None:
        """The same in the database: what must hold besides that comment and post are published."""
        return None

    def valid_instead(self) -> Q | None:
        """The same, where not a published comment is what it is about."""
        return None

    def writer(self, notification: Notification) -> Any:
        """Who caused it: a member. (Guests write nothing here.)"""
        comment = notification.comment
        return comment.author if comment is not None else notification.talk.author

    def path(self, notification: Notification) -> str:
        comment = notification.comment
        return comment.get_absolute_url() if comment is not None else notification.talk.get_absolute_url()

    def actions(self, comment: Comment) -> tuple[tuple[str, str], ...]:
        """What can be done from the email: (label, address of a page that asks before it acts)."""
        return ()
