"""Devices notified by Web Push."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models import Comment
from notifications.models.querysets import PushQuerySet


class Device(models.Model):
    """A browser with push notifications: a Web Push subscription (RFC 8030)."""

    MAX_PER_MEMBER = 10

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="devices")
    endpoint = models.CharField(
        max_length=1000, help_text="The address at the browser’s push service. A secret."
    )
    key = models.CharField(
        max_length=64,
        unique=True,
        editable=False,
        help_text="Hash of the address, so that each is stored once.",
    )
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=50)
    name = models.CharField(max_length=60, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("device with push notifications")
        verbose_name_plural = _("devices with push notifications")

    def __str__(self) -> str:
        return f"{self.member_id} {self.name}"


class Push(models.Model):
    """A push message to a device about a comment. Independent of the email, with its own states."""

    class State(models.TextChoices):
        """DROPPED: read, withdrawn or no longer valid when it was due."""

        READY = "ready", _("waiting to be sent")
        SENT = "sent", _("sent")
        DROPPED = "dropped", _("no longer needed")
        FAILED = "failed", _("given up")

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="pushes", db_index=False)
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.READY)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(
        help_text="Moved on by the worker that takes it, so that no other worker does."
    )

    objects = PushQuerySet.as_manager()

    class Meta:
        verbose_name = _("push notification")
        verbose_name_plural = _("push notifications")
        constraints = [
            models.UniqueConstraint(fields=["device", "comment"], name="device_told_once_of_each_comment")
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="ready"), name="pushes_to_send")]

    def __str__(self) -> str:
        return f"{self.device_id} \N{LEFTWARDS ARROW} {self.comment_id}"
