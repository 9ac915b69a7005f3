"""Other emails with one-click unsubscribe: reminders to moderators, requests for an introduction."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from comments.models import Comment
from comments.services.writing import set_status
from core.utils import optout
from moderation.models import ModeratorPreferences
from moderation.services.reminders import email_overdue_reviews
from notifications.email.tokens import Grant, make_token
from tests.factories import make_comment

pytestmark = pytest.mark.django_db

ONE_CLICK = {"data": "List-Unsubscribe=One-Click", "content_type": "application/x-www-form-urlencoded"}


@pytest.fixture
def introduction(member, other_member, signed_in):
    """The email that asks Bob whether he wants to be introduced to Alice."""
    User.objects.filter(pk=other_member.pk).update(takes_introductions=True)
    signed_in(member).post("/members/bob/introduction/", {"words": "You mend radios."})
    return mail.outbox.pop()


@pytest.fixture
def reminder(post, host):
    """The email that tells Nora that a comment has been pending for thirteen hours."""
    set_status(make_comment(post), Comment.Status.HELD)
    mail.outbox.clear()
    with time_machine.travel(timezone.now() + timedelta(hours=13), tick=False):
        assert email_overdue_reviews() == 1
    return mail.outbox.pop()


def settings_of(bob: User, nora: User) -> tuple[bool, bool]:
    """Return (whether Bob accepts introductions, whether Nora wants reminders)."""
    wants = ModeratorPreferences.objects.filter(moderator=nora).values_list("wants_mail", flat=True).first()
    return User.objects.get(pk=bob.pk).takes_introductions, wants is not False


def link_in(message) -> str:
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = re.fullmatch(
        r"<http://testserver(/unsubscribe/[\w.-]+/)>", message.extra_headers["List-Unsubscribe"]
    )[1]
    assert f"http://testserver{link}" in message.body
    for html, _type in message.alternatives:
        assert f'href="http://testserver{link}"' in html
    return link


@pytest.mark.parametrize(("what", "left"), [("introduction", (False, True)), ("reminder", (True, False))])
def test_one_click_turns_off_that_kind_and_nothing_else(
    introduction, reminder, client, other_member, host, what, left
):
    link = link_in({"introduction": introduction, "reminder": reminder}[what])
    client.handler.enforce_csrf_checks = True
    assert client.get(link).status_code == 200
    assert settings_of(other_member, host) == (True, True)
    assertContains(client.post(link, **ONE_CLICK), "Turned off:")
    assert settings_of(other_member, host) == left
    assertContains(client.get(link), "It is turned off.")
    assertContains(client.post(link, {"turn": "on"}), "Turned on again:")
    assert settings_of(other_member, host) == (True, True)


def test_turned_off_no_email_comes_any_more(introduction, reminder, client, signed_in, member, host):
    client.post(link_in(introduction), **ONE_CLICK)
    client.post(link_in(reminder), **ONE_CLICK)
    assertNotContains(signed_in(member).get("/members/bob/"), "Ask to be introduced")
    with time_machine.travel(timezone.now() + timedelta(days=3), tick=False):
        assert email_overdue_reviews() == 0
    assert mail.outbox == []


def test_a_link_for_one_kind_opens_no_other(introduction, client, other_member, host):
    signed = link_in(introduction).split("/")[2].partition(".")[2]
    wrong = [
        f"reminders.{signed}",
        f"introductions.{signed[:-1]}",
        f"nothing.{signed}",
        signed,
        "introductions.",
        "introductions",
    ]
    wrong.append(f"introductions.{make_token(Grant(other_member.pk, 'answers'))}")
    for token in wrong:
        assert client.post(f"/unsubscribe/{token}/", **ONE_CLICK).status_code == 404, token
    assert settings_of(other_member, host) == (True, True)


@pytest.mark.parametrize("kind", ["events", "introductions", "missed", "reminders"])
def test_who_has_gone_has_nothing_to_turn_off(client, kind):
    link = optout.OPT_OUTS[kind].url(987_654)
    assert (client.get(link).status_code, client.post(link, **ONE_CLICK).status_code) == (404, 404)


def test_each_kind_has_a_purpose_of_its_own():
    assert sorted(optout.OPT_OUTS) == ["events", "in-touch", "introductions", "missed", "reminders", "weekly"]
