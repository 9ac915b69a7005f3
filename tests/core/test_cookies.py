"""Over HTTPS, cookies have the `__Host-` prefix; those of an earlier version are replaced once."""

import pytest
from django.test import Client
from pytest_django.asserts import assertContains

from tests.accounts.test_signing_in import LOGIN
from tests.core.test_environment import PRODUCTION
from tests.factories import PASSWORD
from tests.fresh_process import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def https(settings):
    settings.COOKIE_PREFIX = "__Host-"
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True


def visit(client: Client, path: str = "/members/me/edit/"):
    return client.get(path, secure=True)


def names(response) -> dict[str, str]:
    """Return the cookies of a response: "set" for those that are set, "gone" for those that are deleted."""
    return {name: "gone" if morsel["max-age"] == 0 else "set" for name, morsel in response.cookies.items()}


def test_every_cookie_of_a_visit_has_the_prefix_and_what_browsers_ask_of_it(https, member, post):
    client, seen = Client(), {}
    for response in (
        visit(client, LOGIN),
        client.post(LOGIN, {"login": "alice", "password": PASSWORD}, secure=True),
        client.post("/theme/", {"theme": "dark"}, secure=True),
        client.post(f"/posts/{post.slug}/comments/", {"body": "Hello."}, secure=True),
        client.post("/theme/", {"theme": ""}, secure=True),
        client.post("/accounts/logout/", secure=True),
    ):
        seen |= response.cookies
    assert {
        "__Host-sessionid",
        "__Host-csrftoken",
        "__Host-messages",
        "__Host-theme",
        "__Host-known_device",
    } <= set(seen)
    for name, morsel in seen.items():
        if name not in {
            "draft_arrived",
            "just_wrote",
        }:  # named when their module was imported, here without HTTPS
            assert (name[:7], name, morsel["secure"], morsel["path"], morsel["domain"]) == (
                "__Host-",
                name,
                True,
                "/",
                "",
            )


def test_the_names_follow_the_address_of_the_site(tmp_path):
    code = (
        "import django; django.setup(); from django.conf import settings as s; from comments.services import drafts; "
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, drafts.ARRIVED_COOKIE, drafts.JUST_WROTE_COOKIE)"
    )
    assert (
        run(code, tmp_path, **PRODUCTION).stdout
        == "__Host-sessionid __Host-csrftoken __Host-draft_arrived __Host-just_wrote\n"
    )
    assert (
        run(code, tmp_path, **PRODUCTION, SITE_URL="http://example.org").stdout
        == "sessionid csrftoken draft_arrived just_wrote\n"
    )


def test_nobody_is_signed_out_by_the_update(https, member, signed_in):
    client = signed_in(member)
    client.cookies["sessionid"] = client.cookies.pop("__Host-sessionid").value
    first = visit(client)
    assert (first.status_code, names(first)["__Host-sessionid"], names(first)["sessionid"]) == (
        200,
        "set",
        "gone",
    )
    again = visit(client)
    assert (again.status_code, "__Host-sessionid" in again.cookies) == (200, False)


def test_a_form_that_was_open_during_the_update_is_taken(https, member):
    client = Client(enforce_csrf_checks=True)
    token = "a" * 32
    client.cookies["csrftoken"] = token
    answer = client.post(
        LOGIN,
        {"login": "alice", "password": PASSWORD, "csrfmiddlewaretoken": token},
        secure=True,
        headers={"referer": "https://testserver/"},
    )
    assert (answer.status_code, names(answer)["csrftoken"]) == (302, "gone")


def test_the_colours_stay(https, client):
    client.cookies["theme"] = "dark"
    response = visit(client, "/")
    assertContains(response, 'data-theme="dark"')
    assert response.cookies["__Host-theme"].value == "dark"
    assert not response.cookies["__Host-theme"]["httponly"]


def test_with_the_colours_under_both_names_nothing_is_kept_for_others(https, client):
    """A reverse proxy may have read the other cookie of the two."""
    client.cookies["theme"], client.cookies["__Host-theme"] = "light", "dark"
    response = visit(client, "/")
    assertContains(response, 'data-theme="dark"')
    assert response["Cache-Control"] == "private, no-cache"
    assert names(response)["theme"] == "gone"
    del client.cookies["theme"]
    assert "s-maxage" in visit(client, "/")["Cache-Control"]


def test_with_the_theme_under_a_name_that_is_not_read_nothing_is_kept_for_others(https, client, settings):
    """A reverse proxy has it in its cache key, and would serve this page to everyone who wants a dark one."""
    settings.READ_OLD_COOKIES = False
    client.cookies["theme"] = "dark"
    response = visit(client, "/")
    assert 'data-theme="' not in response.content.decode()
    assert (response["Cache-Control"], names(response)) == ("private, no-cache", {})


def test_a_planted_old_cookie_does_not_take_the_place_of_the_new_one(https, member, other_member, signed_in):
    client, stranger = signed_in(member), signed_in(other_member)
    client.cookies["sessionid"] = stranger.cookies["__Host-sessionid"].value
    response = visit(client)
    assert response.context["user"] == member
    assert names(response)["sessionid"] == "gone"


def test_switched_off_old_cookies_are_worth_nothing(https, member, signed_in, settings):
    settings.READ_OLD_COOKIES = False
    client = signed_in(member)
    client.cookies["sessionid"] = client.cookies.pop("__Host-sessionid").value
    assert visit(client).status_code == 302


def test_what_others_may_keep_carries_no_cookie(https, member, signed_in):
    client = signed_in(member)
    client.cookies["sessionid"] = client.cookies.pop("__Host-sessionid").value
    assert not visit(client, "/robots.txt").cookies
    assert visit(client).status_code == 200


@pytest.mark.parametrize("value", ["", "x", "\x00", "é", "a" * 5000, "../../x"])
def test_an_old_cookie_of_nonsense_is_no_error(https, client, value):
    for name in ("sessionid", "csrftoken", "messages", "theme", "just_wrote"):
        client.cookies[name] = value
    assert visit(client, "/").status_code == 200
    assert visit(client).status_code == 302


def test_without_https_the_names_are_as_they_were(client, member):
    response = client.post(LOGIN, {"login": "alice", "password": PASSWORD})
    assert set(response.cookies) == {"sessionid", "csrftoken", "messages", "known_device"}
