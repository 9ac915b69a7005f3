"""What this app exports about a member (accounts/services/export.py)."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.export import Part, Row
from rooms.models import Presence


def _presence(member: User) -> Iterator[Row]:
    for presence in Presence.objects.filter(member=member).select_related("room"):
        yield {"room": presence.room.name, "until": presence.until}


PARTS = [
    Part(
        "presence",
        _("The room you said you’re in"),
        _presence,
        {"room": _("Room"), "until": _("Until")},
        frozenset({"rooms.Presence.member"}),
    )
]
