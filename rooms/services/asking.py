"""Polls services for who is in their rooms. The worker does so each minute; no page waits for it.

Two services publish it: Discord in a server's widget, if its owner enables it
(https://discord.com/developers/docs/resources/guild#get-guild-widget), and Mumble in viewers that use the
Channel Viewer Protocol (https://www.mumble.info/documentation/mumble-server/channel-viewer-protocol/). Their
data is untrusted: it is stored as names and a number, and shown as text.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from django.utils import timezone

from core.utils import http_client
from core.utils.text import one_line
from rooms.models import Room

MAX_NAMES = 50
NAME_LENGTH = 60
# The most levels of nested channels that are read.
MAX_DEPTH = 20


@dataclass(frozen=True)
class RoomStatus:
    """Who is in the room.

    names: at most MAX_NAMES of `count` people. online: people outside voice channels, if known.
    """

    names: list[str]
    count: int
    online: int = 0

    def as_json(self) -> dict[str, Any]:
        return {"names": self.names, "count": self.count, "online": self.online}

    @classmethod
    def of(cls, people: list[Any], online: Any = 0) -> Self:
        """The status from untrusted data. people: mappings with a name; anything else is left out."""
        names = [name for person in people if (name := _name_of(person))]
        is_number = isinstance(online, int) and not isinstance(online, bool) and 0 <= online < 10**7
        return cls(names[:MAX_NAMES], len(names), online if is_number else 0)


def _name_of(person: Any) -> str:
    name = person.get("username", person.get("name")) if isinstance(person, dict) else None
    if not isinstance(name, str):
        return ""
    # Without control characters, lone surrogates (which PostgreSQL cannot store), and bidirectional
    # formatting characters.
    return one_line("".join(char if char.isprintable() else " " for char in name))[:NAME_LENGTH]


def read_discord(data: Any) -> RoomStatus:
    """Members in voice channels by name; those who are only online are counted."""
    members = data.get("members")
    people = members if isinstance(members, list) else []
    in_voice = [one for one in people if isinstance(one, dict) and one.get("channel_id")]
    return RoomStatus.of(in_voice, data.get("presence_count"))


def read_mumble(data: Any) -> RoomStatus:
    return RoomStatus.of([*_users(data.get("root"))])


def _users(channel: Any, depth: int = 0) -> Iterator[Any]:
    if not isinstance(channel, dict) or depth > MAX_DEPTH:
        return
    users, channels = channel.get("users"), channel.get("channels")
    yield from users if isinstance(users, list) else ()
    for inner in channels if isinstance(channels, list) else ():
        yield from _users(inner, depth + 1)


READERS = {Room.Kind.DISCORD: read_discord, Room.Kind.MUMBLE: read_mumble}


def ask(room: Room) -> RoomStatus | None:
    """Fetch and store the status. None if there is no readable response; the last status then expires."""
    try:
        page = http_client.fetch(room.source_url, http_client.public_web())
        data = json.loads(page.body) if page.status == 200 and not page.is_cut else None
    except (http_client.FetchError, ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        return None
    present = READERS[Room.Kind(room.kind)](data)
    # Only if the host has not changed the source since.
    Room.objects.filter(pk=room.pk, kind=room.kind, source=room.source).update(
        told=present.as_json(), told_at=timezone.now()
    )
    return present
