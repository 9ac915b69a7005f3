"""Voice and chat rooms on other services: who may see them, who is there, and the services' responses."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import Mute
from core.utils import http_client
from core.web.admin import EditableListMixin
from moderation.services.members import suspend
from rooms import models
from rooms.models import Presence, Room
from rooms.services.asking import RoomStatus
from rooms.tasks import ask_room, ask_rooms, forget_presences
from tests.accounts.web_servers import Web, page
from tests.factories import make_member, switch_on

pytestmark = pytest.mark.django_db

# The services' responses, shortened, with names of our own.
DISCORD = {
    "id": "290926798626999250",
    "name": "The harbour",
    "instant_invite": None,
    "channels": [{"id": "332406449051402243", "name": "Kitchen", "position": 0}],
    "members": [
        {"id": "0", "username": "ada", "discriminator": "0000", "avatar": None, "status": "online", "channel_id": "332406449051402243", "deaf": False},
        {"id": "1", "username": "bea", "discriminator": "0000", "avatar": None, "status": "idle"},
    ],
    "presence_count": 7,
}  # fmt: skip
MUMBLE = {
    "id": 1,
    "name": "voice.example",
    "root": {
        "id": 0,
        "name": "Root",
        "users": [{"name": "cleo", "session": 3, "channel": 0}],
        "channels": [{"id": 1, "name": "Games", "users": [{"name": "dora"}], "channels": []}],
    },
}


@pytest.fixture(autouse=True)
def switched_on(db):
    switch_on("rooms")


@pytest.fixture
def web(tmp_path, monkeypatch):
    web = Web(tmp_path)
    monkeypatch.setattr(http_client, "public_web", web.rules)
    monkeypatch.setattr(models, "DISCORD_WIDGET", web.url("/api/guilds/{}/widget.json"))
    yield web
    web.close()


def make_room(name: str = "Kitchen", **fields) -> Room:
    return Room.objects.create(name=name, **{"address": "https://meet.example/kitchen"} | fields)


def people(room: dict) -> tuple[list[str], list[str]]:
    return [member.username for member in room.members], room.names


def test_visitors_see_the_rooms_for_all_and_members_see_every_room(client, signed_in, member):
    make_room(topic="What’s on the stove", hours="Fridays from 20:00", for_members=False)
    make_room("Study", kind="matrix", address="matrix:r/table:example.org", position=1)
    seen = client.get("/rooms/")
    # In their own direction, on a right-to-left page.
    assertContains(seen, '<p dir="auto">What’s on the stove</p>')
    assertContains(seen, "<bdi>Fridays from 20:00</bdi>")
    assertContains(seen, "There are rooms for members.")
    assertNotContains(seen, "table:example.org")
    assert [one.room.name for one in signed_in(member).get("/rooms/").context["rooms"]] == [
        "Kitchen",
        "Study",
    ]


def test_without_rooms_it_says_so_and_leads_the_host_on(client, signed_in, host):
    assertContains(client.get("/rooms/"), "There are no rooms here yet.")
    assertNotContains(client.get("/rooms/"), "/admin/rooms/room/add/")
    assertContains(signed_in(host).get("/rooms/"), "/admin/rooms/room/add/")


def test_a_member_is_there_for_an_hour_or_until_they_leave(signed_in, member):
    kitchen, study = make_room(), make_room("Study")
    alice = signed_in(member)
    for room in (kitchen, study):
        said = alice.post(f"/rooms/{room.pk}/presence/", follow=True)
        assertContains(said, "For the next hour, others can see that you’re there.")
    bob = signed_in(make_member("bob"))
    assert [people(one)[0] for one in bob.get("/rooms/").context["rooms"]] == [[], ["alice"]]
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        assert [people(one)[0] for one in bob.get("/rooms/").context["rooms"]] == [[], []]
        assert (forget_presences(), Presence.objects.count()) == (1, 0)
    alice.post(f"/rooms/{kitchen.pk}/presence/")
    alice.post(f"/rooms/{study.pk}/presence/", {"leave": "1"})  # from an older page
    assert Presence.objects.get().room == kitchen
    assertRedirects(
        alice.post(f"/rooms/{kitchen.pk}/presence/", {"leave": "1"}),
        f"/rooms/#room-{kitchen.pk}",
        fetch_redirect_response=False,
    )
    assert not Presence.objects.exists()


def test_muted_members_are_not_shown(signed_in, member, moderator):
    room = make_room()
    signed_in(member).post(f"/rooms/{room.pk}/presence/")
    Mute.objects.create(member=moderator, muted=member)
    [shown] = signed_in(moderator).get("/rooms/").context["rooms"]
    assert people(shown) == ([], [])


def test_members_who_may_not_write_are_told_why(signed_in, member, moderator):
    room = make_room()
    suspend(member, by=moderator, ends_at=timezone.now() + timedelta(days=3), words="Calm down first.")
    said = signed_in(member).post(f"/rooms/{room.pk}/presence/", follow=True)
    assertContains(said, "You can read, but you can’t post until")
    assert not Presence.objects.exists()


@pytest.mark.parametrize(
    ("kind", "said", "told"),
    [
        ("discord", DISCORD, RoomStatus(["ada"], 1, online=7)),
        ("mumble", MUMBLE, RoomStatus(["cleo", "dora"], 2)),
        ("discord", {"message": "Widget Disabled", "code": 50004}, RoomStatus([], 0)),
        ("discord", {"members": [{"username": 7, "channel_id": "1"}, "x", {"channel_id": "1"}], "presence_count": -1}, RoomStatus([], 0)),
        ("mumble", {"root": {"users": [{"name": "<b>eve</b>\n\x00"}] * 70}}, RoomStatus(["<b>eve</b>"] * 50, 70)),
        ("mumble", {"root": []}, RoomStatus([], 0)),
    ],
)  # fmt: skip
def test_services_tell_who_is_there(web, signed_in, member, kind, said, told):
    room = make_room(kind=kind, source="290926798626999250" if kind == "discord" else web.url("/told.json"))
    path = "/api/guilds/290926798626999250/widget.json" if kind == "discord" else "/told.json"
    web.answers[path] = page(json.dumps(said))
    ask_room.call(room.pk)
    room.refresh_from_db()
    assert (room.told, room.is_fresh) == (told.as_json(), True)
    shown = signed_in(member).get("/rooms/")
    assertNotContains(shown, "<b>eve</b>")
    [one] = shown.context["rooms"]
    assert (one.names, one.more, one.online) == (told.names, told.count - len(told.names), told.online)


@pytest.mark.parametrize("answer", [b"no JSON", b"[]", b'{"members": ', b"\xff" * 40])
def test_a_service_that_says_nonsense_is_not_believed_and_what_it_said_grows_old(
    web, signed_in, member, answer
):
    room = make_room(kind="mumble", source=web.url("/told.json"))
    web.answers["/told.json"] = page(json.dumps(MUMBLE))
    ask_room.call(room.pk)
    web.answers["/told.json"] = page(answer.decode("latin-1"))
    ask_room.call(room.pk)
    alice = signed_in(member)
    assert alice.get("/rooms/").context["rooms"][0].names == ["cleo", "dora"]
    with time_machine.travel(timezone.now() + timedelta(minutes=4), tick=False):
        later = alice.get("/rooms/")
    assertContains(later, "Mumble isn’t saying who is there at the moment.")
    assert later.context["rooms"][0].names == []


def test_only_services_that_tell_are_asked_and_only_while_the_part_is_on(web):
    make_room()
    telling = make_room("Games", kind="mumble", source=web.url("/told.json"))
    web.answers["/told.json"] = page(json.dumps(MUMBLE))
    assert ask_rooms() == 1
    telling.refresh_from_db()
    assert telling.told is not None
    switch_on()
    assert ask_rooms() == 0


ROOM = {"name": "Kitchen", "kind": "jitsi", "address": "https://meet.example/kitchen", "topic": "", "hours": "", "source": "", "position": "0"}  # fmt: skip
ADD = "/admin/rooms/room/add/"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"address": "javascript:alert(1)"}, "address"),
        ({"address": "http://meet.example/kitchen"}, "address"),
        ({"address": "mumble://voice.example"}, "address"),  # of a Jitsi room
        ({"address": "https://"}, "address"),
        ({"address": "https://[half"}, "address"),
        ({"kind": "discord", "source": "harbour"}, "source"),
        ({"kind": "mumble", "source": "http://voice.example/cvp"}, "source"),
        ({"source": "290926798626999250"}, "source"),
        ({"kind": "none"}, "kind"),
        ({"name": " "}, "name"),
    ],
)
def test_the_host_sees_errors_at_the_field(signed_in, host, changes, field):
    said = signed_in(host).post(ADD, ROOM | changes)
    assert said.status_code == 200
    assert [*said.context["adminform"].form.errors] == [field]
    assert not Room.objects.exists()


def test_the_host_adds_a_room_and_what_another_source_said_is_forgotten(web, signed_in, host):
    nora = signed_in(host)
    saved = {
        "kind": "mumble",
        "address": "mumble://voice.example:64738/Games",
        "source": web.url("/told.json"),
    }
    assert nora.post(ADD, ROOM | saved).status_code == 302
    room = Room.objects.get()
    web.answers["/told.json"] = page(json.dumps(MUMBLE))
    ask_room.call(room.pk)
    change = f"/admin/rooms/room/{room.pk}/change/"
    nora.post(change, ROOM | saved | {"topic": "Dice", "for_members": "on"})
    room.refresh_from_db()
    assert (room.topic, room.told) == ("Dice", RoomStatus(["cleo", "dora"], 2).as_json())
    nora.post(change, ROOM | saved | {"source": web.url("/other.json")})
    room.refresh_from_db()
    assert (room.told, room.told_at) == (None, None)


def test_rooms_cost_the_same_queries_however_many_there_are(signed_in, member):
    alice = signed_in(member)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            alice.get("/rooms/")
        return len(queries)

    make_room()
    alice.get("/rooms/")
    few = cost()
    for number in range(8):
        room = make_room(f"Room {number}")
        alice.post(f"/rooms/{room.pk}/presence/")
    assert cost() == few


def test_fields_in_lists_of_the_admin_are_called_after_their_column_and_row(signed_in, host):
    make_room()
    page = signed_in(host).get("/admin/rooms/room/").content.decode()
    [field] = re.findall(r'<input type="number"[^>]*>', page)
    assert 'aria-label="Position: Kitchen"' in field
    editable = [one for one in admin.site._registry.values() if one.list_editable]
    assert [one for one in editable if not isinstance(one, EditableListMixin)] == []
    assert len(editable) > 1
