"""Merging accounts: the notifications (accounts/services/merging.py)."""

from accounts.models import User
from notifications.models import Device, Notification, ReplyFeed
from notifications.models.types import other_than_publications


def drop_notifications_of_oneself(kept: User, other: User) -> None:
    """Delete notifications about comments that are now the member's own. Needs the comments to be moved."""
    about = Notification.objects.filter(member__in=[kept, other], comment__author=kept)
    about.exclude(kind__in=other_than_publications()).delete()


def drop_devices_and_feed(_kept: User, other: User) -> None:
    """Delete devices and the feed of the account that is merged: its sessions end, too."""
    Device.objects.filter(member=other).delete()
    ReplyFeed.objects.filter(member=other).delete()
