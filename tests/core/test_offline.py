"""Offline support: the service worker, the offline page, and for whom a page was rendered."""

import json
import re

import pytest
from django.contrib.staticfiles import finders

from core.models import SiteSettings
from core.services.site_settings import save_settings
from tests.factories import make_post

pytestmark = pytest.mark.django_db


def worker(client) -> str:
    response = client.get("/sw.js")
    assert (response.status_code, response["Content-Type"], response["Cache-Control"]) == (
        200,
        "text/javascript; charset=utf-8",
        "no-cache",
    )
    return response.content.decode()


def test_the_worker_is_the_same_for_all_and_another_after_a_change(client, signed_in, member, host):
    before = worker(client)
    assert worker(signed_in(member)) == before
    save_settings({"name": "Another table"}, by=host)
    SiteSettings.forget()
    assert worker(client) != before


def test_a_browser_that_has_the_worker_gets_nothing_again_until_it_changes(client, settings):
    known = client.get("/sw.js")["ETag"]
    assert client.get("/sw.js", headers={"If-None-Match": known}).status_code == 304
    settings.OFFLINE_PAGES = False
    assert client.get("/sw.js", headers={"If-None-Match": known}).status_code == 200


def test_everything_that_the_worker_fetches_first_is_there(client):
    [shell] = re.findall(r"cache\.addAll\((\[.*?\])\)", worker(client))
    for address in json.loads(shell):
        if address.startswith("/static/"):
            assert finders.find(address.removeprefix("/static/")), address
        else:
            assert client.get(address).status_code == 200, address


def test_the_worker_fetches_the_stylesheet_that_pages_ask_for(client, host):
    save_settings({"accent_hue": 200, "width": "wide"}, by=host)
    SiteSettings.forget()
    [sheet] = re.findall(r'href="(/site/[^"]+\.css)"', client.get("/offline/").content.decode())
    [shell] = re.findall(r"cache\.addAll\((\[.*?\])\)", worker(client))
    assert sheet in json.loads(shell)


def test_switched_off_the_worker_keeps_nothing_and_pages_do_not_ask_for_it(client, settings, post):
    settings.OFFLINE_PAGES = False
    text = worker(client)
    assert 'addEventListener("push"' in text
    assert 'addEventListener("fetch"' not in text
    assert "const wanted = [];" in text  # everything stored before is deleted
    response = client.get(post.get_absolute_url())
    assert "offline.js" not in response.content.decode()
    assert "X-Reader" not in response


def test_only_workers_of_the_site_are_allowed(client):
    assert "worker-src 'self'" in client.get("/")["Content-Security-Policy"]


def test_the_offline_page_says_nothing_of_its_reader(client, signed_in, member):
    pages = [reader.get("/offline/").content for reader in (client, signed_in(member))]
    assert pages[0] == pages[1]
    assert b"alice" not in pages[0]


def test_a_page_says_whether_it_was_made_for_the_same_reader(client, signed_in, member):
    make_post(slug="tea")
    alice, elsewhere = signed_in(member), signed_in(member)
    marks = [reader.get("/posts/tea/")["X-Reader"] for reader in (client, alice, alice, elsewhere)]
    assert marks[0] == "visitor"
    assert marks[1] == marks[2]
    assert len(set(marks)) == 3
    assert alice.session.session_key not in marks[1]
    alice.post("/accounts/logout/")
    assert alice.get("/posts/tea/")["X-Reader"] == "visitor"
    assert "X-Reader" not in client.get("/feed/")
