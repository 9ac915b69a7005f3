from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from comments.models import Comment
from notifications.models.types import TYPES, other_than_publications

if TYPE_CHECKING:
    from accounts.models import User
    from comments.models import Comment

# The bell counts no further.
MAX_COUNTED = 100


def _are_readers(readers: Collection[tuple[int | None, str]]) -> Q:
    """Rows of these readers: members by key, guests by address."""
    members = [member for member, _email in readers if member is not None]
    guests = [email for member, email in readers if member is None]
    return Q(member__in=members) | Q(member=None, guest_email__in=guests) if guests else Q(member__in=members)


def still_valid_rows(now: datetime) -> Q:
    """The condition of `NotificationType.still_valid` for rows."""
    published = Q(comment__status="public", comment__post__published_at__lte=now)
    new_posts = Q(comment=None, post__published_at__lte=now, post__visibility__in=["public", "members"])
    others = Q()
    for one in TYPES.values():
        instead, more = one.valid_instead(now), one.only_if()
        if one.is_of_posts and more is not None:
            new_posts &= ~Q(kind=one.key) | more
        elif instead is not None:
            published &= ~Q(kind=one.key)
            new_posts &= ~Q(kind=one.key)
            others |= Q(kind=one.key) & instead
        elif more is not None:
            published &= ~Q(kind=one.key) | more
    return new_posts | published | others


def was_notified(member: User, now: datetime) -> list[models.QuerySet]:
    """Rows that show that a member was led to a post. For settings.KNOWN_POSTS.

    Of a new post that became unlisted before it was read, the inbox no longer tells (still_valid_rows).
    """
    from notifications.models import Notification, ThreadSubscription  # noqa: PLC0415

    here = OuterRef("pk")
    told = Notification.objects.filter(comment__post=here, member=member, due_at__lte=now)
    return [ThreadSubscription.objects.filter(post=here, member=member), told.exclude(state="dropped")]


class NotificationQuerySet(models.QuerySet):
    """Notifications: rows of the inbox, and the outbox of emails."""

    def in_inbox_of(self, member: User | int, *, now: datetime | None = None) -> Self:
        """What the member may read: due, and still valid."""
        now = now or timezone.now()
        return self.filter(member=member, due_at__lte=now).filter(still_valid_rows(now))

    def no_longer_valid(self) -> Self:
        """What is no longer valid: hidden, deleted, not published, thanks withdrawn."""
        now = timezone.now()
        valid = self.filter(still_valid_rows(now))
        return self.exclude(pk__in=valid.values("pk"))

    def seen_elsewhere(self) -> Self:
        """What its reader has read in the inbox or replied to, to the comment or on the new post.

        Thanks need no reply.
        """
        mine = Comment.objects.filter(author=OuterRef("member"))
        replies = Exists(mine.filter(parent=OuterRef("comment")))
        beside = Exists(
            Comment.objects.filter(
                author=OuterRef("member"), additional_parents__answered=OuterRef("comment")
            )
        )
        under_post = Exists(mine.filter(post=OuterRef("post"), created_at__gte=OuterRef("created_at")))
        below = (Q(replies) | Q(beside)) & Q(comment__isnull=False) | Q(under_post) & Q(post__isnull=False)
        is_answered = below & ~Q(kind__in=other_than_publications())
        return self.filter(Q(seen_at__isnull=False) | is_answered & Q(member__isnull=False))

    def of_readers(self, readers: Collection[tuple[int | None, str]]) -> Self:
        return self.filter(_are_readers(readers))

    def of_publication(self, comment: Comment) -> Self:
        """Notifications that a comment was published, not those of thanks or reviews."""
        return self.filter(comment=comment).exclude(kind__in=other_than_publications())

    def outlive(self, emails: models.QuerySet) -> None:
        """Keep rows whose emails' records are about to be deleted.

        What was not delivered becomes an inbox entry.

        A row without its email counts as sent. Guests have no inbox; what was possibly sent to them counts as
        sent.
        """
        astray = emails.exclude(state="sent", came_back_at=None)
        lost = self.filter(letter__in=astray).exclude(member=None, letter__state="unsure")
        lost.update(state="no_mail", letter=None)

    def unread(self) -> Self:
        return self.filter(seen_at=None)

    def to_mail(self) -> Self:
        """Those whose email is due."""
        return self.filter(state="waiting", mail_at__lte=timezone.now())

    def with_causes(self) -> Self:
        """With everything that their texts and links are made of."""
        return self.select_related(
            "member",
            "comment__author",
            "comment__post__author",
            "comment__parent__author",
            "post__author",
            "comment__chosen_by",
            "comment__corrected_by",
        )

    def newest_first(self) -> Self:
        return self.order_by("-due_at", "-pk")

    def mark_seen(self) -> int:
        """Mark the unread ones as read. Returns how many there were."""
        return self.unread().update(seen_at=timezone.now())


class OutgoingEmailQuerySet(models.QuerySet):
    """Notification emails, one row for each."""

    def of_readers(self, readers: Collection[tuple[int | None, str]]) -> Self:
        return self.filter(_are_readers(readers))

    def to_send(self) -> Self:
        return self.filter(state="ready", due_at__lte=timezone.now())

    def abandoned(self) -> Self:
        """Emails claimed by a worker without a heartbeat."""
        return self.filter(state__in=["open", "handed"], leased_until__lt=timezone.now())


class PushQuerySet(models.QuerySet):
    """Push messages to devices."""

    def to_send(self) -> Self:
        return self.filter(state="ready", due_at__lte=timezone.now())
