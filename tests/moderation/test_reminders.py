"""If something has been pending for long, moderators who opted in get one email about all of it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from pytest_django.asserts import assertContains, assertRedirects

from comments.models import Comment
from moderation.models import ModerationSettings, ModeratorPreferences
from moderation.services.members import make_appeal, suspend
from moderation.services.reminders import email_overdue_reviews
from tests.factories import make_comment, make_member
from tests.moderation.helpers import make_held, make_report


@pytest.fixture
def long_wait(post, moderator):
    return make_held(post=post, created_at=timezone.now() - timedelta(hours=13))


def without_stop_link(body):
    """Return the body without the unsubscribe link, which is signed for each moderator."""
    before, _link, after = re.split(r"(http://testserver/\S*reminders\.\S+)", body)
    return before, after


def test_one_mail_names_all_that_waits_and_leads_to_pages_that_ask(long_wait, post, signed_in, moderator):
    reported = make_comment(post=post)
    make_report(reported, hours_ago=20)
    make_held(post=post)  # not long
    assert email_overdue_reviews() == 2
    host_mail, moderator_mail = sorted(mail.outbox, key=lambda message: message.to != [post.author.email])
    assert moderator_mail.to == ["carol@example.org"]
    assert moderator_mail.subject == "The Long Table: 2 items are awaiting review"
    assert without_stop_link(host_mail.body.replace("nora", "carol")) == without_stop_link(
        moderator_mail.body
    )
    for comment in (long_wait, reported):
        address = f"/moderation/comments/{comment.pk}/"
        assert f"http://testserver{address}" in moderator_mail.body
        before = comment.status
        assert signed_in(moderator).get(address).status_code == 200
        comment.refresh_from_db()
        assert comment.status == before


def test_the_next_mail_comes_after_as_many_hours_again(long_wait, moderator):
    now = timezone.now()
    counts = []
    for hours in (0, 1, 11, 13, 14, 26):
        with time_machine.travel(now + timedelta(hours=hours), tick=False):
            counts.append(email_overdue_reviews())
    assert counts == [2, 0, 0, 2, 0, 2]


def test_nothing_is_sent_when_nothing_waits_long(post, moderator):
    make_held(post=post)
    assert email_overdue_reviews() == 0
    assert not ModeratorPreferences.objects.exists()


def test_comments_blocked_as_spam_await_no_one(long_wait, moderator):
    Comment.objects.filter(pk=long_wait.pk).update(hold_reasons=[{"code": "turned_away"}])
    assert email_overdue_reviews() == 0


def test_an_open_appeal_is_mentioned_too(moderator, member):
    restriction = suspend(member, by=moderator, ends_at=timezone.now() + timedelta(days=30), words="Rest.")
    make_appeal(member, restriction, "No.")
    mail.outbox.clear()
    with time_machine.travel(timezone.now() + timedelta(hours=13), tick=False):
        assert email_overdue_reviews() == 1
    assert "http://testserver/moderation/appeals/" in mail.outbox[0].body


def test_who_does_not_want_it_and_who_cannot_moderate_is_left_alone(long_wait, host, moderator, signed_in):
    client = signed_in(moderator)
    assertContains(client.get("/members/me/standing/"), 'name="wants_mail"')
    assertRedirects(client.post("/members/me/standing/", {}), "/members/me/standing/")
    suspended = make_member()
    suspended.groups.set(moderator.groups.all())
    suspend(suspended, by=host, ends_at=timezone.now() + timedelta(days=1), words="Rest.")
    mail.outbox.clear()
    assert email_overdue_reviews() == 1
    assert [message.to for message in mail.outbox] == [["nora@example.org"]]
    client.post("/members/me/standing/", {"wants_mail": "on"})
    assert email_overdue_reviews() == 1


def test_members_cannot_ask_for_it(member, signed_in):
    assert signed_in(member).post("/members/me/standing/", {"wants_mail": "on"}).status_code == 403
    assert not ModeratorPreferences.objects.exists()


@pytest.mark.parametrize(("hours", "mails"), [(0, 0), (20, 0), (2, 2)])
def test_the_host_says_what_long_is(long_wait, moderator, hours, mails):
    ModerationSettings.objects.update_or_create(pk=1, defaults={"wait_hours": hours})
    assert email_overdue_reviews() == mails


def test_the_mail_stays_short_however_much_waits(post, moderator, settings):
    settings.RATE_LIMITS = False
    author = make_member(date_joined=timezone.now())
    for number in range(14):
        make_held(
            post=post,
            author=author,
            body=f"https://lantern.example/{number}",
            created_at=timezone.now() - timedelta(hours=13),
        )
    email_overdue_reviews()
    assert mail.outbox[0].subject == "The Long Table: 14 items are awaiting review"
    assert mail.outbox[0].body.count("/moderation/comments/") == 10
    assert "And 4 more." in mail.outbox[0].body
