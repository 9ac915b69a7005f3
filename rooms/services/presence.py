"""Who is in which room, according to services and to members themselves."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import User
from rooms.models import STAY, Presence, Room


@dataclass(frozen=True)
class ShownRoom:
    """A room as the page shows it. names: of people reported by the service. more: how many others."""

    room: Room
    members: list[User]
    names: list[str]
    more: int
    online: int
    is_mine: bool

    @property
    def is_empty(self) -> bool:
        return not (self.members or self.names or self.more)


def rooms_for(reader: User | AnonymousUser) -> list[ShownRoom]:
    """The rooms this reader may see. Two queries."""
    rooms = list(Room.objects.readable_by(reader))
    there = Presence.objects.now().visible_to(reader).filter(room__in=rooms).select_related("member")
    by_room: dict[int, list[User]] = {}
    for presence in there.order_by("until"):
        by_room.setdefault(presence.room_id, []).append(presence.member)
    return [_shown(room, by_room.get(room.pk, []), reader) for room in rooms]


def _shown(room: Room, members: list[User], reader: User | AnonymousUser) -> ShownRoom:
    status = room.told if room.told and room.is_fresh else {}
    names = status.get("names", [])
    return ShownRoom(
        room,
        members,
        names,
        more=status.get("count", 0) - len(names),
        online=status.get("online", 0),
        is_mine=reader in members,
    )


def enter_room(member: User, room: Room) -> None:
    """Record for an hour that this member is in the room, and in no other."""
    Presence.objects.update_or_create(member=member, defaults={"room": room, "until": timezone.now() + STAY})


def leave(member: User, room: Room) -> None:
    """Leave the room. An outdated page does not end a later presence in another room."""
    Presence.objects.filter(member=member, room=room).delete()


def forget_who_left() -> int:
    """Delete expired presences. Returns how many."""
    return Presence.objects.filter(until__lte=timezone.now()).delete()[0]
