"""The types of notifications. A new one is a class here; CONTRIBUTING.md lists what else it needs.

Its key is stored with notifications and preferences and is part of signed links in emails: never change it. A
reason is why someone is notified; each belongs to one type and has its wording.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.parts import is_on
from core.utils.urls import absolute_url
from notifications.models.notification_type import NotificationChannel, NotificationType, Wording
from notifications.models.thanks import is_heard

if TYPE_CHECKING:
    from comments.models import Comment
    from notifications.models.notification import Notification


class Reason(models.TextChoices):
    """Why someone is notified, the most personal first."""

    ANSWER = "answer"
    ADDRESSED = "addressed"
    MENTION = "mention"
    HOST = "host"
    TALK = "talk"
    PERSON = "person"
    POST = "post"
    TAG = "tag"
    THANKS = "thanks"
    POST_THANKS = "post_thanks"
    REVIEW = "review"
    CHOICE = "choice"
    CORRECTION = "correction"
    BIRTHDAY = "birthday"
    EVENT = "event"
    REMINDER = "reminder"
    PLACE = "place"
    MOVED = "moved"
    DROPPED = "dropped"
    CANCELLED = "cancelled"
    OUTCOME = "outcome"
    RESTORED = "restored"
    APPROVED = "approved"
    DECLINED = "declined"
    OWN_MOVED = "own_moved"
    OWN_CANCELLED = "own_cancelled"


# Reasons of those who are addressed. Others follow.
MEANT = frozenset({"answer", "addressed", "mention", "host"})


class Replies(NotificationType):
    key, label, default = "answers", _("Replies and mentions"), NotificationChannel.AT_ONCE
    tab, is_pushed = _("Replies"), True
    words = {
        Reason.ANSWER: Wording(
            _("%(name)s replied to you"),
            _("%(name)s replied to you on “%(title)s”"),
            _("someone replied to you"),
            _("replied to you"),
        ),
        Reason.ADDRESSED: Wording(
            _("%(name)s replied to you and others"),
            _("%(name)s replied to you and others on “%(title)s”"),
            _("someone replied to you"),
            _("replied to you and others"),
        ),
        Reason.MENTION: Wording(
            _("%(name)s mentioned you"),
            _("%(name)s mentioned you on “%(title)s”"),
            _("someone mentioned you"),
            _("mentioned you"),
        ),
    }


class OwnPosts(NotificationType):
    key, label, default = "own_posts", _("Comments on my posts"), NotificationChannel.AT_ONCE
    tab, is_pushed = _("My posts"), True
    words = {
        Reason.HOST: Wording(
            _("%(name)s commented on your post"),
            _("%(name)s commented on your post “%(title)s”"),
            _("someone commented on your post"),
            _("commented on your post"),
        ),
    }

    def is_offered_to(self, member: User) -> bool:
        return member.posts.exists()

    def has_tab_for(self, member: User) -> bool:
        return member.is_staff


class FollowedPosts(NotificationType):
    key, label, default = "talks", _("Comments on posts I follow"), NotificationChannel.DAILY
    tab = _("Followed posts")
    words = {
        Reason.TALK: Wording(
            _("%(name)s commented on a post you follow"),
            _("%(name)s commented on “%(title)s”"),
            _("you follow this post"),
            _("commented on this post"),
        ),
    }


class FollowedPeople(NotificationType):
    key, label, default = "people", _("Comments by people I follow"), NotificationChannel.HERE
    tab = _("Followed people")
    words = {
        Reason.PERSON: Wording(
            _("%(name)s, someone you follow, commented on a post"),
            _("%(name)s commented on “%(title)s”"),
            _("you follow the person who wrote it"),
            _("commented on this post"),
        ),
    }


class NewPosts(NotificationType):
    key, label, default = "posts", _("New posts by people I follow"), NotificationChannel.AT_ONCE
    tab = _("New posts")
    words = {
        Reason.POST: Wording(
            _("%(name)s published a new post"),
            _("New post by %(name)s: %(title)s"),
            _("you follow the person who wrote it"),
            _("published a new post"),
        ),
    }


class FollowedTags(NotificationType):
    key, label, default = "tags", _("New posts with tags I follow"), NotificationChannel.AT_ONCE
    tab = _("Followed tags")
    words = {
        Reason.TAG: Wording(
            _("%(name)s published a post with a tag you follow"),
            _("New post by %(name)s: %(title)s"),
            _("you follow one of the post’s tags"),
            _("published a post with a tag you follow"),
        ),
    }


class ThanksReceived(NotificationType):
    key, label, default = "thanks", _("Thanks for my comments"), NotificationChannel.HERE
    is_publication = False
    words = {
        Reason.THANKS: Wording(
            _("%(name)s thanked you"),
            _("%(name)s thanked you for your comment on “%(title)s”"),
            _("someone thanked you"),
            _("thanked you for this comment"),
        ),
    }

    def still_valid(self, notification: Notification) -> bool:
        return super().still_valid(notification) and bool(notification.thankers)

    def only_if(self) -> Q:
        return Q(comment__thanks_count__gt=0) & is_heard("Thanks", "comment")

    def writer(self, notification: Notification) -> Any:
        """The last member who thanked."""
        return next(iter(notification.thankers), None)


class ThanksForPosts(ThanksReceived):
    """Someone thanked the host for a post."""

    key, label, default = "post_thanks", _("Thanks for my posts"), NotificationChannel.HERE
    is_of_posts = True
    words = {
        Reason.POST_THANKS: Wording(
            _("%(name)s thanked you"),
            _("%(name)s thanked you for your post “%(title)s”"),
            _("someone thanked you"),
            _("thanked you for this post"),
        ),
    }

    def is_offered_to(self, member: User) -> bool:
        return member.posts.exists()

    def only_if(self) -> Q:
        return is_heard("PostThanks", "post")


class Review(NotificationType):
    key, label, default = "review", _("Comments awaiting review"), NotificationChannel.AT_ONCE
    tab, is_pushed, is_publication, ignores_mutes, leads_into_thread = (
        _("To review"),
        True,
        False,
        True,
        False,
    )
    words = {
        Reason.REVIEW: Wording(
            _("A comment by %(name)s is awaiting review"),
            _("Awaiting review: %(name)s on “%(title)s”"),
            _("you’re a moderator"),
            _("wrote a comment that is awaiting review"),
        ),
    }
    ACTIONS: ClassVar[dict[str, Any]] = {
        "approve": _("Approve"),
        "spam": _("Mark as spam"),
        "remove": _("Remove"),
    }

    def is_offered_to(self, member: User) -> bool:
        return member.is_moderator

    def is_readable_by(self, member: User) -> bool:
        return member.is_moderator

    def has_tab_for(self, member: User) -> bool:
        return member.is_moderator

    def still_valid(self, notification: Notification) -> bool:
        comment, member = notification.comment, notification.member
        waits = comment is not None and comment.is_held and not comment.was_blocked
        return waits and member is not None and member.is_moderator

    def valid_instead(self, now: datetime) -> Q:
        # A subquery, not a join: only rows of this type need it.
        reader = User.objects.who_moderate(now).filter(pk=OuterRef("member"))
        return Q(Exists(reader), comment__held_as="awaited")

    def path(self, notification: Notification) -> str:
        return reverse("moderation:comment-review", args=[notification.comment_id])

    def actions(self, comment: Comment) -> tuple[tuple[str, str], ...]:
        page = absolute_url(reverse("moderation:comment-review", args=[comment.pk]))
        return tuple((str(label), f"{page}?decide={action}") for action, label in self.ACTIONS.items())


class Choices(NotificationType):
    key, label, default = "choices", _("A comment of mine is the host’s choice"), NotificationChannel.AT_ONCE
    is_publication = False
    words = {
        Reason.CHOICE: Wording(
            _("%(name)s marked your comment as the host’s choice"),
            _("%(name)s marked your comment on “%(title)s” as the host’s choice"),
            _("you wrote the comment"),
            _("marked your comment as the host’s choice"),
        ),
    }

    def still_valid(self, notification: Notification) -> bool:
        return super().still_valid(notification) and self.writer(notification) is not None

    def only_if(self) -> Q:
        return Q(comment__chosen_at__isnull=False)

    def writer(self, notification: Notification) -> Any:
        return notification.comment.chosen_by if notification.comment is not None else None


class Corrections(NotificationType):
    key, label, default = "corrections", _("A comment of mine was corrected"), NotificationChannel.AT_ONCE
    is_publication, ignores_mutes = False, True
    words = {
        Reason.CORRECTION: Wording(
            _("%(name)s corrected your comment"),
            _("%(name)s corrected your comment on “%(title)s”"),
            _("you wrote the comment"),
            _("corrected your comment"),
        ),
    }

    def still_valid(self, notification: Notification) -> bool:
        return super().still_valid(notification) and self.writer(notification) is not None

    def only_if(self) -> Q:
        return Q(comment__corrected_at__isnull=False)

    def writer(self, notification: Notification) -> Any:
        return notification.comment.corrected_by if notification.comment is not None else None

    def path(self, notification: Notification) -> str:
        query = notification.comment.link_query if notification.comment is not None else ""
        return reverse("comments:comment-history", args=[notification.comment_id]) + query


class Birthdays(NotificationType):
    key, label, default = "birthdays", _("Birthdays of people I follow"), NotificationChannel.HERE
    words = {
        Reason.BIRTHDAY: Wording(
            _("It’s %(name)s’s birthday"),
            _("It’s %(name)s’s birthday"),
            _("you follow the person whose birthday it is"),
            _("has a birthday today"),
        ),
    }

    def is_offered_to(self, member: User) -> bool:
        return is_on("birthdays")


class NewEvents(NotificationType):
    key, label, default = "events", _("Events by people I follow"), NotificationChannel.HERE
    words = {
        Reason.EVENT: Wording(
            _("%(name)s published an event"),
            _("Event by %(name)s: %(title)s"),
            _("you follow the person who published it"),
            _("published an event"),
        ),
    }

    def is_offered_to(self, member: User) -> bool:
        return is_on("events")


class EventReminders(NotificationType):
    key, label, default = (
        "event_reminders",
        _("Reminders and changes of events I responded to"),
        NotificationChannel.AT_ONCE,
    )
    is_publication, is_urgent = False, True
    words = {
        Reason.PLACE: Wording(
            _("%(name)s has a place for you at an event"),
            _("%(name)s has a place for you: %(title)s"),
            _("you were on the waiting list of this event"),
            _("has a place for you at this event"),
        ),
        Reason.REMINDER: Wording(
            _("%(name)s’s event begins soon"),
            _("%(name)s’s event begins soon: %(title)s"),
            _("you said that you’re coming, or might come"),
            _("has an event that begins soon"),
        ),
        Reason.MOVED: Wording(
            _("%(name)s’s event takes place at another time"),
            _("%(name)s’s event takes place at another time: %(title)s"),
            _("you said that you’re coming, or might come"),
            _("has an event that takes place at another time"),
        ),
        Reason.DROPPED: Wording(
            _("A time of %(name)s’s event was cancelled"),
            _("A time of %(name)s’s event was cancelled: %(title)s"),
            _("you said that you’re coming, or might come"),
            _("has an event with a cancelled time"),
        ),
        Reason.CANCELLED: Wording(
            _("%(name)s’s event was cancelled"),
            _("%(name)s’s event was cancelled: %(title)s"),
            _("you said that you’re coming, or might come"),
            _("has an event that was cancelled"),
        ),
        Reason.RESTORED: Wording(
            _("%(name)s’s event is going ahead after all"),
            _("%(name)s’s event is going ahead after all: %(title)s"),
            _("you said that you’re coming, or might come"),
            _("has an event that is going ahead after all"),
        ),
    }

    def is_offered_to(self, member: User) -> bool:
        return is_on("events")


class Outcomes(NotificationType):
    key, label, default = "outcomes", _("Outcomes of polls and proposals"), NotificationChannel.AT_ONCE
    words = {
        Reason.OUTCOME: Wording(
            _("%(name)s published the outcome"),
            _("%(name)s published the outcome on “%(title)s”"),
            _("you took part"),
            _("published the outcome of something you took part in"),
        ),
    }

    def is_offered_to(self, member: User) -> bool:
        return is_on("decisions")


class EventProposals(NotificationType):
    """A host's decision. Hosts are not named, because they decide for the site.

    The author can see declined ones.
    """

    key, label, default = (
        "event_proposals",
        _("Decisions about events I propose, and changes"),
        NotificationChannel.AT_ONCE,
    )
    is_publication, ignores_mutes = False, True
    words = {
        Reason.APPROVED: Wording(
            _("%(name)s published the event you proposed"),
            _("%(name)s published your event: %(title)s"),
            _("you proposed this event"),
            _("published the event you proposed"),
        ),
        Reason.DECLINED: Wording(
            _("%(name)s declined the event you proposed"),
            _("%(name)s declined your event: %(title)s"),
            _("you proposed this event"),
            _("declined the event you proposed"),
        ),
        Reason.OWN_MOVED: Wording(
            _("%(name)s changed the time of the event you proposed"),
            _("%(name)s changed the time of your event: %(title)s"),
            _("you proposed this event"),
            _("changed the time of the event you proposed"),
        ),
        Reason.OWN_CANCELLED: Wording(
            _("%(name)s cancelled the event you proposed"),
            _("%(name)s cancelled your event: %(title)s"),
            _("you proposed this event"),
            _("cancelled the event you proposed"),
        ),
    }

    def is_offered_to(self, member: User) -> bool:
        return is_on("events")

    def still_valid(self, notification: Notification) -> bool:
        return is_on("events") and notification.talk.trashed_at is None

    def valid_instead(self, now: datetime) -> Q:
        return Q(comment=None, post__trashed_at=None) if is_on("events") else Q(pk__in=[])

    def writer(self, notification: Notification) -> Any:
        return None


# In display order.
REPLIES, OWN_POSTS, FOLLOWED_POSTS, FOLLOWED_PEOPLE = Replies(), OwnPosts(), FollowedPosts(), FollowedPeople()
NEW_POSTS, FOLLOWED_TAGS, THANKS, REVIEW = NewPosts(), FollowedTags(), ThanksReceived(), Review()
CHOICES, CORRECTIONS, POST_THANKS = Choices(), Corrections(), ThanksForPosts()
BIRTHDAYS, NEW_EVENTS, EVENT_REMINDERS = Birthdays(), NewEvents(), EventReminders()
OUTCOMES = Outcomes()
EVENT_PROPOSALS = EventProposals()
TYPES: dict[str, NotificationType] = {
    one.key: one
    for one in (
        REPLIES, OWN_POSTS, FOLLOWED_POSTS, FOLLOWED_PEOPLE, NEW_POSTS, FOLLOWED_TAGS, THANKS,
        POST_THANKS, CHOICES, CORRECTIONS, BIRTHDAYS, NEW_EVENTS, EVENT_REMINDERS, EVENT_PROPOSALS, OUTCOMES,
        REVIEW,
    )
}  # fmt: skip
TYPE_OF: dict[Reason, NotificationType] = {reason: one for one in TYPES.values() for reason in one.words}
WORDS: dict[Reason, Wording] = {
    reason: wording for one in TYPES.values() for reason, wording in one.words.items()
}


def other_than_publications() -> list[str]:
    return [one.key for one in TYPES.values() if not one.is_publication]
