"""Signing in with connected accounts: an OpenID Connect server, honest and lying; what all providers share."""

import html
import re
import socket
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter, OAuth2CallbackView
from django.contrib import admin
from django.core import mail
from django.core.cache import cache
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects, assertTemplateUsed

from accounts.allauth.social import external_label, one_address, suggest_username
from accounts.models import User
from community.providers import server as describe_server
from tests.accounts.test_signing_in import CONFIRM_EMAIL, GOOD, LOGIN, SIGNUP, emailed_code, who
from tests.factories import PASSWORD, make_host, make_member
from tests.openid_server import CLIENT_ID, SECRET, OpenIDServer, openid_server

BEGIN = "/accounts/oidc/guild/login/"
FINISH = "/accounts/3rdparty/signup/"
CONNECTIONS = "/accounts/3rdparty/"
NOT_VERIFIED = "We couldn’t verify the response from The Guild, so you weren’t signed in."
KNOWN = "You already have an account. Sign in as before; after that you can also use The Guild."

pytestmark = pytest.mark.django_db


@pytest.fixture
def guild(settings) -> Iterator[OpenIDServer]:
    """The Guild, an OpenID provider whose members may sign in here."""
    with openid_server() as guild:
        app = describe_server("guild", "The Guild", (CLIENT_ID, SECRET), guild.url, oauth_pkce_enabled=True)
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
        yield guild


def set_out(client: Client, query: str = "process=login") -> str:
    """Press the button; return the URL that the page leads to."""
    page = client.post(f"{BEGIN}?{query}")
    return html.unescape(
        re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.content.decode())[1]
    )


def go(client: Client, guild: OpenIDServer, query: str = "process=login"):
    """Complete the sign-in at the provider; return the response to the callback."""
    return client.get(guild.send_back(set_out(client, query)))


def join(client: Client, guild: OpenIDServer) -> None:
    """Sign up through the Guild, and sign out."""
    go(client, guild)
    client.post(FINISH, {"username": "dora"})
    client.post("/accounts/logout/")


# --- the buttons ---


def test_each_place_whose_keys_are_set_has_a_button_that_posts(client):
    for page in (LOGIN, SIGNUP):
        answer = client.get(page, {"next": "/posts/x/"}).content.decode()
        forms = re.findall(
            r'<form method="post" action="([^"]+)">\s*<input[^>]+csrfmiddlewaretoken[^>]+><button[^>]*>.*?Continue with ([^<]+)</button>',
            answer,
        )
        assert {name: html.unescape(action) for action, name in forms} == {
            "Facebook": "/accounts/facebook/login/?process=login&next=%2Fposts%2Fx%2F",
            "GitHub": "/accounts/github/login/?process=login&next=%2Fposts%2Fx%2F",
            "Google": "/accounts/google/login/?process=login&next=%2Fposts%2Fx%2F",
            "LinkedIn": "/accounts/oidc/linkedin/login/?process=login&next=%2Fposts%2Fx%2F",
            "The Guild": "/accounts/oidc/openid/login/?process=login&next=%2Fposts%2Fx%2F",
            "X": "/accounts/twitter_oauth2/login/?process=login&next=%2Fposts%2Fx%2F",
        }


def test_without_keys_nothing_is_said_of_other_places(client, settings, member, signed_in):
    settings.SOCIALACCOUNT_PROVIDERS = {}
    for page in (LOGIN, SIGNUP):
        assertNotContains(client.get(page), "Continue with")
    assertNotContains(signed_in(member).get("/accounts/sessions/"), "Elsewhere")


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("google", "https://accounts.google.com/o/oauth2/v2/auth?"),
        ("github", "https://github.com/login/oauth/authorize?"),
        ("facebook", "https://www.facebook.com/v24.0/dialog/oauth?"),
        ("twitter_oauth2", "https://x.com/i/oauth2/authorize?"),
    ],
)
def test_a_page_of_ours_leads_on_and_forms_go_nowhere_else(client, path, address):
    # A link leads to a button, never further.
    assertContains(client.get(f"/accounts/{path}/login/"), "<h1>Continue with")
    page = client.post(f"/accounts/{path}/login/?process=login")
    assert page.status_code == 200
    assert "form-action 'self';" in f"{page['Content-Security-Policy']};"
    assertContains(page, f'<meta http-equiv="refresh" content="0; url={address}')


