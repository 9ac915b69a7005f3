"""A reader dismisses the announcement; it reappears when it is changed."""

import pytest
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from core.models import SiteSettings
from core.services.site_settings import save_settings
from tests.factories import make_member, make_post

pytestmark = pytest.mark.django_db

DISMISS = "/announcement/dismiss/"


@pytest.fixture
def said():
    save_settings({"announcement": "We meet on Sunday."}, by=None)


def key() -> str:
    return SiteSettings.current().announcement_key


@pytest.fixture
def pages():
    return ["/", "/posts/", make_post().get_absolute_url()]


@pytest.mark.parametrize("who", ["visitor", "member"])
def test_dismissed_it_is_gone_from_every_page_of_this_reader_alone(who, said, pages, client, signed_in):
    reader = client if who == "visitor" else signed_in(make_member())
    others = [signed_in(make_member()), type(client)()]
    for page in pages:  # rendered, and cached
        assertContains(reader.get(page), "We meet on Sunday.")
    assertRedirects(reader.post(DISMISS, {"which": key(), "next": pages[2]}), pages[2])
    for page in pages:
        assertNotContains(reader.get(page), "We meet on Sunday.")
        for other in others:
            assertContains(other.get(page), "We meet on Sunday.")


@pytest.mark.parametrize(
    "change", [{"announcement": "We meet on Monday."}, {"announcement_address": "/about/"}]
)
def test_a_changed_one_comes_again(change, said, pages, client):
    client.post(DISMISS, {"which": key()})
    save_settings(change, by=None)
    for page in pages:
        assertContains(client.get(page), "We meet on")


def test_one_that_was_changed_since_the_page_was_read_is_not_dismissed_unseen(said, client):
    before = key()
    save_settings({"announcement": "We meet on Monday."}, by=None)
    assert "dismissed" not in client.post(DISMISS, {"which": before}).cookies
    assertContains(client.get("/"), "We meet on Monday.")


@pytest.mark.parametrize(
    "sent", [{}, {"which": "x" * 5000}, {"which": "\x00"}, {"next": "https://evil.example/"}]
)
def test_whatever_is_sent_leads_back_here(sent, said, client):
    assertRedirects(client.post(DISMISS, sent), "/")


def test_the_button_is_no_part_of_a_page_without_an_announcement(client):
    assertNotContains(client.get("/"), DISMISS)
