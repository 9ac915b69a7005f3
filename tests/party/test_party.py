"""Party mode: on which days, for whom, and its markup."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine
from django.db import IntegrityError, transaction
from pytest_django.asserts import assertContains, assertNotContains

from events.services.planning import decide_event, propose_event
from party.models import PartyDay
from party.services import forget
from tests.accounts.test_profile import EDIT, typed
from tests.events.plans import a_plan
from tests.factories import make_host, make_member, make_post, switch_on

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
STYLE, SCRIPT = "css/party.css", "js/party.js"


@pytest.fixture(autouse=True)
def on_adas_birthday():
    with time_machine.travel(datetime(2026, 6, 3, 12, tzinfo=UTC), tick=False):
        make_member("ada", birthday_day=3, birthday_month=6, birthday_seen_by="all")
        switch_on("party", "birthdays")
        yield


def dress(client, path: str = "/") -> tuple[bool, bool]:
    page = client.get(path).content.decode()
    return STYLE in page, SCRIPT in page


def test_the_site_dresses_up_on_a_birthday_that_everybody_may_know(client):
    assert dress(client) == (True, True)
    with time_machine.travel(datetime(2026, 6, 4, 12, tzinfo=UTC), tick=False):
        assert dress(client) == (False, False)


def test_it_dresses_up_on_the_day_of_an_event_that_everybody_may_see(client):
    switch_on("party", "events")  # and no birthdays
    event = propose_event(a_plan(), by=make_host("nora"))  # in ten days
    with time_machine.travel(event.starts_at, tick=False):
        assert dress(client) == (True, True)
        decide_event(event, "cancelled")
        forget()
        assert dress(client) == (False, False)


@pytest.mark.parametrize(("chosen", "expected"), [("none", (False, False)), ("quiet", (True, False)), ("full", (True, True))])  # fmt: skip
def test_the_host_chooses_for_each_day(client, signed_in, chosen, expected):
    host = signed_in(make_host("nora"))
    host.post("/admin/party/partyday/add/", {"day": "2026-06-03", "dress": chosen})
    host.post("/admin/party/partyday/add/", {"day": "2026-06-10", "dress": "full"})
    assert dress(client) == expected
    with time_machine.travel(datetime(2026, 6, 10, 12, tzinfo=UTC), tick=False):  # no one's birthday
        assert dress(client) == (True, True)


def test_a_member_turns_it_off_for_good(client, signed_in, member):
    alice = signed_in(member)
    assertContains(alice.get("/"), "Turn off party mode for me")
    answer = alice.post("/party/off/", {"next": "/members/"})
    assert (answer.status_code, answer["Location"]) == (302, "/members/")
    assert (dress(alice), dress(signed_in(member)), dress(client)) == (
        (False, False),
        (False, False),
        (True, True),
    )
    alice.post(EDIT, typed(wants_party="on"))
    assert dress(alice) == (True, True)


def test_a_visitor_turns_it_off_in_their_browser(client):
    client.post("/party/off/", {"next": "https://elsewhere.example/"})
    assert dress(client) == (False, False)


def test_kept_pages_of_posts_are_right_for_each_reader_and_day(client, signed_in, member):
    """They are rendered once for all readers of a kind, and cached."""
    make_post(slug="bread")
    other = signed_in(make_member("bob"))
    signed_in(member).post("/party/off/")
    page = "/posts/bread/"
    for _again in range(2):
        assert [dress(reader, page) for reader in (client, other, signed_in(member))] == [
            (True, True),
            (True, True),
            (False, False),
        ]
    visitors = client.get(page)
    PartyDay.objects.create(day=date(2026, 6, 3), dress="none")
    assert dress(client, page) == (False, False)
    assert client.get(page, headers={"If-None-Match": visitors["ETag"]}).status_code == 200


def test_a_page_costs_no_query_for_it(client, django_assert_num_queries):
    make_post(slug="bread")
    client.get("/posts/bread/")
    with django_assert_num_queries(1):
        client.get("/posts/bread/")


def test_it_is_off_without_the_part(client):
    switch_on("birthdays")
    assert dress(client) == (False, False)
    assertNotContains(client.get("/"), "party mode")


def test_a_birthday_that_not_everybody_may_know_dresses_nobodys_page(client, signed_in, member):
    make_member("bea", birthday_day=5, birthday_month=6, birthday_seen_by="members")
    with time_machine.travel(datetime(2026, 6, 5, 12, tzinfo=UTC), tick=False):
        assert (dress(client), dress(signed_in(member))) == ((False, False), (False, False))


@pytest.mark.sql
def test_the_database_knows_every_dress():
    with pytest.raises(IntegrityError), transaction.atomic():
        PartyDay.objects.create(day=date(2026, 6, 3), dress="pink")
    forget()


def test_it_weighs_little_and_holds_still_for_those_who_want_that():
    style, script = ((ROOT / "static" / name).read_text(encoding="utf-8") for name in (STYLE, SCRIPT))
    assert len(style) + len(script) < 15_000
    assert "prefers-reduced-motion: reduce" in script
    assert 'classList.contains("still")' in script  # memorial pages
    # Without motion of its own, in print, and nothing that takes up space.
    assert "animation" not in style
    assert "transition" not in style
    assert "@media screen" in style
