"""Receivers of signals of core."""

from typing import Any

from django.dispatch import receiver

from core.signals import settings_changed
from memorials.models import put_right


@receiver(settings_changed)
def show_while_switched_on(after: dict[str, Any], **_kwargs: Any) -> None:
    if "parts" in after:
        put_right(is_on="memorials" in after["parts"])
