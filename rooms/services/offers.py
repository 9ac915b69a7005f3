"""Rooms as places for events (settings.EVENT_ROOMS)."""

from django.urls import reverse

from accounts.models import User
from core.parts import is_on
from core.utils.urls import absolute_url
from rooms.models import Room


def offered(member: User) -> dict[str, tuple[str, str]]:
    """(name, URL) by key. The URL is that of the room list, which shows who may enter and who is there."""
    if not is_on("rooms"):
        return {}
    page = absolute_url(reverse("rooms:room-list"))
    return {str(room.pk): (room.name, f"{page}#room-{room.pk}") for room in Room.objects.readable_by(member)}
