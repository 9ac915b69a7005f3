"""Tokens: created and revoked by the member, shown once, stored as a hash."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from accounts.services.deletion import request_deletion
from accounts.services.merging import merge_accounts
from api.models import Token, hash_of
from moderation.services.members import ban
from tests.api.access import Program, make_token, program_of
from tests.factories import PASSWORD, make_comment, make_member

pytestmark = pytest.mark.django_db

PAGE = "/members/me/tokens/"


@pytest.fixture
def own(member, client):
    """A client signed in as alice, who has just entered her password."""
    client.force_login(member)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def key_in(response) -> str:
    return response.context["key"]


def test_a_token_is_shown_once_and_kept_as_a_hash(own, member):
    response = own.post(PAGE, {"name": "Backup", "scopes": ["write"], "days": "30"})
    key, token = key_in(response), Token.objects.get()
    assert (response.status_code, key in response.content.decode()) == (200, True)
    assert (token.member, token.scopes, token.key_hash) == (member, ["read", "write"], hash_of(key))
    assert token.ends_on == timezone.localdate() + timedelta(days=30)
    assert key not in json.dumps(list(Token.objects.values()), default=str)
    assert f'data-copy="{key}"' in response.content.decode()
    assert key not in own.get(PAGE).content.decode()
    assert Program(key).get("me").json()["username"] == "alice"


def test_a_new_token_is_reported_by_email(own):
    mail.outbox.clear()
    own.post(PAGE, {"name": "Backup", "scopes": ["write"], "days": ""})
    [message] = mail.outbox
    assert (message.to, message.subject) == (["alice@example.org"], "A new API token on The Long Table")
    assert "“Backup”" in message.body
    assert Token.objects.get().begins_with not in message.body


def test_nobody_makes_one_who_has_not_signed_in_lately(member, signed_in):
    response = signed_in(member).post(PAGE, {"name": "Backup"})
    assert (response.status_code, "/reauthenticate/" in response["Location"]) == (302, True)
    assert not Token.objects.exists()


def test_mistakes_are_said_at_the_field(own, settings):
    settings.API_TOKENS_MAX = 1
    assert own.post(PAGE, {"name": " "}).context["form"].errors == {"name": ["Enter a name."]}
    # Members cannot grant a moderator's scope.
    refused = own.post(PAGE, {"name": "Power", "scopes": ["moderate"]})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["scopes"])
    own.post(PAGE, {"name": "One"})
    assert own.post(PAGE, {"name": "One"}).context["form"].errors == {
        "name": ["You already have a token with this name. Choose another name."]
    }
    assert own.post(PAGE, {"name": "Two"}).context["form"].errors == {
        "name": ["You can have up to 1 tokens. Delete one first."]
    }


def test_a_deleted_token_no_longer_works_and_the_page_asks_first(own, member, other_member, signed_in):
    key = make_token(member)
    address = f"{PAGE}{Token.objects.get().pk}/delete/"
    other = signed_in(other_member)
    assert (other.get(address).status_code, other.post(address).status_code) == (404, 404)
    assert f'href="{address}"' in own.get(PAGE).content.decode()
    assert own.get(address).context["token"].member == member
    assert Program(key).get("me").status_code == 200
    own.post(address)
    refused = Program(key).get("me")
    assert (refused.status_code, refused["WWW-Authenticate"]) == (
        401,
        'Bearer realm="api", error="invalid_token"',
    )


def test_a_token_ends_after_its_last_day(member, time_machine):
    time_machine.move_to(timezone.now())
    key = make_token(member, ends_on=timezone.localdate())
    assert Program(key).get("me").status_code == 200
    time_machine.shift(timedelta(days=1))
    assert Program(key).get("posts").status_code == 401


def test_the_day_of_its_last_use_is_noted(member):
    key = make_token(member)
    Program(key).get("me")
    assert Token.objects.get().last_used_on == timezone.localdate()


@pytest.mark.parametrize("how", ["password", "ban", "leaving", "merging"])
def test_tokens_end_as_sessions_do(how, own, member, moderator, host):
    make_token(member)
    if how == "password":
        new = "forks and knives for nine"
        own.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    elif how == "ban":
        ban(member, by=moderator, words="No.")
    elif how == "leaving":
        request_deletion(member, "erase")
    else:
        merge_accounts(make_member("kept"), member, by=host)
    assert not Token.objects.exists()


@pytest.mark.parametrize("how", ["set in the admin", "taken away in the admin", "set by a command"])
def test_a_new_password_ends_all_tokens(how, member, host, signed_in, monkeypatch):
    key, new = make_token(member), "forks and knives for nine"
    if how == "set by a command":
        monkeypatch.setattr("getpass.getpass", lambda *_args, **_kwargs: new)
        call_command("changepassword", member.username, stdout=StringIO())
    else:
        sent = {"password1": new, "password2": new, "usable_password": "true"}
        if how == "taken away in the admin":
            sent = {"usable_password": "false", "unset-password": "1"}
        signed_in(host).post(f"/admin/accounts/user/{member.pk}/password/", sent)
    member.refresh_from_db()
    assert member.check_password(new) == (how != "taken away in the admin")
    assert not member.check_password(PASSWORD)
    assert Program(key).get("me").status_code == 401


def test_hashing_the_same_password_anew_ends_no_token(member, settings, client):
    key = make_token(member)
    member.refresh_from_db()
    before = member.password
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    client.post("/accounts/login/", {"login": member.email, "password": PASSWORD})
    member.refresh_from_db()
    assert member.password != before
    assert Program(key).get("me").status_code == 200


def test_tokens_outlive_signing_out_devices_and_the_page_says_so(own, member):
    key = make_token(member)
    page = own.get("/accounts/sessions/").content.decode()
    assert "Signing out a device doesn’t delete your API tokens." in page
    own.post("/accounts/sessions/")
    assert Program(key).get("me").status_code == 200


def test_a_session_signs_nobody_in(own, post, member):
    """So other sites cannot use a reader's cookie, and no CSRF token is needed."""
    assert Program(client=own).get("me").status_code == 401
    assert Program(client=own).post(f"posts/{post.slug}/comments", {"body": "Hi."}).status_code == 401
    held = make_comment(post, member, status="held")
    assert Program(client=own).get(f"comments/{held.pk}").status_code == 404
    assert not Program(client=own).get("posts").cookies


def test_a_scope_is_not_another(member, post):
    refused = program_of(member).post(f"posts/{post.slug}/comments", {"body": "Hi."})
    assert (refused.status_code, refused.json()["code"]) == (403, "scope")
    assert program_of(member).get("posts").status_code == 200


def test_visitors_read_up_to_a_limit_for_their_address(post, member, settings):
    settings.RATE_LIMITS = True
    settings.API_RATES = {"visitor": [(2, 3600)], "token": [(3, 3600)]}
    assert [Program().get("posts").status_code for _try in range(3)] == [200, 200, 429]
    program = program_of(member)
    assert [program.get("posts").status_code for _try in range(4)] == [200, 200, 200, 429]


def test_the_page_looks_after_moderators_and_hosts(moderator, host, signed_in, settings):
    def scopes(who):
        form = signed_in(who).get(PAGE).context["form"]
        return [value for value, _label in form.fields["scopes"].choices]

    assert (scopes(moderator), scopes(host)) == (["write", "moderate"], ["write", "moderate", "host"])
    settings.REQUIRE_SECOND_STEP = True
    assert scopes(moderator) == ["write"]