def test_a_place_that_there_is_not_is_not_found(client, guild):
    assert [
        client.post(f"/accounts/{path}").status_code
        for path in ("oidc/other/login/", "oidc/a.b/login/", "gitlab/login/")
    ] == [404] * 3
    assert client.get("/accounts/oidc/other/login/callback/").status_code == 404


# --- signing in ---


def test_somebody_new_chooses_a_name_and_is_in(client, guild):
    assertRedirects(go(client, guild, "process=login&next=/posts/x/"), FINISH)
    page = client.get(FINISH)
    assertContains(page, 'name="username" value="dora"')
    assertContains(page, "You’ve signed in with The Guild. Choose a name for this site.")
    assertRedirects(client.post(FINISH, {"username": "dora"}), "/posts/x/", fetch_redirect_response=False)
    user = User.objects.get()
    assert (who(client), user.display_name, user.has_usable_password()) == ("dora", "", False)
    assert EmailAddress.objects.values_list("email", "verified", "primary").get() == (
        "dora@example.org",
        True,
        True,
    )
    assert SocialAccount.objects.values_list("provider", "uid", "extra_data").get() == (
        "guild",
        "7",
        {"name": "dora"},
    )


def test_next_time_one_click_is_enough_whatever_the_address_is_now(client, guild):
    join(client, guild)
    guild.person["email"] = "dora@elsewhere.example"
    assertRedirects(
        go(client, guild, "process=login&next=/members/"), "/members/", fetch_redirect_response=False
    )
    assert who(client) == "dora"
    assert EmailAddress.objects.values_list("email", flat=True).get() == "dora@example.org"


def test_a_session_is_a_new_one_and_what_it_held_is_still_there(client, guild):
    session = client.session
    session["draft"] = "half a thought"
    session.save()
    join(client, guild)
    before = client.session.session_key
    go(client, guild)
    assert client.session.session_key != before
    client.post("/accounts/logout/")
    other = Client()
    other_session = other.session
    other_session["draft"] = "half a thought"
    other_session.save()
    go(other, guild)
    assert (who(other), other.session["draft"]) == ("dora", "half a thought")


def test_the_second_step_is_asked_for_here_too(client, guild):
    join(client, guild)
    TOTP.activate(User.objects.get(), generate_totp_secret())
    assertRedirects(go(client, guild), "/accounts/2fa/authenticate/")
    assert who(client) is None


def test_a_closed_account_stays_closed(client, guild):
    join(client, guild)
    User.objects.update(is_active=False)
    assertRedirects(go(client, guild), "/accounts/inactive/")
    assert who(client) is None


def test_an_address_that_nobody_confirmed_is_confirmed_by_code(client, guild):
    guild.person["email_verified"] = False
    go(client, guild)
    assertRedirects(client.post(FINISH, {"username": "dora", "email": "dora@work.example"}), CONFIRM_EMAIL)
    assert who(client) is None
    assert mail.outbox[-1].to == ["dora@work.example"]
    client.post(CONFIRM_EMAIL, {"code": emailed_code()})
    assert who(client) == "dora"
    assert EmailAddress.objects.values_list("email", "verified").get() == ("dora@work.example", True)


@pytest.mark.parametrize("word", [False, None, "false", "no", 0, 1, "1", ["true"], {}])
def test_only_yes_means_confirmed(client, guild, word):
    guild.person["email_verified"] = word
    go(client, guild)
    client.post(FINISH, {"username": "dora", "email": "dora@example.org"})
    assert (who(client), EmailAddress.objects.get().verified) == (None, False)


def test_a_confirmed_address_cannot_be_typed_over(client, guild):
    go(client, guild)
    client.post(FINISH, {"username": "dora", "email": "host@example.org"})
    assert EmailAddress.objects.values_list("email", flat=True).get() == "dora@example.org"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nora", "This username is taken."),
        ("n0ra", "too similar to that of a host or moderator"),
        ("admin", "This username is reserved."),
        ("..", "Use 2 to 30 lowercase letters"),
    ],
)
def test_an_invalid_name_is_refused_with_a_message_and_nothing_is_lost(client, guild, name, words):
    make_host("nora")
    go(client, guild)
    page = client.post(FINISH, {"username": name})
    assertContains(page, words)
    assertContains(page, 'id="id_username_error"')
    client.post(FINISH, {"username": "dora"})
    assert who(client) == "dora"


def test_a_sign_up_page_without_a_pending_login_leads_to_sign_in(client):
    assertRedirects(client.get(FINISH), LOGIN)


# --- an address that has an account already ---


