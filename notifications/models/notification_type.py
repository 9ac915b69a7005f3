"""Types of notifications: wording, who is offered them, and until when they are valid.

Members choose a channel for each type, or turn it off. The types are in types.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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
    """How someone is notified, the quickest first. What is emailed is in the inbox too."""

    AT_ONCE = "at_once", _("By email, at once")
    HOURLY = "hourly", _("By email, hourly")
    DAILY = "daily", _("By email, daily")
    WEEKLY = "weekly", _("By email, weekly")
    HERE = "here", _("In the inbox only")
    OFF = "off", _("Off")


@dataclass(frozen=True)
class Wording:
    """The wording of a reason.

    The heading and subject of its email, the end of "You're receiving this because …", and its inbox entry,
    which follows the name of the member who caused it.
    """

    heading: Any
    subject: Any
    because: Any
    in_inbox: Any


class NotificationType:
    """A type, with defaults for most of them: it is about a published comment or post."""

    key: ClassVar[str]
    label: ClassVar[Any]
    default: ClassVar[NotificationChannel]
    words: ClassVar[dict[Reason, Wording]]
    # The label of its filter in the inbox; "" for none.
    tab: ClassVar[Any] = ""
    # Shown on devices whose owner has turned push notifications on.
    is_pushed: ClassVar[bool] = False
    # It announces something new, so it can be replied to, and no one is notified of the same twice.
    is_publication: ClassVar[bool] = True
    # Also sent for muted members and posts.
    ignores_mutes: ClassVar[bool] = False
    # It is about a post itself, not a comment.
    is_of_posts: ClassVar[bool] = False
    # Its subject is over soon: instead of the weekly email, which would be too late, the daily one is used.
    is_urgent: ClassVar[bool] = False
    # It links to the comment in its thread.
    leads_into_thread: ClassVar[bool] = True

    def is_offered_to(self, member: User) -> bool:
        """Whether a member can choose a channel for it. May need a query."""
        return True

    def is_readable_by(self, member: User) -> bool:
        """Whether the member's inbox shows it."""
        return True

    def has_tab_for(self, member: User) -> bool:
        return bool(self.tab)

    def still_valid(self, notification: Notification) -> bool:
        """Whether its cause still exists and its reader may see it. Needs the causes (with_causes)."""
        comment, post = notification.comment, notification.talk
        if notification.member_id is None and post.visibility == post.Visibility.MEMBERS:
            return False
        return post.is_published and (comment.is_public if comment is not None else post.is_announced)

    @property
    def channels(self) -> list[NotificationChannel]:
        """The channels that members can choose."""
        return [one for one in NotificationChannel if one == self.channel(one)]

    def channel(self, chosen: str | None) -> NotificationChannel:
        """The effective channel for a member's choice; None for the default."""
        channel = NotificationChannel(chosen or self.default)
        is_late = self.is_urgent and channel == NotificationChannel.WEEKLY
        return NotificationChannel.DAILY if is_late else channel

    def only_if(self) -> Q | None:
        """The condition of `still_valid` for rows, in addition to a published comment and post."""
        return None

    def valid_instead(self, now: datetime) -> Q | None:
        """The condition of `still_valid` for rows, if the subject is not a published comment."""
        return None

    def writer(self, notification: Notification) -> Any:
        """The member who caused it (guests cause none)."""
        comment = notification.comment
        return comment.author if comment is not None else notification.talk.author

    def path(self, notification: Notification) -> str:
        """Where the notification leads: to its comment, or its post."""
        comment = notification.comment
        return comment.get_absolute_url() if comment is not None else notification.talk.get_absolute_url()

    def actions(self, comment: Comment) -> tuple[tuple[str, str], ...]:
        """Actions in the email: (label, URL of a page that asks for confirmation)."""
        return ()
