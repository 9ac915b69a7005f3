"""Notifications in the admin."""

from notifications.admin import emails, subscribers

__all__ = ["emails", "subscribers"]
