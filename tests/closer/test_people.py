"""The private page of a member’s regular contacts."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Mute, User
from closer.models import Choice
from closer.services import choices
from closer.services.contacts import contacts_of
from comments.models import Comment
from core.utils.optout import OPT_OUTS
from posts.services.publishing import withdraw_post
from tests.factories import make_member, put_comment, switch_on

pytestmark = pytest.mark.django_db

PAGE = "/members/me/in-touch/"


@pytest.fixture(autouse=True)
def _is_on():
    switch_on("closer")


def exchange(one, other, exchanges, *, post=None, begin=None, **last):
    """One writes, then the two reply in turn; each reply from the second on completes an exchange."""
    begin = begin or timezone.now() - timedelta(days=2)
    comment = put_comment(post, one, created_at=begin)
    for number in range(exchanges + 1):
        comment = put_comment(
            comment.post,
            (other, one)[number % 2],
            parent=comment,
            created_at=begin + timedelta(minutes=number + 1),
        )
    if last:
        Comment.objects.filter(pk=comment.pk).update(**last)
    return comment


def shown(client):
    return [partner.member.username for partner in client.get(PAGE).context["partners"]]


def test_three_exchanges_make_each_a_regular_contact_of_the_other(member, signed_in):
    often, seldom = make_member("otto"), make_member("sue")
    last = exchange(member, often, 3)
    exchange(member, seldom, 2)
    put_comment(last.post, seldom, parent=last)  # a reply without an answer
    assert shown(signed_in(member)) == ["otto"]
    assert shown(signed_in(often)) == [member.username]
    assert shown(signed_in(seldom)) == []
    page = signed_in(member).get(PAGE)
    assertContains(page, f'<a href="{last.get_absolute_url()}">{last.post.title}</a>')
    assert page["Cache-Control"] == "private, no-store"


def test_many_replies_in_one_direction_are_no_contact(member, signed_in, post):
    """Neither a host who replies to everyone once, nor someone who writes to a host without a reply."""
    otto = make_member("otto")
    for _ in range(5):
        put_comment(post, otto, parent=put_comment(post, member))
    assert (shown(signed_in(member)), shown(signed_in(otto))) == ([], [])


def test_who_replies_to_themselves_or_to_guests_has_no_regular_contact(member, signed_in, post):
    exchange(member, member, 6, post=post)
    last = exchange(member, make_member("otto"), 6, post=post)
    Comment.objects.filter(author__username="otto").update(author=None, guest_name="Otto")
    assert (shown(signed_in(member)), last.post) == ([], post)


def test_the_latest_comes_first(member, signed_in):
    begin = timezone.now() - timedelta(days=100)
    for name, days in (("early", 1), ("late", 50), ("between", 20)):
        exchange(member, make_member(name), 3, begin=begin + timedelta(days=days))
    assert shown(signed_in(member)) == ["late", "between", "early"]


@pytest.mark.parametrize("why", ["muted", "closed", "banned", "removed", "withdrawn"])
def test_who_is_not_shown(member, signed_in, why):
    otto = make_member("otto")
    last = exchange(member, otto, 3)
    match why:
        case "muted":
            Mute.objects.create(member=member, muted=otto)
        case "closed":
            User.objects.filter(pk=otto.pk).update(is_active=False)
        case "banned":
            User.objects.filter(pk=otto.pk).update(silent_until=datetime(9000, 1, 1, tzinfo=UTC))
        case "removed":
            Comment.objects.filter(pk=last.parent_id).update(status="removed")
        case "withdrawn":
            withdraw_post(last.post)
    assert shown(signed_in(member)) == []


def test_a_muted_member_does_not_notice_it_by_absence(member, signed_in):
    otto = make_member("otto")
    exchange(member, otto, 3)
    Mute.objects.create(member=otto, muted=member)
    assert shown(signed_in(member)) == ["otto"]


def test_nobody_else_sees_it_and_no_page_counts_it(member, signed_in, host, moderator):
    otto = make_member("otto")
    exchange(member, otto, 3)
    assert Client().get(PAGE).status_code == 302
    for reader in (host, moderator):
        assert shown(signed_in(reader)) == []
        profile = signed_in(reader).get(member.get_absolute_url())
        assertNotContains(profile, "Regular contacts")
    assertNotContains(signed_in(otto).get(member.get_absolute_url()), "exchange")


def test_it_is_among_the_settings_while_the_part_is_on(member, signed_in):
    client = signed_in(member)
    assertContains(client.get("/members/me/people/"), f'href="{PAGE}"')
    assertContains(client.get("/notifications/settings/"), f'href="{PAGE}"')
    switch_on()
    assert client.get(PAGE).status_code == 404
    assertNotContains(client.get("/members/me/people/"), PAGE)
    assertNotContains(client.get("/notifications/settings/"), PAGE)


def test_more_people_and_comments_cost_no_more_statements(member, signed_in, post):
    client = signed_in(member)

    def cost():
        with CaptureQueriesContext(connection) as statements:
            assert shown(client)
        return len(statements)

    exchange(member, make_member(), 3, post=post)
    cost()
    few = cost()
    for _ in range(4):
        exchange(member, make_member(), 4, post=post)
    assert cost() == few


def test_exchanges_are_counted_in_both_directions(member):
    otto = make_member("otto")
    exchange(member, otto, 2)
    exchange(otto, member, 1)
    assert {pk: one.exchanges for pk, one in contacts_of(member).items()} == {otto.pk: 3}
    assert {pk: one.exchanges for pk, one in contacts_of(otto).items()} == {member.pk: 3}


def test_the_page_looks_at_fewer_replies_than_reminders_do(member, signed_in, monkeypatch):
    monkeypatch.setattr("closer.services.contacts.LOOKED_AT_FOR_PAGE", 3)
    early, late = make_member("early"), make_member("late")
    exchange(member, early, 3, begin=timezone.now() - timedelta(days=3))
    exchange(member, late, 3)
    assert [partner.member for partner in signed_in(member).get(PAGE).context["partners"]] == [late]
    assert set(contacts_of(member)) == {early.pk, late.pk}


def test_people_are_read_until_the_page_is_full(member, signed_in, monkeypatch):
    monkeypatch.setattr("closer.services.contacts.PEOPLE_SHOWN", 2)
    people = [make_member(name) for name in ("ann", "ben", "cy", "dan")]
    for day, person in enumerate(people):
        exchange(member, person, 3, begin=timezone.now() - timedelta(days=day + 3))
    shown = signed_in(member).get(PAGE).context["partners"]
    assert [partner.member for partner in shown] == people[:2]
    Mute.objects.create(member=member, muted=people[0])
    shown = signed_in(member).get(PAGE).context["partners"]
    assert [partner.member for partner in shown] == people[1:3]


class TestChoosing:
    def choose(self, client, **data):
        return client.post(PAGE, data, follow=True)

    def chosen(self):
        return [
            (choice.letter_due_at is not None, choice.reminder_due_at is not None)
            for choice in Choice.objects.all()
        ]

    def test_each_is_chosen_by_itself_and_nothing_is_stored_of_who_wants_nothing(self, member, signed_in):
        client = signed_in(member)
        assert self.chosen() == []
        assertContains(self.choose(client, letter="on"), "Saved.")
        assert self.chosen() == [(True, False)]
        self.choose(client, letter="on", reminders="on")
        assert self.chosen() == [(True, True)]
        assertContains(client.get(PAGE), " checked", count=2)
        self.choose(client)
        assert self.chosen() == []

    def test_the_link_in_an_email_stops_that_email_alone(self, member, signed_in):
        self.choose(signed_in(member), letter="on", reminders="on")
        address = OPT_OUTS["weekly"].url(member.pk).partition("/unsubscribe/")[2]
        Client().post(f"/unsubscribe/{address}", {"List-Unsubscribe": "One-Click"})
        assert self.chosen() == [(False, True)]

    def test_of_two_emails_that_are_stopped_at_once_both_are(self, member, signed_in, monkeypatch):
        """The second is stopped while the first is about to be."""
        self.choose(signed_in(member), letter="on", reminders="on")
        lock_row = choices.lock_row

        def be_slow(rows, pk):
            monkeypatch.undo()
            OPT_OUTS["in-touch"].turn(pk, False)
            return lock_row(rows, pk)

        monkeypatch.setattr(choices, "lock_row", be_slow)
        OPT_OUTS["weekly"].turn(member.pk, False)
        assert self.chosen() == []
