"""Names are sorted without regard to case and accents."""

import re
from importlib import import_module

import pytest
from django.apps import apps

from accounts.models import User
from tests.factories import make_comment, make_member

pytestmark = [pytest.mark.django_db, pytest.mark.sql]

NAMES = ["Zoë", "émile", "Ärzte", "anna", "Ängstrom", "Émilie", "Ōta", "Oscar", "ärger"]
SORTED = ["Ängstrom", "anna", "ärger", "Ärzte", "émile", "Émilie", "Oscar", "Ōta", "Zoë"]


@pytest.fixture
def members(post) -> None:
    for number, name in enumerate(NAMES):
        make_comment(post, make_member(f"m{number}", display_name=name))


def test_the_directory(members, client):
    page = client.get("/members/").content.decode()
    shown = re.findall("|".join(NAMES), re.sub(r"<[^>]+>", " ", page))
    assert list(dict.fromkeys(shown)) == SORTED


def test_typing_the_beginning_of_a_name_needs_no_accents(members):
    assert [member.display_name for member in User.objects.named_like("ar").by_name()] == ["ärger", "Ärzte"]
    assert [member.display_name for member in User.objects.named_like("Är").by_name()] == ["ärger", "Ärzte"]


def test_rows_from_before_are_sorted_too(members):
    User.objects.filter(username="m2").update(name_key="ärzte")
    migration = import_module("accounts.migrations.0029_names_without_accents")
    migration.fold(apps, None)
    assert User.objects.get(username="m2").name_key == "arzte"
    migration.unfold(apps, None)
    assert User.objects.get(username="m2").name_key == "ärzte"
