"""Clears this process's cache at once. Others follow within party.services.KEPT_SECONDS."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from core.signals import settings_changed
from party.models import PartyDay
from party.services import forget


@receiver(settings_changed)
@receiver([post_save, post_delete], sender=PartyDay)
def clear_cache(**_kwargs: Any) -> None:
    forget()
