"""Reports by several trusted members hide a comment until a moderator has reviewed it."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django.asserts import assertContains, assertNotContains

from comments.models import Comment
from comments.services.writing import edit_comment
from moderation.models import ModerationSettings, Report
from moderation.services import queue
from moderation.services.decisions import decide, undo
from moderation.services.members import set_level, suspend
from moderation.services.reports import report_comment, weight_of
from moderation.spamfilter.form_token import network_of
from moderation.tasks import forget_networks
from tests.comments.test_concurrency import in_threads
from tests.factories import make_host, make_member, make_moderator, make_post, put_comment
from tests.figures import figure
from tests.moderation.helpers import make_report

pytestmark = pytest.mark.sql


@pytest.fixture
def trusted(moderator):
    def make(count: int) -> list:
        members = [make_member() for _ in range(count)]
        for member in members:
            set_level(member, 2, by=moderator, words="Known.")
        return members

    return make


@pytest.fixture
def comment(post):
    return put_comment(post=post)


def status_after(comment, reporters) -> str:
    for reporter in reporters:
        report_comment(comment, reporter=reporter, reason="unkind")
    return Comment.objects.values_list("status", flat=True).get(pk=comment.pk)


def test_the_third_trusted_report_hides_it_and_says_so_to_its_author(comment, trusted, signed_in):
    reporters = trusted(3)
    assert status_after(comment, reporters[:2]) == "public"
    assert status_after(comment, reporters[2:]) == "held"
    assertContains(
        signed_in(comment.author).get(comment.post.get_absolute_url()), "Reported by several members"
    )
    assertNotContains(signed_in(make_member()).get(comment.post.get_absolute_url()), comment.body)
    assert [row.pk for row in queue.page().rows] == [comment.pk]


def test_the_last_reporter_is_redirected_to_the_discussion_with_a_message(comment, trusted, signed_in):
    *others, last = trusted(3)
    status_after(comment, others)
    page = signed_in(last).post(f"/comments/{comment.pk}/report/", {"reason": "unkind"}, follow=True)
    assert page.redirect_chain == [(f"{comment.post.get_absolute_url()}#talk", 302)]
    assertContains(page, "Others reported it too, so it’s hidden until a moderator reviews it.")


def test_nobody_but_moderators_learns_who_reported(comment, trusted, moderator, signed_in):
    reporters = trusted(3)
    status_after(comment, reporters)
    for url in (comment.post.get_absolute_url(), "/members/me/standing/", "/moderation/log/"):
        assertNotContains(signed_in(comment.author).get(url), reporters[0].username)
    assertContains(signed_in(moderator).get(f"/moderation/comments/{comment.pk}/"), reporters[0].username)


def test_a_moderators_look_ends_it_either_way(comment, trusted, moderator):
    status_after(comment, trusted(3))
    decide(comment, "approve", by=moderator)
    comment.refresh_from_db()
    assert (comment.status, Report.objects.open().count()) == ("public", 0)
    assert status_after(comment, trusted(4)) == "public"  # it was reviewed
    edit_comment(comment, body="Other words.", by=comment.author)
    assert status_after(comment, trusted(3)) == "held"  # these were not


def test_members_who_are_not_trusted_yet_hide_nothing(comment):
    assert status_after(comment, [make_member() for _ in range(6)]) == "public"
    assert Report.objects.open().count() == 6


def test_the_same_member_counts_once(comment, trusted):
    [reporter] = trusted(1)
    assert status_after(comment, [reporter] * 4) == "public"
    assert Report.objects.count() == 1


@pytest.mark.parametrize(
    ("addresses", "status"),
    [
        (["8.8.8.1", "8.8.8.2", "8.8.8.3"], "public"),
        (["8.8.8.1", "8.8.8.1", "9.9.9.9", "1.1.1.1"], "held"),
        (["2001:4860::1", "2001:4860::2", "2001:4860:0:0:ff::3"], "public"),
        # Behind a proxy that is not configured, everyone has the same IP address, so it proves nothing.
        (["10.0.0.1", "10.0.0.1", "10.0.0.1"], "held"),
    ],
)
def test_several_accounts_at_one_place_count_as_one(comment, trusted, addresses, status):
    for reporter, address in zip(trusted(len(addresses)), addresses, strict=True):
        report_comment(comment, reporter=reporter, reason="unkind", address=address)
    comment.refresh_from_db()
    assert comment.status == status


def test_where_a_report_came_from_is_forgotten_with_the_decision_and_after_a_week(
    comment, trusted, moderator, signed_in, settings
):
    settings.TRUSTED_PROXY_COUNT = settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    one, other = trusted(2)
    signed_in(one).post(
        f"/comments/{comment.pk}/report/", {"reason": "spam"}, headers={"x-forwarded-for": "8.8.8.8"}
    )
    report = Report.objects.get()
    assert report.network == network_of("8.8.8.9")
    decide(comment, "approve", by=moderator)
    report.refresh_from_db()
    assert report.network == ""
    report_comment(comment, reporter=other, reason="spam", address="8.8.8.8")
    with time_machine.travel(timezone.now() + timedelta(days=6)):
        assert forget_networks() == 0
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert forget_networks() == 1
    assert not Report.objects.exclude(network="").exists()


def test_comments_of_the_host_and_of_moderators_stay(post, trusted):
    for author in (make_host(), make_moderator()):
        assert status_after(put_comment(post=post, author=author), trusted(4)) == "public"


@pytest.mark.parametrize(
    ("setting", "reports", "status"), [(2, 2, "held"), (5, 4, "public"), (5, 5, "held"), (0, 8, "public")]
)
def test_the_host_says_how_many_it_takes(comment, trusted, setting, reports, status):
    ModerationSettings.objects.create(pk=1, hide_after_reports=setting)
    assert status_after(comment, trusted(reports)) == status


def test_reports_found_wrong_weigh_less_and_those_found_right_give_it_back(post, trusted, moderator):
    [reporter] = trusted(1)
    assert weight_of(reporter) == 1.0
    wrong = [
        decide(make_report(put_comment(post=post), reporter).comment, "approve", by=moderator)
        for _ in range(2)
    ]
    assert weight_of(reporter) == 0.5
    for _ in range(2):
        decide(make_report(put_comment(post=post), reporter).comment, "remove", by=moderator)
    assert weight_of(reporter) == pytest.approx(4 / 6)
    for decision in wrong:
        undo(decision, by=moderator)
    assert weight_of(reporter) == 1.0


def test_three_who_were_often_wrong_do_not_hide_anything_but_five_do(comment, post, trusted, moderator):
    reporters = trusted(5)
    for reporter in reporters:
        decide(make_report(put_comment(post=post), reporter).comment, "approve", by=moderator)
    assert status_after(comment, reporters[:3]) == "public"
    assert status_after(comment, reporters[3:]) == "held"


def test_a_suspended_member_counts_nothing(trusted, moderator):
    [reporter] = trusted(1)
    suspend(reporter, by=moderator, ends_at=timezone.now() + timedelta(days=1), words="Rest.")
    assert weight_of(reporter) == 0.0


class WeightIsFair(TestCase):
    @hypothesis_settings(max_examples=figure(4, 12))
    @given(st.lists(st.sampled_from(["approve", "remove", "spam"]), max_size=8))
    def test_it_lies_between_nought_and_one_and_falls_with_wrong_ones(self, decisions):
        moderator, reporter = make_moderator(), make_member()
        set_level(reporter, 2, by=moderator, words="Known.")
        for action in decisions:
            decide(make_report(put_comment(), reporter).comment, action, by=moderator)
        wrong = decisions.count("approve")
        assert weight_of(reporter) == pytest.approx((len(decisions) - wrong + 2) / (len(decisions) + 2))


@pytest.mark.django_db(transaction=True)
def test_reports_that_come_at_the_same_moment_hide_it_once_and_count_right():
    moderator, post = make_moderator(), make_post()
    comment, reporters = put_comment(post=post), [make_member() for _ in range(5)]
    for reporter in reporters:
        set_level(reporter, 2, by=moderator, words="Known.")
    in_threads(
        [
            partial(report_comment, comment, reporter=reporter, reason="spam")
            for reporter in [*reporters, *reporters]
        ]
    )
    comment.refresh_from_db()
    post.refresh_from_db()
    assert (comment.status, post.comment_count, Report.objects.count()) == ("held", 0, 5)
