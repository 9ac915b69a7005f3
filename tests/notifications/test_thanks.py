"""Members are notified of thanks: one row for each comment, however many members thank."""

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Mute
from comments.services.reactions import thank, withdraw_thanks
from notifications.models import Notification
from notifications.services.inbox import unread_count
from notifications.services.notify import worth_sending
from notifications.services.preferences import choose, set_thread_level
from notifications.services.receipts import receipt_of
from tests.factories import make_comment, make_member
from tests.notifications.people import forget_what_was_announced, later, make_guest_comment, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(post, other_member):
    """A comment by Bob."""
    comment = make_comment(post, author=other_member, body="By the stove.")
    forget_what_was_announced()
    return comment


def test_many_thanks_are_one_line(mine, other_member, signed_in):
    for name in ("ada", "ben", "cleo"):
        thank(mine, by=make_member(name))
    bob = signed_in(other_member)
    assert Notification.objects.count() == 1
    assertNotContains(bob.get("/notifications/"), "thanked you")
    with later(minutes=2):
        work()
        page = bob.get("/notifications/")
        assertContains(page, "<b>cleo</b> and 2 others thanked you for this comment")
        assertContains(page, "By the stove.")
        assert unread_count(other_member) == 1
    assert mail.outbox == []


def test_people_muted_before_or_after_are_neither_named_nor_counted(mine, other_member, signed_in):
    ada, ben, cleo = (make_member(name) for name in ("ada", "ben", "cleo"))
    for thanking in (ada, ben, cleo):
        thank(mine, by=thanking)
    Mute.objects.create(member=other_member, muted=cleo)
    with later(minutes=2):
        page = signed_in(other_member).get("/notifications/")
        assertContains(page, "<b>ben</b> and one other thanked you for this comment")
        line = Notification.objects.get()
        assert ([one.username for one in line.thankers], line.further_thanks) == (["ben", "ada"], 1)
        for thanking in (ada, ben):
            Mute.objects.create(member=other_member, muted=thanking)
        assert unread_count(other_member) == 0
        assertNotContains(signed_in(other_member).get("/notifications/"), "thanked you")


def test_reading_ten_lines_of_thanks_asks_once(post, other_member, signed_in, django_assert_max_num_queries):
    ada, bob = make_member("ada"), signed_in(other_member)
    for _ in range(10):
        thank(make_comment(post, author=other_member), by=ada)
    with later(minutes=2), django_assert_max_num_queries(9):
        assertContains(bob.get("/notifications/"), "thanked you for this comment", count=10)


def test_thanks_after_it_was_read_make_a_new_line_of_it_once_a_day(mine, other_member):
    thank(mine, by=make_member("ada"))
    with later(minutes=2):
        Notification.objects.all().mark_seen()
        thank(mine, by=make_member("ben"))
    with later(hours=23):
        assert unread_count(other_member) == 0
    with later(hours=25):
        thank(mine, by=make_member("cleo"))
    with later(hours=26):
        assert (unread_count(other_member), Notification.objects.count()) == (1, 1)


def test_withdrawn_thanks_leave_no_line(mine, other_member, member):
    thank(mine, by=member)
    withdraw_thanks(mine, by=member)
    with later(minutes=2):
        assert unread_count(other_member) == 0


def test_they_come_by_mail_where_somebody_chose_that(mine, other_member, member):
    choose(other_member, thanks="at_once")
    thank(mine, by=member)
    with later(minutes=2):
        work()
    (message,) = mail.outbox
    assert (message.to, message.subject) == (
        ["bob@example.org"],
        f"alice thanked you for your comment on “{mine.post.title}”",
    )
    assert "By the stove." in message.body
    assert "You wrote" not in message.body


def test_an_email_with_many_thanks_asks_as_often_as_with_few(post, other_member, member):
    choose(other_member, thanks="daily")

    def asked(comments: int) -> int:
        for _ in range(comments):
            thank(make_comment(post, author=other_member), by=member)
        rows = list(Notification.objects.filter(kind="thanks").with_causes())
        with CaptureQueriesContext(connection) as queries:
            assert len(worth_sending(rows)) == comments
        Notification.objects.all().delete()
        return len(queries)

    assert asked(2) == asked(6)


def test_an_email_about_withdrawn_thanks_is_not_sent(mine, other_member, member):
    choose(other_member, thanks="daily")
    thank(mine, by=member)
    withdraw_thanks(mine, by=member)
    with later(days=2):
        work()
    assert mail.outbox == []


@pytest.mark.parametrize("how", ["off", "muted talk", "muted member", "left", "guest"])
def test_some_are_not_notified(mine, other_member, member, how):
    if how == "off":
        choose(other_member, thanks="off")
    elif how == "muted talk":
        set_thread_level(other_member, mine.post, "muted")
    elif how == "muted member":
        Mute.objects.create(member=other_member, muted=member)
    elif how == "left":
        type(other_member).objects.filter(pk=other_member.pk).update(is_active=False)
    thank(make_guest_comment(mine.post) if how == "guest" else mine, by=member)
    assert Notification.objects.filter(kind="thanks").count() == 0


def test_the_receipt_of_a_comment_knows_nothing_of_thanks(mine, member, host):
    before = receipt_of(mine)
    thank(mine, by=member)
    with later(minutes=2):
        work()
        assert receipt_of(mine) == before
