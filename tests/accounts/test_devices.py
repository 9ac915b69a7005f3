"""A member's sessions: listed with device names, ended one by one or all at once."""

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from pytest_django.asserts import assertContains, assertRedirects

from accounts.templatetags.account_tags import device
from tests.accounts.test_signing_in import LOGIN, who
from tests.factories import PASSWORD

FOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0"

pytestmark = pytest.mark.django_db


def sign_in(username: str, user_agent: str) -> Client:
    client = Client(headers={"User-Agent": user_agent})
    client.post(LOGIN, {"login": username, "password": PASSWORD})
    return client


@pytest.fixture
def three(member) -> list[Client]:
    return [sign_in("alice", user_agent) for user_agent in (FOX, PHONE, EDGE)]


def test_each_is_named_in_words_and_ends_alone(three):
    here, phone, edge = three
    page = here.get("/accounts/sessions/")
    for words in ("Firefox on Linux", "Safari on iPhone", "Edge on Windows"):
        assertContains(page, words)
    assertContains(page, "This device", count=1)
    ended = UserSession.objects.get(user_agent=PHONE)
    assertRedirects(here.post(f"/members/me/devices/{ended.pk}/end/"), "/accounts/sessions/")
    assert [who(client) for client in (here, edge)] == ["alice", "alice"]
    assert phone.get("/members/me/edit/").status_code == 302
    assert sorted(UserSession.objects.values_list("user_agent", flat=True)) == sorted([FOX, EDGE])


def test_all_others_end_at_once(three):
    here, *others = three
    here.post("/accounts/sessions/")
    assert here.get("/members/me/edit/").status_code == 200
    assert [client.get("/members/me/edit/").status_code for client in others] == [302, 302]


def test_this_one_is_left_by_signing_out(three):
    here = three[0]
    assertRedirects(
        here.post(f"/members/me/devices/{UserSession.objects.get(user_agent=FOX).pk}/end/"),
        "/accounts/logout/",
    )
    assert who(here) == "alice"


def test_nobody_ends_a_session_of_somebody_else(three, other_member):
    bob = sign_in("bob", FOX)
    for number in [*UserSession.objects.filter(user__username="alice").values_list("pk", flat=True), 10**12]:
        assert bob.post(f"/members/me/devices/{number}/end/").status_code == 404
    assert UserSession.objects.filter(user__username="alice").count() == 3


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("", "Unknown device"),
        ("curl/8", "curl/8"),
        ("Firefox", "Firefox"),
        ("x" * 80, "x" * 60),
        ("(Macintosh; Intel Mac OS X)", "Mac"),
    ],
)
def test_a_browser_that_nobody_knows_is_called_what_it_calls_itself(user_agent, words):
    assert device(user_agent) == words
