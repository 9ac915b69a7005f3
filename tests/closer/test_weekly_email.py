"""The weekly email: at most three discussions, correct, and none if nothing is worth it."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts.models import Mute, User
from closer.models import Choice
from closer.services.choices import choose
from closer.services.weekly_email import new_activity, send_weekly_email, send_weekly_emails
from comments.models import ThreadVisit
from notifications.models import EmailSuppression, Notification
from notifications.services.preferences import set_thread_level
from posts.models import Post
from tests.closer.test_people import exchange
from tests.factories import make_host, make_member, make_post, put_comment, switch_on
from tests.notifications.test_timing import at

pytestmark = [pytest.mark.sql, pytest.mark.django_db]

# A Wednesday; the Monday after is the 8th.
NOW = at("2026-06-03T12:00")
MONDAY = at("2026-06-08T12:00")


@pytest.fixture(autouse=True)
def _is_on():
    switch_on("closer")
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def kay():
    kay = make_member("kay", email="kay@example.org")
    choose(kay, letter=True, reminders=False)
    return kay


def somebody(name):
    return User.objects.filter(username=name).first() or make_member(name)


def visited(member, title, *, days_ago=3):
    post = make_post(
        User.objects.filter(is_staff=True).first() or make_host("hostess"),
        title=title,
        published_at=NOW - timedelta(days=30),
    )
    when = NOW - timedelta(days=days_ago)
    ThreadVisit.objects.create(member=member, post=post, new_since=when, looked_at=when)
    return post


def write(post, *names, days_ago=1, **fields):
    """Create comments by these members, one after the other."""
    comments = [put_comment(post, somebody(name), **fields) for name in names]
    for comment in comments:
        when = NOW - timedelta(days=days_ago)
        type(comment).objects.filter(pk=comment.pk).update(created_at=when, published_at=when)
    return comments


def worth(member):
    return {one.post.title: one.names for one in new_activity(member, NOW - timedelta(weeks=1))}


def test_discussions_with_new_comments_by_regular_contacts_come_first(kay):
    friend = make_member("otto")
    exchange(kay, friend, 3, begin=NOW - timedelta(days=200))
    busy, known, quiet, fourth, fifth = (
        visited(kay, title) for title in ["busy", "known", "quiet", "fourth", "fifth"]
    )
    write(busy, "ann", "bob", "cy", "dee")
    write(known, "ann", "otto")
    write(quiet, "ann")  # with strangers, one comment is not enough
    write(fourth, "ann", "bob", "cy")
    write(fifth, "ann", "bob")
    assert worth(kay) == {
        "known": ("otto", "ann"),
        "busy": ("dee", "cy", "bob"),
        "fourth": ("cy", "bob", "ann"),
    }
    assert list(worth(kay)) == ["known", "busy", "fourth"]


@pytest.mark.parametrize(
    "why",
    [
        "read",
        "own",
        "muted_post",
        "muted_people",
        "held",
        "draft",
        "members_gone",
        "emailed",
        "never_there",
        "old",
    ],
)
def test_what_is_never_in_it(kay, why):
    post = visited(kay, "Bread")
    comments = write(post, "ann", "bob", **({"status": "held"} if why == "held" else {}))
    assert bool(worth(kay)) == (why != "held")
    match why:
        case "read":
            ThreadVisit.objects.update(looked_at=NOW)
        case "own":
            type(comments[0]).objects.update(author=kay)
        case "muted_post":
            set_thread_level(kay, post, "muted")
        case "muted_people":
            for comment in comments:
                Mute.objects.create(member=kay, muted=comment.author)
            kay = User.objects.get(pk=kay.pk)
        case "draft":
            Post.objects.update(published_at=None)
        case "members_gone":
            type(comments[0]).objects.update(status="removed")
        case "emailed":
            for comment in comments:
                Notification.objects.create(
                    member=kay,
                    comment=comment,
                    kind="replies",
                    way="at_once",
                    state="in_letter",
                    created_at=NOW,
                    due_at=NOW,
                )
        case "never_there":
            ThreadVisit.objects.all().delete()
        case "old":
            type(comments[0]).objects.update(published_at=NOW - timedelta(days=8))
    assert worth(kay) == {}


class TestSending:
    def test_it_comes_on_monday_once_and_says_how_to_stop_it(self, kay):
        first, _second = write(visited(kay, "Bread"), "ann", "bob")
        assert send_weekly_emails() == 0
        with time_machine.travel(MONDAY, tick=False):
            assert [send_weekly_emails(), send_weekly_emails(), send_weekly_email(kay.pk)] == [1, 0, False]
        (message,) = mail.outbox
        assert message.to == ["kay@example.org"]
        for said in ("Bread", "New comments by bob, ann", first.get_absolute_url(), "once a week at most"):
            assert said in message.body
        assert message.extra_headers["List-Unsubscribe"].strip("<>") in message.body

    def test_the_next_one_repeats_nothing(self, kay):
        write(visited(kay, "Bread"), "ann", "bob")
        with time_machine.travel(MONDAY, tick=False):
            assert send_weekly_emails() == 1
        with time_machine.travel(MONDAY + timedelta(weeks=1), tick=False):
            assert send_weekly_emails() == 0
            write(Post.objects.get(title="Bread"), "ann", "bob", days_ago=-12)
        with time_machine.travel(MONDAY + timedelta(weeks=2), tick=False):
            assert send_weekly_emails() == 1

    def test_nobody_gets_one_who_did_not_ask_whose_account_is_closed_or_while_the_part_is_off(self, kay):
        write(visited(kay, "Bread"), "ann", "bob")
        other = make_member("lou")
        ThreadVisit.objects.create(
            member=other, post=Post.objects.get(), new_since=NOW, looked_at=NOW - timedelta(9)
        )
        with time_machine.travel(MONDAY, tick=False):
            switch_on()
            assert send_weekly_emails() == 0
            switch_on("closer")
            User.objects.filter(pk=kay.pk).update(is_active=False)
            assert (send_weekly_emails(), mail.outbox) == (0, [])

    def test_an_address_that_bounces_gets_none(self, kay):
        write(visited(kay, "Bread"), "ann", "bob")
        EmailSuppression.objects.create(email="kay@example.org", cause="bounce")
        with time_machine.travel(MONDAY, tick=False):
            send_weekly_emails()
        assert mail.outbox == []

    def test_one_that_fails_keeps_nobody_else_from_theirs(self, kay, monkeypatch, caplog):
        write(visited(kay, "Bread"), "ann", "bob")
        monkeypatch.setattr("closer.services.weekly_email.new_activity", lambda *_: 1 / 0)
        with time_machine.travel(MONDAY, tick=False):
            assert send_weekly_emails() == 0
            assert Choice.objects.get().letter_due_at == timezone.now() + timedelta(weeks=1)
        assert "The weekly email for member" in caplog.text
