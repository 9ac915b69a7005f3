"""A year of a gaming community: a birthday, an event across three time zones, a memorial and its book."""

from datetime import UTC, datetime

import icalendar
import pytest
import time_machine
from pytest_django.asserts import assertContains

from accounts.models import User
from comments.models import Comment
from memorials.models import FamilyChoice, Memorial
from tests.accounts.test_profile import EDIT, typed
from tests.events.test_events import FILLED
from tests.factories import make_host, make_member, switch_on
from tests.memorials.people import a_thousand_memories
from tests.memorials.test_book import Page, book_of
from tests.memorials.test_memorials import PROPOSAL, write

pytestmark = [pytest.mark.sql, pytest.mark.django_db]

BIRTHDAY = datetime(2026, 6, 3, 12, tzinfo=UTC)
AUTUMN = datetime(2026, 10, 5, 12, tzinfo=UTC)
A_YEAR_LATER = datetime(2027, 6, 3, 12, tzinfo=UTC)
PARTY = "css/party.css"


def test_a_birthday_an_evening_in_three_zones_a_farewell_of_a_thousand_memories_and_the_book(
    client, signed_in
):
    with time_machine.travel(BIRTHDAY, tick=False):
        switch_on("birthdays", "party", "events", "memorials")
        host, ruth = make_host("nora"), make_member("ruth", time_zone="Europe/Berlin")
        otter = make_member("otter", display_name="Otter", time_zone="America/New_York")

        signed_in(otter).post(
            EDIT, typed(display_name="Otter", birthday_day="3", birthday_month="6", birthday_seen_by="all")
        )
        assertContains(client.get("/"), PARTY)
        signed_in(ruth).post("/birthdays/wish/", {"member": "otter", "body": "Another year, another raid!"})
        assertContains(client.get("/birthdays/otter~2026/"), "Another year, another raid!")

        signed_in(host).post("/events/new/", FILLED | {"title": "Raid night"})
        page = "/events/2026-07-09-raid-night/"
        seen = {
            zone: reader.get(page).context["times"][0].when
            for zone, reader in (
                ("Sydney", signed_in(make_member(time_zone="Australia/Sydney"))),
                ("Berlin", signed_in(ruth)),
                ("New York", signed_in(otter)),
            )
        }
        assert seen == {
            "Sydney": "Thursday, 9 July 2026, 8 p.m. to 10 p.m.",
            "Berlin": "Thursday, 9 July 2026, noon to 2 p.m.",
            "New York": "Thursday, 9 July 2026, 6 a.m. to 8 a.m.",
        }
        calendar = icalendar.Calendar.from_ical(client.get(f"{page.removesuffix('/')}.ics").content)
        (event,) = calendar.walk("VEVENT")
        assert event.decoded("dtstart").astimezone(UTC) == datetime(2026, 7, 9, 10, tzinfo=UTC)

    with time_machine.travel(AUTUMN, tick=False):
        signed_in(host).post("/memorials/new/", PROPOSAL)
        signed_in(ruth).post("/members/otter/memorial/keep/", {"do": "confirm"})
        memorial = Memorial.objects.with_members().get()
        assert memorial.is_open
        thread = a_thousand_memories(memorial, make_member("clan"))
        FamilyChoice.objects.bulk_create([FamilyChoice(comment=one, is_allowed=True) for one in thread])
        last = write(signed_in(ruth), memorial, "He always waited for the slowest.", family="on")

    with time_machine.travel(A_YEAR_LATER, tick=False):
        assert [PARTY in client.get(path).content.decode() for path in ("/", "/members/otter/memorial/")] == [
            False,
            False,
        ]
        assert not User.objects.public().filter(username="otter").exists()
        book = Page(book_of(signed_in, memorial))
    public = Comment.objects.filter(post=memorial.post, status="public", family_choice__is_allowed=True)
    assert (len(book.memories), set(book.memories)) == (1001, {*public.values_list("pk", flat=True)})
    assert book.memories == [*(one.pk for one in thread), last.pk]
    assert book.asked == []
