"""Receivers of signals of core and accounts."""

from typing import Any

from django.dispatch import receiver

from accounts.models import User
from accounts.signals import profile_changed
from birthdays.models import Birthday, sync_publication
from birthdays.services.wishes import follow_profile
from core.signals import settings_changed


@receiver(profile_changed)
def update_birthdays(member: User, **_kwargs: Any) -> None:
    follow_profile(member)


@receiver(settings_changed)
def update_publication(after: dict[str, Any], **_kwargs: Any) -> None:
    if "parts" in after:
        sync_publication(Birthday.objects.all(), is_on="birthdays" in after["parts"])
