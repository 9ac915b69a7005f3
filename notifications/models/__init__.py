"""Notifications, preferences, outgoing and incoming email."""

from notifications.models.device import Device, Push
from notifications.models.email import EmailSuppression, GuestConsent, OutgoingEmail, ReplyMail
from notifications.models.mailing import Mailing, Subscriber
from notifications.models.notification import AdditionalParent, FanOut, Notification
from notifications.models.notification_type import NotificationChannel, NotificationType
from notifications.models.preferences import (
    NotificationPreference,
    NotificationTiming,
    TagFollow,
    ThreadSubscription,
)
from notifications.models.reply_feed import ReplyFeed
from notifications.models.types import MEANT, TYPES, Reason

__all__ = [
    "MEANT",
    "TYPES",
    "AdditionalParent",
    "Device",
    "EmailSuppression",
    "FanOut",
    "GuestConsent",
    "Mailing",
    "Notification",
    "NotificationChannel",
    "NotificationPreference",
    "NotificationTiming",
    "NotificationType",
    "OutgoingEmail",
    "Push",
    "Reason",
    "ReplyFeed",
    "ReplyMail",
    "Subscriber",
    "TagFollow",
    "ThreadSubscription",
]
