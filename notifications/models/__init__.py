"""Notifications, preferences, outgoing and incoming email."""

from notifications.models.device import Device, Push
from notifications.models.email import GuestConsent, Letter, MailStop, ReplyMail
from notifications.models.notification import MEANT, Address, Announcement, Notification
from notifications.models.preferences import Choices, Kind, ThreadSubscription, Way

__all__ = [
    "MEANT",
    "Address",
    "Announcement",
    "Choices",
    "Device",
    "GuestConsent",
    "Kind",
    "Letter",
    "MailStop",
    "Notification",
    "Push",
    "ReplyMail",
    "ThreadSubscription",
    "Way",
]
