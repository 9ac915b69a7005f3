"""Notifications, preferences, outgoing and incoming email."""

from notifications.models.device import Device, Push
from notifications.models.email import EmailSuppression, GuestConsent, OutgoingEmail, ReplyMail
from notifications.models.notification import MEANT, AdditionalParent, FanOut, Notification
from notifications.models.preferences import Choices, Kind, ThreadSubscription, Way

__all__ = [
    "MEANT",
    "AdditionalParent",
    "Choices",
    "Device",
    "EmailSuppression",
    "FanOut",
    "GuestConsent",
    "Kind",
    "Notification",
    "OutgoingEmail",
    "Push",
    "ReplyMail",
    "ThreadSubscription",
    "Way",
]
