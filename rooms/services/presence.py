"""Who is in which room: what the services say, and what members say of themselves."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import User
from rooms.models import STAY, Presence, Room


@dataclass(frozen=True)
class ShownRoom:
    """A room as its page shows it. names: of people the service tells about. more: how many beyond those."""

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
    """The rooms this reader may know, in two queries."""
    rooms = list(Room.objects.readable_by(reader))
    there = Presence.objects.now().visible_to(reader).filter(room__in=rooms).select_related("member")
    by_room: dict[int, list[User]] = {}
    for presence in there.order_by("until"):
        by_room.setdefault(presence.room_id, []).append(presence.member)
    return [_shown(room, by_room.get(room.pk, []), reader) for room in rooms]


def _shown(room: Room, members: list[User], reader: User | AnonymousUser) -> ShownRoom:
    told = room.told if room.told and room.is_fresh else {}
    names = told.get("names", [])
    return ShownRoom(
        room,
        members,
        names,
        more=told.get("count", 0) - len(names),
        online=told.get("online", 0),
        is_mine=reader in members,
    )


def come_in(member: User, room: Room) -> None:
    """Say for an hour that this member is there, and nowhere else."""
    Presence.objects.update_or_create(member=member, defaults={"room": room, "until": timezone.now() + STAY})


def leave(member: User, room: Room) -> None:
    """From a page that is older than their coming into another room, they do not leave that."""
    Presence.objects.filter(member=member, room=room).delete()


def forget_who_left() -> int:
    """Delete what is over. Returns how many."""
    return Presence.objects.filter(until__lte=timezone.now()).delete()[0]
