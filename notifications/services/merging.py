"""Notifications of an account that becomes part of another (accounts/services/merging.py)."""

from accounts.models import User
from notifications.models import Device, Notification, ReplyFeed
from notifications.models.types import other_than_publications


def drop_notifications_of_oneself(kept: User, other: User) -> None:
    """That one of the two accounts wrote to the other is no news any more. The comments are one person's already."""
    about = Notification.objects.filter(member__in=[kept, other], comment__author=kept)
    about.exclude(kind__in=other_than_publications()).delete()


def drop_devices_and_feed(_kept: User, other: User) -> None:
    """They are signed out of the account that goes: nothing that was opened there shows what others write to the one that stays."""
    Device.objects.filter(member=other).delete()
    ReplyFeed.objects.filter(member=other).delete()
