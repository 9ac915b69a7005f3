"""Webhooks of the host, and the log of their messages."""

from __future__ import annotations

import base64
import secrets
import time
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.utils.urls import WebAddressModelField

# How long a process may not notice a webhook that was added elsewhere.
CHECK_SECONDS = 10
SECRET_PREFIX = "whsec_"  # noqa: S105 - as in Standard Webhooks


def make_secret() -> str:
    """24 random bytes in the format of Standard Webhooks."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()


def make_message_id() -> str:
    return f"msg_{get_random_string(24)}"


class Event(models.TextChoices):
    """What webhooks are sent. The values are part of the API."""

    COMMENT_PUBLISHED = "comment.published", _("A comment was published")
    COMMENT_HELD = "comment.held", _("A comment is awaiting review")
    COMMENT_REPORTED = "comment.reported", _("A comment was reported")
    POST_PUBLISHED = "post.published", _("A post was published")
    MEMBER_JOINED = "member.joined", _("A member joined")
    TEST = "test", _("Test")


# Sent once per comment, post or member.
ONCE = [Event.COMMENT_PUBLISHED.value, Event.POST_PUBLISHED.value, Event.MEMBER_JOINED.value]


class Format(models.TextChoices):
    """The recipient: a program, or a chat that shows a sentence."""

    STANDARD = "standard", _("JSON, signed (Standard Webhooks)")
    SLACK = "slack", "Slack"
    DISCORD = "discord", "Discord"
    MATTERMOST = "mattermost", "Mattermost"
    MATRIX = "matrix", _("Matrix (hookshot)")
    TELEGRAM = "telegram", "Telegram"


class Webhook(models.Model):
    """A URL of another service to which events on this site are posted."""

    name = models.CharField(_("name"), max_length=60)
    address = WebAddressModelField(
        _("address"), max_length=500, help_text=_("Copy it from the other service. It starts with https://.")
    )
    format = models.CharField(_("format"), max_length=12, choices=Format, default=Format.STANDARD)
    room = models.CharField(_("chat"), max_length=80, blank=True, help_text=_("The chat’s number or @name."))
    # Values of Event.
    events = models.JSONField(_("what to send"), default=list)
    secret = models.CharField(_("signing secret"), max_length=80, default=make_secret, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    # Since the first failure after the last success.
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True, editable=False)
    switched_off_at = models.DateTimeField(_("switched off at"), null=True, blank=True, editable=False)

    # The active webhooks cached in this process, and until when.
    _known: tuple[list[Webhook], float] | None = None

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [
            models.CheckConstraint(condition=Q(address__startswith="https://"), name="webhook_goes_by_https")
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and let this process read the webhooks again at once."""
        super().save(*args, **kwargs)
        Webhook.forget()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Lock the row first, so that no one adds messages to it in the meantime."""
        Webhook.forget()
        with transaction.atomic():
            Webhook.objects.select_for_update().filter(pk=self.pk).first()
            return super().delete(*args, **kwargs)

    @staticmethod
    def forget() -> None:
        """Drop the list of webhooks that this process keeps; the next event reads it again."""
        Webhook._known = None

    @classmethod
    def wanting(cls, event: str) -> list[Webhook]:
        """Active webhooks for an event, at most CHECK_SECONDS old.

        So comments cost no query without webhooks.
        """
        known, now = Webhook._known, time.monotonic()
        if known is None or now > known[1]:
            known = Webhook._known = list(cls.objects.filter(is_active=True)), now + CHECK_SECONDS
        return [webhook for webhook in known[0] if event in webhook.events]


class DeliveryQuerySet(models.QuerySet):
    """Messages to webhooks: one for each event and address."""

    def due(self) -> Self:
        return self.filter(state=Delivery.State.WAITING, due_at__lte=timezone.now(), webhook__is_active=True)


class Delivery(models.Model):
    """A message to a webhook. It contains no text, which is read when it is sent."""

    class State(models.TextChoices):
        """FAILED: given up after all retries. DROPPED: the event no longer applied when it was due."""

        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        DROPPED = "dropped", pgettext_lazy("a message to a webhook", "Cancelled")

    webhook = models.ForeignKey(
        Webhook, verbose_name=_("webhook"), on_delete=models.CASCADE, related_name="deliveries"
    )
    event = models.CharField(pgettext_lazy("something happened", "event"), max_length=20, choices=Event)
    # The key of the comment, report, post or member; 0 for a test. Not a foreign key: if it is gone, nothing
    # is sent.
    subject = models.BigIntegerField(_("number"))
    message_id = models.CharField(_("message ID"), max_length=40, default=make_message_id, unique=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    # For one that a worker has claimed: when it can be claimed again.
    due_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    tries = models.PositiveSmallIntegerField(_("attempts"), default=0)
    status_code = models.PositiveSmallIntegerField(_("response code"), null=True)
    error = models.CharField(_("error"), max_length=200, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "event", "subject"],
                condition=Q(event__in=ONCE),
                name="webhook_told_once",
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="deliveries_due"),
            models.Index(fields=["-created_at", "-id"], name="deliveries_newest_first"),
        ]

    def __str__(self) -> str:
        return self.get_event_display()