def test_an_email_alone_links_no_account_but_its_owner_connects_both_by_signing_in(client, guild):
    make_member("alice", email="dora@example.org")
    answer = go(client, guild, "process=login&next=/members/")
    assertRedirects(answer, f"{LOGIN}?next=%2Fmembers%2F", fetch_redirect_response=False)
    assertContains(client.get(LOGIN), KNOWN)
    assert (who(client), SocialAccount.objects.count()) == (None, 0)
    client.post(LOGIN, {"login": "alice", "password": PASSWORD})
    assert SocialAccount.objects.values_list("user__username", "uid").get() == ("alice", "7")
    assert mail.outbox[-1].subject == "You can now sign in with The Guild"
    assertContains(client.get("/members/"), "You can now sign in with The Guild too.")
    client.post("/accounts/logout/")
    go(client, guild)
    assert who(client) == "alice"


def test_another_member_who_signs_in_at_the_same_browser_gets_nothing(client, guild, other_member):
    make_member("alice", email="dora@example.org")
    go(client, guild)
    client.post(LOGIN, {"login": "bob", "password": PASSWORD})
    client.post("/accounts/logout/")
    client.post(LOGIN, {"login": "alice", "password": PASSWORD})
    assert SocialAccount.objects.count() == 0


def test_two_tabs_join_it_once(client, guild):
    make_member("alice", email="dora@example.org")
    other = Client()
    go(client, guild)
    go(other, guild)
    for one in (client, other):
        one.post(LOGIN, {"login": "alice", "password": PASSWORD})
        assert who(one) == "alice"
    assert SocialAccount.objects.count() == 1


def test_an_unconfirmed_address_tells_nothing_and_takes_nothing(client, guild):
    alice = make_member("alice", email="dora@example.org")
    guild.person["email_verified"] = False
    assertRedirects(go(client, guild), FINISH)
    answer = client.post(FINISH, {"username": "mallory", "email": "dora@example.org"})
    assertRedirects(answer, CONFIRM_EMAIL)
    assert (who(client), SocialAccount.objects.count(), User.objects.get()) == (None, 0, alice)
    assert mail.outbox[-1].subject == "You already have an account"


def test_a_sign_up_that_somebody_else_began_does_not_keep_the_owner_out(client, guild):
    Client().post(SIGNUP, {"email": "dora@example.org", "username": "dora", "password1": GOOD})
    go(client, guild)
    client.post(FINISH, {"username": "dora"})
    user = User.objects.get()
    assert (who(client), user.has_usable_password()) == ("dora", False)


# --- connecting and disconnecting ---


