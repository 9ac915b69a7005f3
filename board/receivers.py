"""Reacts to the host's settings."""

from typing import Any

from django.dispatch import receiver

from accounts.models import User
from board.models import Board
from core.signals import settings_changed


@receiver(settings_changed)
def open_or_close_board(after: dict[str, Any], **_kwargs: Any) -> None:
    if "parts" not in after:
        return
    if "board" in after["parts"]:
        host = User.objects.filter(is_staff=True, is_active=True).order_by("-is_superuser", "pk").first()
        if host is not None:
            Board.open(host)
    elif board := Board.current():
        board.close()
