"""Notifications. A row is both an inbox entry and the outbox (docs/decisions/0026)."""

from typing import Any, cast

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from comments.models import Comment, PostThanks, Thanks
from notifications.models.email import OutgoingEmail
from notifications.models.notification_type import NotificationChannel, NotificationType
from notifications.models.querysets import NotificationQuerySet
from notifications.models.types import MEANT, TYPES, WORDS, Reason
from posts.models import Post


class AdditionalParent(models.Model):
    """A further comment that a comment replies to, besides its parent."""

    comment = models.ForeignKey(
        Comment,
        verbose_name=_("the reply"),
        on_delete=models.CASCADE,
        related_name="additional_parents",
        db_index=False,
    )
    answered = models.ForeignKey(
        Comment,
        verbose_name=_("what it replies to"),
        on_delete=models.CASCADE,
        related_name="additional_replies",
    )

    class Meta:
        db_table = "notifications_address"
        verbose_name = _("additional parent")
        verbose_name_plural = _("additional parents")
        constraints = [
            models.UniqueConstraint(fields=["comment", "answered"], name="answered_once_by_each_comment"),
            models.CheckConstraint(
                condition=~Q(comment=models.F("answered")), name="no_comment_answers_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.comment_id} → {self.answered_id}"


class FanOut(models.Model):
    """A comment or post whose followers are still to be notified: the worker creates the notifications."""

    comment = models.OneToOneField(
        Comment, on_delete=models.CASCADE, null=True, blank=True, related_name="fan_out"
    )
    post = models.OneToOneField(Post, on_delete=models.CASCADE, null=True, blank=True, related_name="fan_out")
    due_at = models.DateTimeField()
    done_up_to = models.BigIntegerField(default=0, help_text="The last follower who already has a row.")
    is_done = models.BooleanField(default=False)

    class Meta:
        db_table = "notifications_announcement"
        constraints = [
            models.CheckConstraint(
                condition=Q(comment__isnull=False, post=None) | Q(comment=None, post__isnull=False),
                name="announcement_of_a_comment_or_a_post",
            )
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(is_done=False), name="announcements_to_make")]

    def __str__(self) -> str:
        return f"{self.comment_id or self.post_id} {self.due_at:%Y-%m-%d %H:%M}"


class Notification(models.Model):
    """A notification of one person about a comment, a post, or thanks for a post: once, whatever the reasons.

    Besides that for its publication, a comment may have one of each other type: awaiting review, thanks to
    its author, host's choice, correction.
    """

    class State(models.TextChoices):
        """What becomes of the email. The entry in the inbox does not depend on it."""

        NO_MAIL = "no_mail", _("inbox only")
        WAITING = "waiting", _("to be emailed")
        IN_LETTER = "in_letter", _("in an email")
        DROPPED = "dropped", _("withdrawn before it was sent")

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="notifications",
        db_index=False,
    )
    guest_email = models.EmailField(blank=True)
    guest_name = models.CharField(max_length=100, blank=True)
    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, null=True, blank=True, related_name="notifications", db_index=False
    )
    post = models.ForeignKey(
        Post, on_delete=models.CASCADE, null=True, blank=True, related_name="notifications", db_index=False
    )
    reasons = models.JSONField(default=list)
    # A key of TYPES: the type of the most personal reason. No choices, so that a new type needs no migration.
    kind = models.CharField(max_length=20)
    way = models.CharField(max_length=8, choices=NotificationChannel)
    state = models.CharField(max_length=10, choices=State)
    letter = models.ForeignKey(
        OutgoingEmail, on_delete=models.SET_NULL, null=True, blank=True, related_name="notifications"
    )
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(
        help_text="When it appears in the inbox; until then its cause can be undone."
    )
    mail_at = models.DateTimeField(
        null=True, blank=True, help_text="When it is emailed at the earliest; blank if it isn’t."
    )
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "member"],
                condition=Q(member__isnull=False)
                & ~Q(kind__in=["review", "thanks", "choices", "corrections"]),
                name="told_once_of_each_comment",
            ),
            models.UniqueConstraint(
                fields=["comment", "member", "kind"],
                condition=Q(member__isnull=False),
                name="told_once_of_each_kind_of_each_comment",
            ),
            models.UniqueConstraint(
                fields=["comment", "guest_email"],
                condition=Q(member=None),
                name="guest_told_once_of_each_comment",
            ),
            models.UniqueConstraint(
                fields=["post", "member"], condition=Q(post__isnull=False), name="told_once_of_each_post"
            ),
            models.CheckConstraint(
                condition=Q(member__isnull=False, guest_email="") | Q(member=None) & ~Q(guest_email=""),
                name="notification_has_one_reader",
            ),
            models.CheckConstraint(
                condition=Q(comment__isnull=False, post=None) | Q(comment=None, post__isnull=False),
                name="notification_of_a_comment_or_a_post",
            ),
            models.CheckConstraint(condition=~Q(way="off"), name="notification_goes_some_way"),
        ]
        indexes = [
            models.Index(fields=["member", "-due_at", "-id"], name="inbox"),
            models.Index(fields=["member", "due_at"], condition=Q(seen_at=None), name="inbox_unread"),
            models.Index(fields=["mail_at"], condition=Q(state="waiting"), name="notifications_to_mail"),
            models.Index(fields=["comment"], name="notifications_of_comment"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id or self.guest_email} ← {self.comment_id or self.post_id}"

    @property
    def talk(self) -> Post:
        """The current post. A branch may move, so it is that of the comment."""
        return self.comment.post if self.comment is not None else cast(Post, self.post)  # a constraint

    @property
    def type(self) -> NotificationType:
        return TYPES[self.kind]

    @property
    def in_inbox(self) -> str:
        """What happened, to follow the name of the member who caused it."""
        return str(WORDS[Reason(self.reasons[0])].in_inbox)

    @property
    def writer(self) -> Any:
        """The member who caused it (guests cause none). Of those who thanked, the last."""
        return self.type.writer(self)

    @cached_property
    def thankers(self) -> list[Any]:
        """The last three members who thanked, the last first.

        The inbox reads them for all entries at once.
        """
        newest = self._thanks().select_related("member").order_by("-created_at", "-pk")
        return [one.member for one in newest[:3]]

    @cached_property
    def further_thanks(self) -> int:
        """The number of others who thanked. The inbox counts them for all entries at once."""
        return self._thanks().count() - 1

    def _thanks(self) -> models.QuerySet[Any]:
        """The thanks, except by members whom the reader muted, who are neither named nor counted."""
        thanks: models.QuerySet[Any] = (
            Thanks.objects.filter(comment=self.comment_id)
            if self.comment_id
            else PostThanks.objects.filter(post=self.post_id)
        )
        return thanks.exclude(member__in=self.member.muted_ids) if self.member is not None else thanks

    @property
    def is_unread(self) -> bool:
        return self.seen_at is None

    @property
    def path(self) -> str:
        """The path of its subject."""
        return self.type.path(self)

    @property
    def is_still_valid(self) -> bool:
        """Whether its cause still exists and its reader may see it. Needs the causes (with_causes)."""
        return self.type.still_valid(self)

    @property
    def is_meant(self) -> bool:
        """Whether the reader is addressed: replied to, mentioned, ticked, the host. Others are followers."""
        return not MEANT.isdisjoint(self.reasons)

    @property
    def is_settled(self) -> bool:
        """Whether the reader was notified, or could have seen it."""
        is_tried = self.state == self.State.IN_LETTER and (
            self.letter is None or self.letter.state in OutgoingEmail.TRIED
        )
        return is_tried or self.state == self.State.NO_MAIL or self.seen_at is not None

    @property
    def can_be_withdrawn(self) -> bool:
        """Whether no one was notified yet: it is neither in the inbox nor in an email."""
        return self.due_at > timezone.now() and self.state in {
            self.State.WAITING,
            self.State.NO_MAIL,
            self.State.DROPPED,
        }