@pytest.fixture
def alice(client) -> User:
    alice = make_member("alice")
    client.post(LOGIN, {"login": "alice", "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return alice


def test_a_member_connects_and_disconnects_an_account_elsewhere(client, guild, alice):
    assertContains(client.get(CONNECTIONS), "No connected accounts yet.")
    assertRedirects(go(client, guild, "process=connect"), CONNECTIONS)
    page = client.get(CONNECTIONS)
    assertContains(page, "<b>The Guild</b> dora")
    account = SocialAccount.objects.get()
    assert (account.user, EmailAddress.objects.filter(user=alice).count()) == (alice, 1)
    assertContains(
        client.post(CONNECTIONS, {"account": account.pk}, follow=True),
        "Disconnected. You can no longer sign in with it.",
    )
    assert SocialAccount.objects.count() == 0
    assert [message.subject for message in mail.outbox[-2:]] == [
        "You can now sign in with The Guild",
        "You can no longer sign in with The Guild",
    ]


def test_connecting_an_account_needs_reauthentication(client, guild):
    make_member("alice")
    client.post(LOGIN, {"login": "alice", "password": PASSWORD})
    session = client.session
    del session["account_authentication_methods"]
    session.save()
    assertRedirects(go(client, guild, "process=connect"), "/accounts/reauthenticate/")
    assert SocialAccount.objects.count() == 0
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert SocialAccount.objects.count() == 1


def test_an_external_account_belongs_to_one_member(client, guild):
    join(Client(), guild)
    make_member("alice")
    client.post(LOGIN, {"login": "alice", "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get(guild.send_back(set_out(client, "process=connect")), follow=True)
    assertContains(page, "This account at The Guild is connected to another account here.")
    assert SocialAccount.objects.get().user.username == "dora"


def test_who_has_no_password_may_disconnect_the_last_one_because_a_code_brings_them_in(client, guild):
    go(client, guild)
    client.post(FINISH, {"username": "dora"})
    client.post(CONNECTIONS, {"account": SocialAccount.objects.get().pk})
    assert SocialAccount.objects.count() == 0


def test_nobody_disconnects_what_is_not_theirs(client, guild, alice):
    join(Client(), guild)
    for number in (SocialAccount.objects.get().pk, "x", "9" * 30, ""):
        assert client.post(CONNECTIONS, {"account": number}).status_code == 200
    assert SocialAccount.objects.count() == 1


def test_an_account_at_a_place_whose_keys_are_gone_can_still_be_seen_and_let_go(client, guild, settings):
    join(client, guild)
    go(client, guild)
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assertContains(client.get(CONNECTIONS), "<b>Guild</b> dora")
    assertRedirects(client.post(CONNECTIONS, {"account": SocialAccount.objects.get().pk}), CONNECTIONS)
    assert SocialAccount.objects.count() == 0


# --- cancelling, lies, faults ---


def test_a_cancelled_sign_in_says_that_nothing_happened(client, guild):
    guild.refuses = True
    page = client.get(guild.send_back(set_out(client)), follow=True)
    assertContains(page, "<h1>Sign-in cancelled</h1>")
    assert (who(client), User.objects.count()) == (None, 0)


LIES = {
    "for another site": {"claims": {"aud": "another-site"}},
    "for several, handed on by another": {"claims": {"aud": [CLIENT_ID, "other"], "azp": "other"}},
    "from another server": {"claims": {"iss": "https://evil.example"}},
    "for another sign-in": {"claims": {"nonce": "of another browser"}},
    "for no sign-in": {"claims": {"nonce": None}},
    "out of date": {"claims": {"exp": 1_000_000_000}},
    "without an end": {"claims": {"exp": None}},
    "made in the future": {"claims": {"iat": 9_000_000_000}},
    "about nobody": {"claims": {"sub": None}},
    "about nothing": {"claims": {"sub": ""}},
    "about a NUL": {"claims": {"sub": "7\x00"}},
    "about too much": {"claims": {"sub": "7" * 192}},
    "about a number": {"claims": {"sub": 7}},
    "signed by somebody else": {"signs_with": "stranger"},
    "signed with a key that is not there": {"header": {"kid": "other"}},
    "signed with what both know": {"header": {"alg": "HS256"}},
    "not signed": {"header": {"alg": "none"}},
    "with user info about another": {
        "claims_hold_email": False,
        "info": {"sub": "8", "email": "host@example.org"},
    },
    "of a server with another name": {"config": {"issuer": "https://evil.example"}},
    "of a server without a name": {"config": {"issuer": None}},
    "with no keys": {"answers": {"/keys": {"keys": []}}},
    "with strange keys": {"answers": {"/keys": {"keys": "none", "x": [1]}}},
    "with keys that are a list": {"answers": {"/keys": [1, 2]}},
    "without a token": {"answers": {"/token": {"access_token": "x"}}},
    "with a token of nothing": {"answers": {"/token": {"access_token": "x", "id_token": 7}}},
    "with a token in pieces": {"answers": {"/token": {"access_token": "x", "id_token": "a.b.c"}}},
    "with nonsense for a token": {"answers": {"/token": b"<html>"}},
    "with a list for a token": {"answers": {"/token": ["access_token"]}},
    "with a refusal": {"answers": {"/token": 500}},
    "with user info that is away": {"claims_hold_email": False, "answers": {"/info": 503}},
    "with user info in pieces": {"claims_hold_email": False, "answers": {"/info": b"{"}},
}


@pytest.mark.filterwarnings("ignore:The HMAC key is")
def test_a_token_that_lies_brings_nobody_in(guild):
    join(Client(), guild)
    answers = {}
    for name, lie in LIES.items():
        client, honest = Client(), {key: getattr(guild, key) for key in lie}
        address = set_out(client)
        cache.clear()  # the server's metadata is cached for a while
        for key, value in lie.items():
            setattr(guild, key, value)
        answer = client.get(guild.send_back(address))
        for key, value in honest.items():
            setattr(guild, key, value)
        cache.clear()
        answers[name] = (answer.status_code, NOT_VERIFIED in answer.content.decode(), who(client))
    assert answers == dict.fromkeys(LIES, (401, True, None))
    assert (SocialAccount.objects.count(), User.objects.count()) == (1, 1)


@pytest.mark.parametrize("fault", [{"answers": {"/.well-known/openid-configuration": 500}}, {"answers": {"/.well-known/openid-configuration": b"x"}},
                                   {"answers": {"/.well-known/openid-configuration": []}}, {"config": {"authorization_endpoint": "javascript:alert(1)"}},
                                   {"config": {"token_endpoint": None}}, {"config": {"jwks_uri": "file:///etc/passwd"}}])  # fmt: skip
def test_a_server_that_is_not_well_sends_nobody_anywhere(client, guild, fault):
    for name, value in fault.items():
        setattr(guild, name, value)
    assertContains(client.post(f"{BEGIN}?process=login"), "<h1>Sign-in failed</h1>", status_code=401)


def test_a_server_that_is_gone_or_silent_is_not_waited_for(client, guild, settings):
    settings.SOCIALACCOUNT_REQUESTS_TIMEOUT = 0.2
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for url in ("http://127.0.0.1:1", f"http://127.0.0.1:{silent.getsockname()[1]}"):
            settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = url
            assertContains(client.post(f"{BEGIN}?process=login"), "<h1>Sign-in failed</h1>", status_code=401)


def test_what_is_wrong_there_is_written_down_for_who_runs_this_site(client, guild, caplog):
    guild.claims = {"aud": "another-site"}
    go(client, guild)
    client.get(f"{BEGIN}callback/?code=1&state=made-up")
    assert [
        record.getMessage() for record in caplog.records if record.name == "accounts.allauth.adapter"
    ] == [
        """Sign-in through The Guild failed: OAuth2Error("the token is not good: Audience doesn't match")"""
    ]


def test_clicks_are_counted_and_make_few_questions(client, guild):
    statuses = [client.post(f"{BEGIN}?process=login").status_code for _ in range(32)]
    assert statuses == [200] * 30 + [429] * 2
    assert guild.asked == ["/.well-known/openid-configuration"]


def test_an_answer_fits_the_browser_that_asked_and_works_once(client, guild):
    join(Client(), guild)
    back = guild.send_back(set_out(client))
    assert Client().get(back).status_code == 401
    client.get(back)
    assert who(client) == "dora"
    client.post("/accounts/logout/")
    assert client.get(back).status_code == 401
    assert who(client) is None


@pytest.mark.parametrize(
    "query",
    [
        "",
        "code=1",
        "state=1&code=1",
        "state=\ud800&code=%FF",
        f"state={'x' * 5000}",
        "error=access_denied",
        "code=%00",
    ],
)
def test_whatever_is_sent_to_the_way_back_nothing_breaks(client, guild, query):
    expected = 400 if "%00" in query else 401
    assert (
        client.get(f"{BEGIN}callback/?{query.encode('utf-8', 'surrogatepass').decode('latin-1')}").status_code
        == expected
    )


@pytest.mark.parametrize("path", ["github/login", "oidc/guild/login"])
def test_whatever_fails_on_what_a_place_says_is_said_to_have_failed_there(
    client, monkeypatch, guild, settings, path
):
    settings.SOCIALACCOUNT_PROVIDERS = settings.SOCIALACCOUNT_PROVIDERS | {
        "github": {"APPS": [{"client_id": "x", "secret": "y"}]}
    }

    def fail(*_args: object, **_kwargs: object) -> None:
        raise KeyError("expected")

    monkeypatch.setattr(OAuth2CallbackView, "_get_state", lambda _self, _request, _provider: ({}, None))
    monkeypatch.setattr(OAuth2Adapter, "get_access_token_data", fail)
    response = client.get(f"/accounts/{path}/callback/", {"code": "x", "state": "y"})
    assert response.status_code < 500
    assertTemplateUsed(response, "socialaccount/authentication_error.html")


@pytest.mark.parametrize(
    "answer",
    ["nonsense", [], {"access_token": ["?"]}, {}, None, {"access_token": "good", "expires_in": "soon"}],
)
@pytest.mark.parametrize("path", ["github/login", "oidc/guild/login"])
def test_a_place_that_answers_with_nonsense_is_said_to_do_so(
    client, monkeypatch, guild, settings, path, answer
):
    settings.SOCIALACCOUNT_PROVIDERS = settings.SOCIALACCOUNT_PROVIDERS | {
        "github": {"APPS": [{"client_id": "x", "secret": "y"}]}
    }
    monkeypatch.setattr(OAuth2CallbackView, "_get_state", lambda _self, _request, _provider: ({}, None))
    monkeypatch.setattr(OAuth2Adapter, "get_access_token_data", lambda *_args, **_kwargs: answer)
    monkeypatch.setattr(
        "requests.Session.request",
        lambda *_args, **_kwargs: SimpleNamespace(
            json=lambda: answer, raise_for_status=lambda: None, status_code=200, text=""
        ),
    )
    response = client.get(f"/accounts/{path}/callback/", {"code": "x", "state": "y"})
    assert response.status_code < 500
    assertTemplateUsed(response, "socialaccount/authentication_error.html")
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("path", ["google", "github", "facebook", "twitter_oauth2", "oidc/linkedin"])
@pytest.mark.parametrize("query", ["", "state=1&code=1", "error=access_denied"])
def test_an_answer_that_nobody_asked_for_brings_nobody_in(client, monkeypatch, path, query):
    monkeypatch.setattr("accounts.allauth.openid.provider.OpenIDConnectAdapter.openid_config", {})
    assertContains(
        client.get(f"/accounts/{path}/login/callback/?{query}"), "<h1>Sign-in failed</h1>", status_code=401
    )


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "https://[evil.example/", "javascript:alert(1)"]
)
def test_the_way_on_stays_on_this_site(client, guild, target):
    join(Client(), guild)
    assertRedirects(go(client, guild, f"process=login&next={target}"), "/", fetch_redirect_response=False)


# --- what is used of providers' data ---


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Dora", None], "dora"),
        ([None, "Dóra Végh"], "dora-vegh"),
        (["dora@example.org", "Dora V."], "dora-v"),
        (["admin", "Ada"], "ada"),
        (["alice", "The Alice"], "the-alice"),
        (["日本", "…"], ""),
        (["x" * 80], "x" * 30),
        (["\ud800dora\x00", 7, ["x"]], "dora"),
        ([], ""),
    ],
)
def test_a_user_name_is_suggested_that_is_free_and_never_an_address(member, names, expected):
    assert suggest_username(names) == expected


