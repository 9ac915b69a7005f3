"""Two members who have not talked for half a year are reminded of each other: both at once, if both opted in."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import Mute, User
from accounts.services.merging import merge_accounts
from closer.models import Choice, Reminder
from closer.services import reminders
from closer.services.choices import choose
from closer.services.reminders import PAUSE, remind, send_reminders
from posts.services.publishing import withdraw_post
from tests.closer.test_people import exchange
from tests.factories import make_host, make_member, make_post, put_comment, switch_on
from tests.figures import figure
from tests.notifications.test_timing import at

pytestmark = [pytest.mark.sql, pytest.mark.django_db]

NOW = at("2026-06-03T12:00")
LONG_AGO = NOW - timedelta(days=300)


@pytest.fixture(autouse=True)
def _is_on():
    switch_on("closer")
    with time_machine.travel(NOW, tick=False):
        yield


def wanting(name):
    """A member who asked for reminders last week."""
    member = make_member(name, email=f"{name}@example.org")
    choose(member, letter=False, reminders=True)
    Choice.objects.filter(member=member).update(reminder_due_at=NOW - timedelta(hours=1))
    return member


@pytest.fixture
def two():
    one, other = wanting("kay"), wanting("lou")
    return one, other, exchange(one, other, 3, begin=LONG_AGO)


def reminded():
    return sorted((email.to[0].partition("@")[0], email.subject) for email in mail.outbox)


def test_both_are_reminded_once(two):
    _one, _other, last = two
    assert (send_reminders(), send_reminders()) == (1, 0)
    assert reminded() == [("kay", "You and lou at The Long Table"), ("lou", "You and kay at The Long Table")]
    body = mail.outbox[0].body
    for said in (last.post.title, last.get_absolute_url(), "gets the same email", "/unsubscribe/in-touch."):
        assert said in body
    assert "example.org" not in body.replace("long-table.example.org", "")
    assert Reminder.objects.count() == 1


@pytest.mark.parametrize(
    "why",
    [
        "one_wants_none",
        "muted",
        "muted_by",
        "closed",
        "suspended",
        "hidden",
        "hides",
        "talked",
        "met",
        "withdrawn",
        "seldom",
    ],
)
def test_nobody_is_reminded(two, why):
    one, other, last = two
    match why:
        case "one_wants_none":
            choose(other, letter=True, reminders=False)
        case "muted":
            Mute.objects.create(member=one, muted=other)
        case "muted_by":
            Mute.objects.create(member=other, muted=one)
        case "closed":
            User.objects.filter(pk=other.pk).update(is_active=False)
        case "suspended":
            User.objects.filter(pk=other.pk).update(silent_until=NOW + timedelta(days=9))
        case "hidden" | "hides":
            hidden = one if why == "hides" else other
            User.objects.filter(pk=hidden.pk).update(profile_hidden=True)
        case "talked":
            exchange(other, one, 1, begin=NOW - timedelta(days=20))
        case "met":
            again = put_comment(last.post, one, created_at=NOW - timedelta(days=21))
            put_comment(last.post, other, parent=again, created_at=NOW - timedelta(days=20))
        case "withdrawn":
            withdraw_post(last.post)
        case "seldom":
            type(last).objects.filter(pk=last.pk).update(status="removed")
    assert (send_reminders(), mail.outbox, Reminder.objects.count()) == (0, [], 0)


def test_not_again_of_the_same_silence_and_not_of_others_for_a_while(two):
    one, _other, last = two
    assert send_reminders() == 1
    third = wanting("mel")
    exchange(one, third, 3, begin=LONG_AGO)
    mail.outbox.clear()
    looks = []
    for days in (1, 8, 60, PAUSE.days - 8):
        with time_machine.travel(NOW + timedelta(days=days), tick=False):
            looks.append(send_reminders())
    with time_machine.travel(NOW + PAUSE + timedelta(days=1), tick=False):
        looks.append(send_reminders())
    assert (looks, [name for name, _subject in reminded()]) == ([0, 0, 0, 0, 1], ["kay", "mel"])
    put_comment(
        last.post, one, parent=put_comment(last.post, two[1], parent=last, created_at=NOW), created_at=NOW
    )
    with time_machine.travel(NOW + timedelta(days=400), tick=False):
        assert send_reminders() == 1  # of the new silence
    assert Reminder.objects.count() == 2


@pytest.mark.parametrize("who", [0, 1])
def test_members_who_turn_reminders_off_in_the_meantime_are_not_reminded(two, who, monkeypatch):
    found = reminders._contact_for

    def find(member, now):
        choose(two[who], letter=True, reminders=False)
        return found(User.objects.get(pk=member.pk), now) or (two[1], two[2])

    monkeypatch.setattr(reminders, "_contact_for", find)
    Choice.objects.filter(member=two[1]).update(reminder_due_at=NOW + timedelta(hours=1))
    assert (remind(two[0].pk), mail.outbox, Reminder.objects.count()) == (False, [], 0)
    wanting = Choice.objects.exclude(reminder_due_at=None).values_list("member__username", flat=True)
    assert [*wanting] == [two[1 - who].username]


def test_nothing_leaves_while_the_part_is_off(two):
    switch_on()
    assert (send_reminders(), mail.outbox) == (0, [])


def test_merged_accounts_leave_no_reminder_of_oneself(two):
    one, other, _last = two
    send_reminders()
    merge_accounts(one, other, by=one)
    assert (Reminder.objects.count(), Choice.objects.count()) == (0, 1)


class AnyOrder(TestCase):
    """Opting in, muting, leaving and checks in any order: no one learns of a member who did not agree."""

    PEOPLE = ("ann", "ben", "cat")
    DO = st.tuples(
        st.sampled_from(["want", "stop", "mute", "unmute", "leave", "look", "wait"]),
        st.sampled_from(PEOPLE),
        st.sampled_from(PEOPLE),
    )

    def meet(self):
        switch_on("closer")
        self.people = {name: make_member(name, email=f"{name}@example.org") for name in self.PEOPLE}
        post = make_post(make_host("hostess"))
        for one, other in (("ann", "ben"), ("ben", "cat"), ("ann", "cat")):
            exchange(self.people[one], self.people[other], 3, begin=LONG_AGO, post=post)

    @settings(max_examples=figure(5, 30))
    @given(acts=st.lists(DO, max_size=12))
    def test_no_one_is_notified_of_members_who_did_not_agree(self, acts):
        self.meet()
        now, last = NOW, {}
        for act, name, other in acts:
            member = self.people[name]
            with time_machine.travel(now, tick=False):
                agree = {
                    one: one
                    in set(
                        Choice.objects.exclude(reminder_due_at=None).values_list(
                            "member__username", flat=True
                        )
                    )
                    and User.objects.get(username=one).is_active
                    for one in self.PEOPLE
                }
                match act:
                    case "want" | "stop":
                        choose(member, letter=False, reminders=act == "want")
                    case "mute" if name != other:
                        Mute.objects.get_or_create(member=member, muted=self.people[other])
                    case "unmute":
                        Mute.objects.filter(member=member, muted=self.people[other]).delete()
                    case "leave":
                        User.objects.filter(pk=member.pk).update(is_active=False)
                    case "look":
                        mail.outbox.clear()
                        if remind(member.pk):
                            told = {email.to[0].partition("@")[0] for email in mail.outbox}
                            assert len(told) == 2
                            assert all(agree[one] for one in told)
                            assert not Mute.objects.filter(
                                member__username__in=told, muted__username__in=told
                            ).exists()
                            assert frozenset(told) not in last
                            last[frozenset(told)] = now
                    case "wait":
                        now += timedelta(days=30)
