"""The host's statistics: what is counted and drawn, and the settings."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from moderation.models import Decision, ModerationSettings
from moderation.services.decisions import decide, undo
from moderation.services.stats import PLOT_HEIGHT, PLOT_WIDTH, Bar, Plot, stats_of
from moderation.templatetags.moderation_tags import in_words
from tests.factories import put_comment
from tests.figures import figure
from tests.moderation.helpers import make_held, make_report

pytestmark = pytest.mark.sql


def decided(
    moderator, action: str, before: str = "held", *, days_ago: int = 0, waited_hours: float = 1, **fields
) -> Decision:
    at = timezone.now() - timedelta(days=days_ago)
    comment = put_comment(**fields)
    type(comment).objects.filter(pk=comment.pk).update(
        created_at=at - timedelta(hours=waited_hours), status=before
    )
    comment.refresh_from_db()
    after = {"approve": "public", "spam": "spam", "remove": "removed"}[action]
    return Decision.objects.create(
        comment=comment,
        moderator=moderator,
        action=action,
        status_before=before,
        status_after=after,
        created_at=at,
    )


def test_they_show_how_often_the_spam_filter_was_right_and_what_it_missed(moderator):
    for action, before, count in (
        ("spam", "held", 3),
        ("remove", "held", 1),
        ("approve", "held", 2),
        ("spam", "public", 1),
        ("approve", "public", 1),
    ):
        for _ in range(count):
            decided(moderator, action, before)
    decided(moderator, "spam", days_ago=31)
    figures = stats_of(30)
    assert (figures.held_right, figures.held_wrong, figures.missed, figures.right_percent, figures.spam) == (
        4,
        2,
        1,
        67,
        4,
    )
    assert (stats_of(90).held_right, stats_of(365).held_right) == (5, 5)


def test_undone_decisions_do_not_count(moderator, post):
    undo(decide(make_held(post=post), "spam", by=moderator), by=moderator)
    figures = stats_of(30)
    assert (figures.held, figures.spam, figures.measured, figures.right_percent) == (0, 0, 0, None)


def test_half_and_nine_of_ten_waited_less(moderator):
    for hours in range(1, 11):
        decided(moderator, "approve", waited_hours=hours)
    figures = stats_of(30)
    assert (figures.median, figures.ninety, figures.measured) == (timedelta(hours=6), timedelta(hours=10), 10)


def test_a_public_comment_waits_from_its_first_report_and_one_that_nobody_reported_not_at_all(
    moderator, post
):
    comment = put_comment(post=post, created_at=timezone.now() - timedelta(days=90))
    make_report(comment, hours_ago=5)
    make_report(comment, hours_ago=2)
    decide(comment, "remove", by=moderator)
    decide(put_comment(post=post, created_at=timezone.now() - timedelta(days=90)), "remove", by=moderator)
    figures = stats_of(30)
    assert figures.measured == 1
    assert abs(figures.median - timedelta(hours=5)) < timedelta(minutes=1)


def test_bars_are_by_day_and_by_week_for_a_year(moderator):
    today = timezone.localdate()
    for days_ago, before in ((0, "held"), (0, "public"), (3, "held"), (200, "held")):
        decided(moderator, "spam", before, days_ago=days_ago)
    bars = stats_of(30).plot.bars
    assert len(bars) == 30
    assert [bar for bar in bars if bar.spam] == [Bar(today - timedelta(days=3), 1, 0), Bar(today, 1, 1)]
    year = stats_of(365)
    assert (len(year.plot.bars), year.by_week, sum(bar.spam for bar in year.plot.bars)) == (53, True, 4)


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)), min_size=1, max_size=92))
def test_whatever_the_numbers_every_bar_stays_inside_the_plot_and_on_its_place(numbers):
    day = timezone.localdate()
    plot = Plot([Bar(day, caught, missed) for caught, missed in numbers])
    assert max(bar.spam for bar in plot.bars) <= plot.most
    for piece in plot.pieces:
        assert -0.2 <= piece.x <= piece.x + piece.width <= PLOT_WIDTH + 0.2
        assert -0.2 <= piece.y <= piece.y + piece.height <= PLOT_HEIGHT + 0.2
    assert len(plot.pieces) == sum((caught > 0) + (missed > 0) for caught, missed in numbers)


@pytest.mark.parametrize(
    ("time", "words"),
    [(timedelta(seconds=20), "less than a minute"), (timedelta(minutes=1), "1 minute"), (timedelta(hours=1), "60 minutes"), (timedelta(hours=3), "3 hours"), (timedelta(days=5), "5 days")],
)  # fmt: skip
def test_times_are_said_in_one_unit(time, words):
    assert in_words(time) == words


def test_the_page_draws_them_and_gives_the_same_as_a_table(moderator, host, signed_in):
    decided(moderator, "spam")
    decided(moderator, "spam", "public")
    client = signed_in(host)
    response = client.get("/moderation/figures/")
    assertContains(response, '<rect class="caught"', count=1)
    assertContains(response, '<rect class="missed"', count=1)
    assertContains(response, 'role="img" aria-labelledby="plot-h"')
    assertContains(response, '<th scope="row">', count=30)
    assertContains(client.get("/moderation/figures/?days=365"), "Spam by week")
    for odd in ("7", "x", "9" * 50):
        assertContains(client.get("/moderation/figures/", {"days": odd}), "Spam by day")


def test_an_empty_site_says_so(host, signed_in):
    response = signed_in(host).get("/moderation/figures/")
    assertContains(response, "No comments were marked as spam in this period.")
    assertNotContains(response, '<svg class="plot"')


@pytest.mark.parametrize("number", [1, figure(4, 12)])
def test_they_cost_the_same_queries_however_much_was_decided(
    moderator, host, signed_in, number, django_assert_num_queries
):
    for _ in range(number):
        decided(moderator, "spam")
    client = signed_in(host)
    client.get("/moderation/figures/")
    # Session, host, their unread notifications, two for the figures, the settings, the number pending.
    with django_assert_num_queries(8):
        client.get("/moderation/figures/")


def test_the_host_sets_when_reports_hide_and_when_moderators_are_mailed(host, moderator, signed_in):
    client = signed_in(host)
    assertRedirects(
        client.post("/moderation/figures/", {"hide_after_reports": "5", "wait_hours": "0"}),
        "/moderation/figures/",
    )
    assert list(
        ModerationSettings.objects.values_list("hide_after_reports", "wait_hours", "hold_percent")
    ) == [(5, 0, 50)]
    response = client.post("/moderation/figures/", {"hide_after_reports": "99", "wait_hours": "-1"})
    assertContains(response, 'value="99"', status_code=422)
    assert (
        signed_in(moderator)
        .post("/moderation/figures/", {"hide_after_reports": "1", "wait_hours": "1"})
        .status_code
        == 403
    )
    assert ModerationSettings.current().hide_after_reports == 5


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("721", "The maximum is 720."),
        ("-1", "Enter a whole number; 0 means never."),
        ("x", "Enter a whole number"),
        ("", "Enter a number"),
    ],
)
def test_an_invalid_number_comes_back_with_a_message(host, signed_in, typed, sentence):
    response = signed_in(host).post("/moderation/figures/", {"hide_after_reports": "4", "wait_hours": typed})
    assertContains(response, sentence, status_code=422)
    assertContains(response, 'value="4"', status_code=422)
    assert not ModerationSettings.objects.filter(hide_after_reports=4).exists()