SAID = {
    "google": ({"sub": "1", "email": "D.Vega@gmail.com", "email_verified": True, "given_name": "Dora", "picture": "x"}, "dora", "d.vega@gmail.com", True),
    "github": (
        {
            "id": 1, "login": "Dora-V", "name": "Dora Vega", "avatar_url": "x", "email": None,
            "emails": [{"email": "old@example.org", "primary": False, "verified": True}, {"email": "d@example.org", "primary": True, "verified": True}],
        },
        "dora-v", "d@example.org", True,
    ),
    "facebook": ({"id": "1", "email": "d@example.org", "name": "Dora Vega"}, "dora-vega", "d@example.org", False),
    "twitter_oauth2": ({"id": "1", "username": "DoraV", "name": "Dora"}, "dorav", "", None),
    "linkedin": ({"sub": "1", "name": "Dora Vega", "email": "d@example.org", "email_verified": "true"}, "dora-vega", "d@example.org", True),
}  # fmt: skip


@pytest.mark.parametrize("place", SAID)
def test_of_all_that_a_place_says_a_name_and_one_address_are_taken(place, rf):
    said, username, email, is_confirmed = SAID[place]
    login = get_adapter().get_provider(rf.get("/"), place).sociallogin_from_response(rf.get("/"), said)
    assert (login.account.provider, login.account.uid, login.user.username, login.user.email) == (
        place,
        "1",
        username,
        email,
    )
    assert [(address.email, address.verified) for address in login.email_addresses] == (
        [(email, is_confirmed)] if email else []
    )
    assert set(login.account.extra_data) == {"name"}


def test_of_many_addresses_one_is_taken():
    def addresses(*given: tuple[str, bool, bool]) -> list[EmailAddress]:
        return [
            EmailAddress(email=email, verified=verified, primary=primary)
            for email, verified, primary in given
        ]

    many = addresses(
        ("a@example.org", True, False),
        ("7+a@users.noreply.github.com", True, False),
        ("b@example.org", True, True),
    )
    assert [address.email for address in one_address(many)] == ["b@example.org"]
    assert one_address(addresses(("7+a@users.noreply.github.com", True, True))) == []
    assert one_address([]) == []


def test_an_account_elsewhere_is_known_by_the_name_it_has_there():
    assert external_label({"username": "dora", "email": "dora@example.org"}) == "dora"
    assert external_label({"email": "dora@example.org", "name": "Dora"}) == "dora@example.org"
    assert external_label({"name": " Dora\x00\n\ud800 Vega " + "x" * 200}) == ("Dora Vega " + "x" * 200)[:100]
    assert external_label({"username": 7, "name": None}) == ""


def test_the_admin_changes_neither_keys_nor_connected_accounts():
    assert {model for model in admin.site._registry if model._meta.app_label == "socialaccount"} == set()
