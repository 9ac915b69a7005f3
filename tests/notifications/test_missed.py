"""The summary for members who were away for weeks: opt-in, sent once, correct, and never empty."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from pytest_django.asserts import assertContains

from accounts.models import User
from notifications.email.missed import send_summaries, send_summary
from notifications.models import EmailSuppression
from notifications.services.missed import missed_by
from notifications.services.preferences import set_thread_level
from notifications.services.timing import choose_timing
from tests.factories import make_comment, make_host, make_member, make_post
from tests.notifications.test_timing import at

pytestmark = [pytest.mark.django_db, pytest.mark.sql]

LEFT = at("2026-06-01T12:00")


@pytest.fixture
def kay():
    with time_machine.travel(LEFT, tick=False):
        kay = make_member("kay", email="kay@example.org")
        choose_timing(kay, time_zone="", summary_after_weeks=4)
    return kay


@pytest.fixture
def post():
    return make_post(make_host("hostess"), title="Bread", published_at=LEFT - timedelta(days=9))


def comment(post, name: str, days: int = 3, **fields):
    author = User.objects.filter(username=name).first() or make_member(name)
    return make_comment(post, author, created_at=LEFT + timedelta(days=days), **fields)


def summaries_after(weeks: float) -> int:
    with time_machine.travel(LEFT + timedelta(weeks=weeks), tick=False):
        return send_summaries()


class TestWhen:
    def test_it_leaves_after_the_weeks_and_once_until_they_are_back(self, kay, post, signed_in):
        comment(post, "lee")
        assert [summaries_after(weeks) for weeks in (3.9, 4.1, 4.2, 30)] == [0, 1, 0, 0]
        with time_machine.travel(LEFT + timedelta(weeks=31), tick=False):
            signed_in(kay).get("/")
        make_comment(post, make_member("mo"), created_at=LEFT + timedelta(weeks=32))
        assert [summaries_after(weeks) for weeks in (34.9, 35.1, 36)] == [0, 1, 0]

    def test_nothing_leaves_when_nothing_happened_until_something_does(self, kay, post):
        assert summaries_after(4.1) == 0
        comment(post, "lee", days=29)
        assert [summaries_after(weeks) for weeks in (4.2, 5.2)] == [0, 1]

    def test_it_leaves_for_those_alone_who_asked_for_it(self, kay, post):
        comment(post, "lee")
        choose_timing(kay, time_zone="")
        assert summaries_after(9) == 0

    def test_it_leaves_for_nobody_whose_email_bounces_or_whose_account_is_closed(self, kay, post):
        comment(post, "lee")
        EmailSuppression.objects.create(email="kay@example.org", cause="bounce")
        summaries_after(4.1)
        assert mail.outbox == []
        User.objects.update(is_active=False, summary_due_at=LEFT)
        assert (summaries_after(9), User.objects.filter(summary_due_at__isnull=False).count()) == (0, 0)

    def test_the_second_of_two_workers_sends_nothing(self, kay, post):
        comment(post, "lee")
        with time_machine.travel(LEFT + timedelta(weeks=5), tick=False):
            assert [send_summary(kay.pk), send_summary(kay.pk)] == [True, False]

    def test_one_that_fails_keeps_nobody_else_from_theirs(self, kay, post, monkeypatch, caplog):
        with time_machine.travel(LEFT + timedelta(hours=1), tick=False):
            choose_timing(make_member("ann", email="ann@example.org"), time_zone="", summary_after_weeks=4)
        comment(post, "lee")

        def fails_for_kay(member, since):
            if member == kay:
                raise ValueError("A word that nobody can read")
            return missed_by(member, since)

        monkeypatch.setattr("notifications.email.missed.missed_by", fails_for_kay)
        assert summaries_after(4.1) == 1
        assert [message.to for message in mail.outbox] == [["ann@example.org"]]
        assert f"The summary for member {kay.pk} failed" in caplog.text
        monkeypatch.undo()
        assert [summaries_after(weeks) for weeks in (4.2, 5.2)] == [0, 1]


class TestWhatItNames:
    def test_at_most_three_discussions_their_own_first_then_the_busiest(self, kay, post):
        comment(post, "kay", days=-3)
        comment(post, "lee")
        others = [
            make_post(post.author, title=f"Other {n}", published_at=LEFT - timedelta(days=8))
            for n in range(3)
        ]
        for number, other in enumerate(others):
            for _ in range(number + 2):
                comment(other, "lee")
        found = missed_by(kay, LEFT)
        assert [(one.post.title, one.new_comments) for one in found] == [
            ("Bread", 1),
            ("Other 2", 4),
            ("Other 1", 3),
        ]

    def test_new_posts_where_there_is_room(self, kay, post):
        comment(post, "lee")
        make_post(post.author, title="Fresh", published_at=LEFT + timedelta(days=2))
        found = missed_by(kay, LEFT)
        assert [(one.post.title, one.names, one.is_new_post) for one in found] == [
            ("Bread", ("lee",), False),
            ("Fresh", (), True),
        ]

    def test_nothing_they_muted_wrote_or_may_not_read(self, kay, post):
        comment(post, "kay")
        muted = make_post(post.author, published_at=LEFT - timedelta(days=8))
        comment(muted, "lee")
        set_thread_level(kay, muted, "muted")
        loud = make_member("loud")
        kay.mutes.create(muted=loud)
        comment(post, "loud")
        make_post(loud, published_at=LEFT + timedelta(days=2))
        comment(post, "lee", status="held")
        unlisted = make_post(post.author, visibility="unlisted", published_at=LEFT - timedelta(days=8))
        comment(unlisted, "lee")
        make_post(post.author, published_at=timezone.now() + timedelta(days=9))
        assert missed_by(kay, LEFT) == []


def test_the_email_says_what_happened_and_stops_with_one_click(kay, post, client):
    comment(post, "lee")
    comment(post, "mo", days=4)
    summaries_after(4.1)
    [message] = mail.outbox
    assert message.subject == "What you missed at The Long Table"
    assert (
        "You were last here on 1 Jun 2026. Since then:\n\nBread\n2 new comments, the latest by mo, lee\n"
        in message.body
    )
    assert "You asked for this email after 4 weeks away." in message.body
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = message.extra_headers["List-Unsubscribe"].strip("<>")
    page = link[link.index("/unsubscribe") :]
    assertContains(client.get(page), "Summaries of what you missed")
    client.post(page, {"List-Unsubscribe": "One-Click"})
    kay.refresh_from_db()
    assert (kay.summary_after_weeks, kay.last_active_at, kay.summary_due_at) == (None, None, None)


def test_it_is_chosen_in_the_settings(signed_in):
    lee = make_member("lee")
    browser = signed_in(lee)
    browser.post("/notifications/settings/", {"time_zone": "", "summary_after_weeks": "8"})
    assertContains(
        browser.get("/notifications/settings/"),
        '<option value="8" selected>after 8 weeks away</option>',
        html=True,
    )
    answer = browser.post("/notifications/settings/", {"time_zone": "", "summary_after_weeks": "5"})
    assert answer.status_code == 422
    lee.refresh_from_db()
    assert lee.summary_after_weeks == 8


def test_the_queries_do_not_grow_with_what_happened(kay, post, django_assert_max_num_queries):
    for _ in range(4):
        other = make_post(post.author, published_at=LEFT - timedelta(days=8))
        for name in ("lee", "mo"):
            comment(other, name)
    with django_assert_max_num_queries(8):
        assert len(missed_by(kay, LEFT)) == 3
