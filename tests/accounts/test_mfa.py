"""Two-factor authentication is required of members with a role; they must set it up before they continue."""

import time

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    SECRET_SESSION_KEY,
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
)
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import User
from moderation.models import Decision
from tests.accounts.test_signing_in import LOGIN, who
from tests.factories import PASSWORD, make_comment, make_host, make_member, make_moderator

STEP = "/members/me/second-step/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def required(settings) -> None:
    settings.REQUIRE_SECOND_STEP = True


def totp_code(secret: str, *, steps_ago: int = 0) -> str:
    """Return the code that an authenticator app shows now, or showed that many 30-second steps ago."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 - steps_ago))


def set_up(client: Client) -> None:
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.get("/accounts/2fa/totp/activate/")
    assert (
        client.post(
            "/accounts/2fa/totp/activate/", {"code": totp_code(client.session[SECRET_SESSION_KEY])}
        ).status_code
        == 302
    )


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (make_host, "/admin/"),
        (make_host, "/admin/posts/post/?q=x"),
        (make_host, "/moderation/"),
        (make_moderator, "/moderation/"),
        (make_moderator, "/moderation/decisions/?page=2"),
        (lambda name: make_member(name, is_staff=True), "/admin/"),
    ],
)
def test_who_looks_after_this_place_is_led_to_the_second_step_and_back(client, make, path):
    make("carol")
    client.post(LOGIN, {"login": "carol", "password": PASSWORD})
    page = client.get(path, follow=True)
    assert page.redirect_chain[0][0].startswith(STEP)
    assertContains(page, "<h1>Set up two-step verification</h1>")
    assertNotContains(client.get("/accounts/2fa/"), "Continue")
    set_up(client)
    assertContains(client.get("/accounts/2fa/recovery-codes/"), f'<a href="{STEP}">Continue</a>')
    assertRedirects(client.get(STEP), path, fetch_redirect_response=False)
    assert client.get(path).status_code == 200
    assertNotContains(client.get("/accounts/2fa/"), "Continue")


def test_a_key_is_as_good_as_an_app_and_codes_on_paper_are_not(client, host):
    client.post(LOGIN, {"login": "nora", "password": PASSWORD})
    RecoveryCodes.activate(host)
    assert client.get("/admin/").status_code == 302
    Authenticator.objects.create(user=host, type=Authenticator.Type.WEBAUTHN, data={})
    assert client.get("/admin/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_setting_it_up_ends_the_sessions_that_took_one_step(host):
    here, thief = Client(), Client()
    for client in (here, thief):
        client.post(LOGIN, {"login": "nora", "password": PASSWORD})
    set_up(here)
    assert (here.get("/admin/").status_code, who(here)) == (200, "nora")
    assertRedirects(thief.get("/admin/"), "/admin/login/?next=/admin/", fetch_redirect_response=False)
    assert thief.get("/members/me/edit/").status_code == 302


def test_before_a_sensitive_change_the_page_asks_for_what_its_field_takes(client, member):
    client.post(LOGIN, {"login": "alice", "password": PASSWORD})
    set_up(client)
    assertContains(client.get("/accounts/2fa/reauthenticate/"), "Enter the code from your app")
    assertContains(client.get("/accounts/reauthenticate/"), "Enter your password to continue.")


@pytest.mark.django_db(transaction=True)
def test_other_members_stay_signed_in_where_they_are(member):
    here, there = Client(), Client()
    for client in (here, there):
        client.post(LOGIN, {"login": "alice", "password": PASSWORD})
    set_up(here)
    assert [client.get("/members/me/edit/").status_code for client in (here, there)] == [200, 200]


def test_nothing_is_decided_before_the_second_step(client, moderator):
    comment = make_comment()
    client.post(LOGIN, {"login": "carol", "password": PASSWORD})
    answer = client.post("/moderation/decide/", {"comments": comment.pk, "action": "remove"})
    assertRedirects(answer, STEP)
    comment.refresh_from_db()
    assert (comment.status, Decision.objects.count()) == ("public", 0)


def test_who_gets_the_role_while_signed_in_is_asked_too_and_who_loses_the_app_is_asked_again(client, member):
    client.post(LOGIN, {"login": "alice", "password": PASSWORD})
    assert client.get("/moderation/").status_code == 403
    User.objects.filter(pk=member.pk).update(is_staff=True)
    assertRedirects(client.get("/admin/"), f"{STEP}?next=%2Fadmin%2F")
    set_up(client)
    assert client.get("/admin/").status_code == 200
    Authenticator.objects.filter(user=member).delete()
    assertRedirects(client.get("/admin/"), f"{STEP}?next=%2Fadmin%2F")


def test_everything_else_stays_open_to_them(client, moderator):
    comment = make_comment()
    client.post(LOGIN, {"login": "carol", "password": PASSWORD})
    for path in (
        "/",
        comment.post.get_absolute_url(),
        "/members/me/edit/",
        "/accounts/email/",
        f"/comments/{comment.pk}/report/",
    ):
        assert client.get(path).status_code == 200


def test_other_members_see_the_usual_error(client, member):
    assertRedirects(client.get("/moderation/"), f"{LOGIN}?next=/moderation/")
    assertRedirects(client.get("/admin/"), "/admin/login/?next=/admin/", fetch_redirect_response=False)
    client.post(LOGIN, {"login": "alice", "password": PASSWORD})
    assert client.get("/moderation/").status_code == 403
    assertRedirects(client.get(STEP), "/members/me/", fetch_redirect_response=False)


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "https://[evil"],
)
def test_the_way_back_stays_on_this_site(client, host, target):
    client.post(LOGIN, {"login": "nora", "password": PASSWORD})
    client.get(STEP, {"next": target})
    TOTP.activate(host, generate_totp_secret())
    assertRedirects(client.get(STEP, {"next": target}), "/members/me/", fetch_redirect_response=False)


@time_machine.travel("2026-03-01 12:00:00+00:00", tick=False)  # a code is valid until the next 30-second step
def test_signing_in_asks_for_the_code_and_a_recovery_code_works_once(client, host):
    secret = generate_totp_secret()
    TOTP.activate(host, secret)
    codes = RecoveryCodes.activate(host).get_unused_codes()
    assertRedirects(
        client.post(LOGIN, {"login": "nora", "password": PASSWORD}), "/accounts/2fa/authenticate/"
    )
    assert who(client) is None
    assertContains(client.post("/accounts/2fa/authenticate/", {"code": "000000"}), "That code isn’t right.")
    client.post("/accounts/2fa/authenticate/", {"code": totp_code(secret)})
    assert who(client) == "nora"
    for expected in ("nora", None):
        client.post("/accounts/logout/")
        client.post(LOGIN, {"login": "nora", "password": PASSWORD})
        client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        assert who(client) == expected


@pytest.mark.parametrize(
    ("steps_ago", "expected"), [(0, "nora"), (1, "nora"), (-1, "nora"), (2, None), (-2, None)]
)
def test_a_code_that_came_or_went_while_it_was_typed_is_good(client, host, steps_ago, expected):
    secret = generate_totp_secret()
    TOTP.activate(host, secret)
    with time_machine.travel("2026-03-01 12:00:00+00:00", tick=False):
        client.post(LOGIN, {"login": "nora", "password": PASSWORD})
        client.post("/accounts/2fa/authenticate/", {"code": totp_code(secret, steps_ago=steps_ago)})
        assert who(client) == expected


def test_a_code_is_good_once_however_it_is_written_and_as_long_as_it_would_be_good(client, host):
    secret = generate_totp_secret()
    TOTP.activate(host, secret)
    with time_machine.travel("2026-03-01 12:00:00+00:00", tick=False) as clock:
        code = totp_code(secret, steps_ago=-1)
        signed_in = []
        for typed, seconds in ((code, 0), (code, 0), (f"{code[:3]} {code[3:]}", 40), (code, 19)):
            clock.shift(seconds)
            client.post(LOGIN, {"login": "nora", "password": PASSWORD})
            client.post("/accounts/2fa/authenticate/", {"code": typed})
            signed_in.append(who(client))
            client.post("/accounts/logout/")
        assert signed_in == ["nora", None, None, None]


def test_switched_off_nobody_is_asked(client, settings, host):
    settings.REQUIRE_SECOND_STEP = False
    client.post(LOGIN, {"login": "nora", "password": PASSWORD})
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("path", ["/moderation/", "/posts/"])
def test_the_question_costs_the_same_however_much_there_is(
    signed_in, moderator, django_assert_max_num_queries, path
):
    TOTP.activate(moderator, generate_totp_secret())
    client = signed_in(moderator)
    counts = []
    for _ in range(2):
        with django_assert_max_num_queries(100) as queries:
            client.get(path)
        counts.append(
            sum('FROM "mfa_authenticator"' in str(query["sql"]) for query in queries.captured_queries)
        )
        make_comment(status="held")
    assert counts == ([1, 1] if path == "/moderation/" else [0, 0])
