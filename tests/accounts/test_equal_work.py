"""Response times do not reveal who is a member: each path has the same number of hashes and emails."""

from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.hashers import MD5PasswordHasher, get_hashers
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.models import AccountDeletion, User
from accounts.services.deletion import request_deletion
from tests.accounts.test_signing_in import CODE, GOOD, LOGIN, RESET, SIGNUP
from tests.factories import make_host, make_member

pytestmark = pytest.mark.django_db


class CountingHasher(MD5PasswordHasher):
    """Counts hashes, which take half a second on a site. (MD5PasswordHasher.verify calls encode.)"""

    hashes = 0

    def encode(self, password: str, salt: str) -> str:
        type(self).hashes += 1
        return super().encode(password, salt)


@pytest.fixture(autouse=True)
def counting(settings) -> Iterator[None]:
    settings.PASSWORD_HASHERS = ["tests.accounts.test_equal_work.CountingHasher"]
    get_hashers.cache_clear()
    yield
    get_hashers.cache_clear()


def make_without_password(name: str) -> User:
    user = make_member(name, password=None)
    assert not user.has_usable_password()
    return user


def make_from_elsewhere(name: str) -> User:
    user = make_without_password(name)
    SocialAccount.objects.create(user=user, provider="github", uid=name)
    return user


def make_leaving(name: str) -> User:
    user = make_member(name)
    request_deletion(user, AccountDeletion.Words.KEEP)
    mail.outbox.clear()
    return user


def make_unconfirmed(name: str) -> User:
    user = User.objects.create_user(name, f"{name}@example.org", GOOD)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    return user


def make_twice_claimed(name: str) -> User:
    """Two accounts that began to sign up with the same address, neither of which has confirmed it."""
    other = User.objects.create_user(f"{name}-too", f"{name}@example.org", GOOD)
    EmailAddress.objects.create(user=other, email=other.email, primary=True, verified=False)
    return User.objects.create_user(name, f"{name}@example.org", GOOD)


PEOPLE = {
    "nobody": lambda name: None,
    "member": make_member,
    "host": make_host,
    "closed": lambda name: make_member(name, is_active=False),
    "leaving": make_leaving,
    "by code only": make_without_password,
    "from elsewhere": make_from_elsewhere,
    "never confirmed": make_unconfirmed,
    "twice claimed": make_twice_claimed,
}
# The form, and the number of hashes and emails for everyone.
WAYS = {
    "sign in by name": (LOGIN, {"login": "vera", "password": "wrong words"}, (1, 0)),
    "sign in by name in capitals": (LOGIN, {"login": "VERA", "password": "wrong words"}, (1, 0)),
    "sign in by address": (LOGIN, {"login": "vera@example.org", "password": "wrong words"}, (1, 0)),
    "sign in by address in capitals": (
        LOGIN,
        {"login": "Vera@Example.ORG", "password": "wrong words"},
        (1, 0),
    ),
    "sign up with password": (
        SIGNUP,
        {"email": "vera@example.org", "username": "dora", "password1": GOOD},
        (1, 1),
    ),
    "sign up without": (SIGNUP, {"email": "vera@example.org", "username": "dora", "password1": ""}, (0, 1)),
    "ask for a code": (CODE, {"email": "vera@example.org"}, (0, 1)),
    "ask for a new password": (RESET, {"email": "vera@example.org"}, (0, 1)),
}


@pytest.mark.parametrize("kind", PEOPLE)
@pytest.mark.parametrize("way", WAYS)
def test_every_way_costs_the_same_for_everybody(way, kind):
    path, data, expected = WAYS[way]
    PEOPLE[kind]("vera")
    CountingHasher.hashes = 0
    response = Client().post(path, data)
    assert response.status_code == (200 if path == LOGIN else 302)
    assert (CountingHasher.hashes, len(mail.outbox)) == expected


def test_the_right_password_costs_one_hash_too(member):
    for name in ("alice", "alice@example.org"):
        User.objects.get(pk=member.pk).set_password(GOOD)
        User.objects.filter(pk=member.pk).update(
            password=MD5PasswordHasher().encode(GOOD, MD5PasswordHasher().salt())
        )
        CountingHasher.hashes = 0
        assert Client().post(LOGIN, {"login": name, "password": GOOD}).status_code == 302
        assert CountingHasher.hashes == 1


def test_of_two_who_never_confirmed_one_address_each_signs_in_by_name():
    make_twice_claimed("vera")
    for name in ("vera", "vera-too"):
        cache.clear()  # not within a minute: the second code to one address would be one too many
        assert (
            Client().post(LOGIN, {"login": name, "password": GOOD})["Location"] == "/accounts/confirm-email/"
        )
        # and is asked for the code there


def test_reauthentication_costs_one_hash(member, signed_in):
    client = signed_in(member)
    CountingHasher.hashes = 0
    client.post("/accounts/reauthenticate/", {"password": "wrong words"})
    assert CountingHasher.hashes == 1
