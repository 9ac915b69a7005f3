"""Accounts for visitors who have only confirmed an email address."""

import re

import pytest

from accounts.models import User
from accounts.services.email_codes import create_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def create(rf):
    def take(name):
        return create_account(rf.get("/"), email=f"n{User.objects.count()}@example.org", name=name)

    return take


def test_the_name_in_addresses_is_made_of_what_people_call_them(create):
    names = ["Dóra Weiß", "dora weiss", "Dora-Weiss", "J", "x" * 60, "Search"]
    found = [create(name) for name in names]
    assert [member.display_name for member in found] == names
    assert [member.username for member in found] == [
        "dora-weiss",
        "dora-weiss-2",
        "dora-weiss-3",
        "j-2",
        "x" * 24,
        "search-2",
    ]


@pytest.mark.parametrize("name", ["Дора", "山田太郎"])
def test_who_writes_in_another_alphabet_keeps_their_name(create, name):
    member = create(name)
    assert re.fullmatch(r"reader-[2-9]{8}", member.username)
    assert member.display_name == name


@pytest.mark.parametrize("name", ["Nora", "n0ra"])
def test_names_of_staff_are_not_given_away(create, host, name):
    member = create(name)
    assert (member.username[:7], member.display_name) == ("reader-", "")


@pytest.mark.parametrize(
    "name", ["Best SEO Agency London", "Schlüsseldienst Köln 24h", "Casino Bonus Online"]
)
def test_a_name_that_is_an_advert_is_not_in_addresses_either(create, name):
    """It is hidden until a moderator shows it, and the username stands in its place."""
    member = create(name)
    assert re.fullmatch(r"reader-[2-9]{8}", member.username)
    stored = User.objects.get(pk=member.pk)
    assert (stored.display_name, stored.profile_hidden, stored.get_display_name()) == (
        name,
        True,
        member.username,
    )
