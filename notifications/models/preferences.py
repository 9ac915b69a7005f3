"""Notification preferences of members."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.models.notification_type import NotificationChannel
from posts.models import Post, Tag


class NotificationPreference(models.Model):
    """The channel that a member chose for a type of notification. No row means the type's default."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="notification_preferences",
        db_index=False,
    )
    # A key of TYPES. No choices, so that a new type needs no migration.
    type = models.CharField(max_length=20)
    channel = models.CharField(max_length=8, choices=NotificationChannel)

    class Meta:
        verbose_name = _("notification preference")
        verbose_name_plural = _("notification preferences")
        constraints = [
            models.UniqueConstraint(fields=["member", "type"], name="one_preference_per_member_and_type")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.type}: {self.channel}"


HOURS = 24


class NotificationTiming(models.Model):
    """Quiet hours of a member, in their time zone (User.zone), in which nothing is sent. No row: none."""

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="notification_timing",
    )
    quiet_from = models.PositiveSmallIntegerField(_("quiet from"), null=True, blank=True)
    quiet_until = models.PositiveSmallIntegerField(_("quiet until"), null=True, blank=True)

    class Meta:
        verbose_name = _("notification times")
        verbose_name_plural = _("notification times")
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False)
                & Q(quiet_from__lt=HOURS, quiet_until__lt=HOURS)
                & ~Q(quiet_from=F("quiet_until")),
                name="quiet_hours_begin_and_end",
            )
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.quiet_from}–{self.quiet_until}"


class ThreadSubscription(models.Model):
    """A member follows or mutes a post. No row, or "normal": replies to them only.

    "Normal" is only stored for members who follow what they comment on: they do not follow this post.
    """

    class Level(models.TextChoices):
        """A member's choice for one post, whatever they chose for the type."""

        FOLLOWING = "following", _("Follow comments")
        NORMAL = "normal", _("Only replies to me")
        MUTED = "muted", _("Mute")

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="thread_subscriptions",
        db_index=False,
    )
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="subscriptions", db_index=False)
    level = models.CharField(max_length=10, choices=Level.choices)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("followed or muted post")
        verbose_name_plural = _("followed or muted posts")
        constraints = [
            models.UniqueConstraint(fields=["member", "post"], name="one_subscription_per_member_and_talk")
        ]
        indexes = [models.Index(fields=["post", "level", "member"], name="followers_of_talk")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.level} {self.post_id}"


class TagFollow(models.Model):
    """A member is notified of new posts with a tag."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tag_follows", db_index=False
    )
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="follows", db_index=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("followed tag")
        verbose_name_plural = _("followed tags")
        constraints = [models.UniqueConstraint(fields=["member", "tag"], name="tag_followed_once")]
        indexes = [models.Index(fields=["tag", "member"], name="followers_of_tag")]

    def __str__(self) -> str:
        return f"{self.member_id} → {self.tag_id}"
