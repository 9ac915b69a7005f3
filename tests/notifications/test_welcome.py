"""Onboarding: name, picture, notification settings and first steps of a new member. All can be skipped."""

import pytest
from pytest_django.asserts import assertContains, assertRedirects

from accounts.models import User
from notifications.services.preferences import preferences_of
from tests.factories import make_comment, make_member, make_picture, make_post

pytestmark = pytest.mark.django_db

WELCOME = "/members/me/welcome/"


@pytest.fixture
def newcomer(signed_in):
    return signed_in(make_member("newcomer"))


def test_each_step_saves_and_leads_to_the_next(newcomer):
    answer = newcomer.post(WELCOME, {"display_name": " Nele  Bruns ", "avatar": make_picture((600, 400))})
    assertRedirects(answer, f"{WELCOME}?step=2")
    member = User.objects.get(username="newcomer")
    assert (member.display_name, bool(member.avatar), preferences_of(member)["answers"]) == (
        "Nele Bruns",
        True,
        "at_once",
    )
    answer = newcomer.post(f"{WELCOME}?step=2", {"replies": "daily"})
    assertRedirects(answer, f"{WELCOME}?step=3")
    assert preferences_of(member)["answers"] == "daily"
    assertRedirects(newcomer.post(f"{WELCOME}?step=3"), "/")


def test_each_step_can_be_skipped_and_skipping_changes_nothing(newcomer):
    before = User.objects.values().get(username="newcomer")
    for step, after in ((WELCOME, "?step=2"), (f"{WELCOME}?step=2", "?step=3")):
        assertContains(newcomer.get(step), f'<a class="btn plain" href="{after}">Skip</a>')
    assert User.objects.values().get(username="newcomer") == before


def test_what_was_saved_before_stays_when_nothing_new_is_given(newcomer):
    newcomer.post(WELCOME, {"display_name": "Nele", "avatar": make_picture((600, 400))})
    avatar = User.objects.get(username="newcomer").avatar.name
    newcomer.post(WELCOME, {"display_name": "Nele Bruns"})
    member = User.objects.get(username="newcomer")
    assert (member.display_name, member.avatar.name) == ("Nele Bruns", avatar)


@pytest.mark.parametrize(
    ("step", "typed", "error"),
    [
        ("1", {"display_name": "N\u043era"}, "Write each word in a single alphabet."),
        ("1", {"display_name": "x" * 200}, "at most"),
        ("2", {"replies": "by pigeon"}, "by pigeon is not one of the available choices"),
        ("2", {"x": "y"}, "This field is required."),
    ],
)
def test_what_cannot_be_is_refused_at_the_field(newcomer, step, typed, error):
    answer = newcomer.post(f"{WELCOME}?step={step}", typed)
    assert answer.status_code == 422
    assertContains(answer, error, status_code=422)


@pytest.mark.parametrize("step", ["0", "4", "x", "9" * 99])
def test_any_other_step_is_the_first(newcomer, step):
    assertContains(newcomer.get(WELCOME, {"step": step}), "Step 1 of 3")


def test_the_last_step_shows_where_people_talk(newcomer):
    quiet, lively = make_post(title="Quiet"), make_post(title="Lively")
    make_comment(lively, status="public")
    page = newcomer.get(WELCOME, {"step": "3"}).content.decode()
    assert page.index(lively.get_absolute_url()) < page.index(quiet.get_absolute_url())
