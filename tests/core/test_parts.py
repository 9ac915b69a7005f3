"""Optional parts of the community: off by default, enabled one by one, and invisible while they are off."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from core.models import SiteSettings, SiteSettingsChange
from core.parts import parts
from events.services.planning import propose_event
from tests.core.test_site_settings import FILLED
from tests.events.plans import a_plan
from tests.factories import make_host, make_member, make_post, put_comment, switch_on

pytestmark = [pytest.mark.sql, pytest.mark.django_db]

ADDRESSES = {
    "events": "/events/",
    "birthdays": "/birthdays/",
    "party": "/party/off/",
    "rooms": "/rooms/",
    "giving": "/giving/",
    "board": "/board/",
    "closer": "/members/me/in-touch/",
    "decisions": "/decisions/",
    "memorials": "/memorials/",
}


def test_every_part_is_off_until_the_host_switches_it_on(client, signed_in, member):
    assert SiteSettings.current().parts == []
    answers = {key: (client.get(ADDRESSES[key]).status_code, signed_in(member).post(ADDRESSES[key]).status_code) for key in parts()}  # fmt: skip
    assert answers == dict.fromkeys(parts(), (404, 404))
    assertNotContains(client.get("/"), "Birthdays")


def test_the_host_switches_parts_on_in_the_settings(client, signed_in):
    host = signed_in(make_host("nora"))
    page = "/admin/core/sitesettings/"
    assertContains(host.get(page), "A calendar of the birthdays that members share")
    assert host.post(page, FILLED | {"parts": ["birthdays"]}).status_code == 302
    assert (SiteSettings.current().parts, SiteSettingsChange.objects.first().after) == (
        ["birthdays"],
        {"parts": ["birthdays"]},
    )
    assertContains(client.get("/"), '<a href="/birthdays/">Birthdays</a>', html=True)
    assertContains(host.get(f"{page}log/"), "Birthdays")
    assert host.post(page, FILLED | {"version": "1", "parts": ["nothing"]}).status_code == 422


def test_the_page_of_a_post_costs_and_weighs_the_same_with_all_parts_on_but_for_their_links(
    client, signed_in
):
    post = make_post(slug="bread")
    put_comment(post)
    readers = {"visitor": client, "member": signed_in(make_member("alice"))}

    def cost(who: str) -> tuple[int, int]:
        """Return the number of statements, and of bytes without the menu of the parts and its stylesheet."""
        readers[who].get("/posts/bread/")
        with CaptureQueriesContext(connection) as queries:
            page = readers[who].get("/posts/bread/").content.decode()
        menu = re.search(
            r"\s*<li>\s*<details class=.menu.>\s*<summary>Community.*?</details>\s*</li>", page, re.DOTALL
        )
        page = page.replace(menu[0], "") if menu else page
        return len(queries), len(
            "".join(line.strip() for line in page.splitlines() if "nav-menu" not in line)
        )

    before = {who: cost(who) for who in readers}
    switch_on(*parts())
    assert {who: cost(who) for who in readers} == before


def test_more_than_two_parts_are_a_menu(client):
    switch_on("birthdays", "rooms")
    assertNotContains(client.get("/"), "Community</summary>")
    switch_on("birthdays", "rooms", "giving")
    page = client.get("/rooms/")
    assertContains(page, "<summary>Community</summary>")
    assertContains(page, '<a href="/rooms/" aria-current="page">Rooms</a>', html=True)


def test_the_home_page_says_what_is_on_and_nothing_where_there_is_nothing(client):
    host = make_host("nora")
    make_post(host)
    client.get("/")
    with CaptureQueriesContext(connection) as before:
        client.get("/")
    switch_on(*parts())
    assertNotContains(client.get("/"), "Coming up")
    supper = propose_event(a_plan("Supper"), by=host).post.get_absolute_url()
    today = timezone.localdate()
    make_member("ada", birthday_day=today.day, birthday_month=today.month, birthday_seen_by="all")
    make_member("bea", birthday_day=today.day, birthday_month=today.month, birthday_seen_by="members")
    page = client.get("/")
    assertContains(page, f'<a href="{supper}" dir="auto">Supper</a>', html=True)
    assertContains(page, '<a href="/birthdays/#ada">ada</a>', html=True)
    assertNotContains(page, "#bea")
    with CaptureQueriesContext(connection) as after:
        client.get("/")
    assert len(after) - len(before) == 2  # today's birthdays, and the next events
