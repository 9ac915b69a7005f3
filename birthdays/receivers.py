"""Receivers of signals of core and accounts."""

from typing import Any

from django.dispatch import receiver

from accounts.models import User
from accounts.signals import profile_changed
from birthdays.models import Birthday, put_right
from birthdays.services.wishes import follow_profile
from core.signals import settings_changed


@receiver(profile_changed)
def update_birthdays(member: User, **_kwargs: Any) -> None:
    follow_profile(member)


@receiver(settings_changed)
def show_while_switched_on(after: dict[str, Any], **_kwargs: Any) -> None:
    if "parts" in after:
        put_right(Birthday.objects.all(), is_on="birthdays" in after["parts"])
