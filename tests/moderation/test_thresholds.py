"""The effect of other thresholds, computed from past decisions."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from comments.models import Comment
from comments.services.writing import edit_comment
from moderation.models import Assessment, Decision, ModerationSettings, Report
from moderation.services.decisions import decide, undo
from moderation.spamfilter.thresholds import ENOUGH, Record, Share, read_record
from tests.factories import make_comment, make_member, put_comment
from tests.figures import figure
from tests.moderation.helpers import make_held, make_report

URL = "/moderation/strictness/"


@pytest.fixture
def moderator_client(moderator, signed_in):
    return signed_in(moderator)


@pytest.fixture
def host_client(host, signed_in):
    return signed_in(host)


def make_scored(
    post, score: float, *, hard: bool = False, days_ago: float = 30, status: str = "public"
) -> Comment:
    """Create a comment with this score; its text is not judged, because only the score counts here."""
    comment = put_comment(post=post, status=status)
    reasons = [{"code": "x", "weight": 1.0, "hard": hard, "marks": []}]
    when = timezone.now() - timedelta(days=days_ago)
    Assessment.objects.create(
        comment=comment,
        score=score,
        outcome="hold" if status == "held" else "publish",
        reasons=reasons,
        created_at=when,
    )
    return comment


def make_history(post, moderator, number: int) -> None:
    """Create as many genuine comments as spam; one in ten of each looks like the other."""
    for place in range(number):
        odd = place % 10 == 0
        make_scored(post, 0.7 if odd else 0.1)
        spam = make_scored(post, 0.3 if odd else 0.99, hard=not odd and place % 2 == 0, status="held")
        decide(spam, "spam", by=moderator)


def test_of_a_hundred_genuine_comments_and_a_hundred_spam(moderator_client, moderator, post):
    make_history(post, moderator, 20)
    page = moderator_client.get(URL)
    assertContains(
        page, "At 50: 10 of 100 genuine comments would have been held, and 10 of 100 spam comments published."
    )
    for wish, waited, appeared in [
        (5, 100, 0),
        (10, 100, 0),
        (11, 10, 0),
        (30, 10, 0),
        (31, 10, 10),
        (71, 0, 10),
        (99, 0, 10),
    ]:
        page = moderator_client.get(URL, {"hold_percent": wish, "reject_percent": 99})
        sentence = f"At {wish}: {waited} of 100 genuine comments would have been held, and {appeared} of 100 spam comments published."
        assertContains(page, sentence)
    assert ModerationSettings.objects.count() == 0
    away = {step.percent: (step.genuine.value, step.spam.value) for step in page.context["reject_steps"]}
    assert away == {
        50: (0, 40),
        60: (0, 40),
        70: (0, 40),
        80: (0, 40),
        90: (0, 40),
        95: (0, 40),
        97: (0, 40),
        99: (0, 40),
    }
    assertContains(
        page,
        "Based on 20 genuine comments (0 approved by moderators; the others were published without objection) and 20 marked as spam",
    )


def test_with_too_few_decisions_it_says_so_and_shows_no_figure(moderator_client, moderator, post):
    make_history(post, moderator, ENOUGH - 1)
    page = moderator_client.get(URL)
    assertContains(
        page,
        f"Not enough data yet: {ENOUGH - 1} genuine comments and {ENOUGH - 1} marked as spam so far. Figures appear from {ENOUGH} of each",
    )
    assertNotContains(page, "<table")
    assertNotContains(page, "genuine comments would have been held")
    make_history(post, moderator, 1)
    assertContains(moderator_client.get(URL), "<table", count=2)


def test_what_counts_as_genuine_and_what_as_spam(moderator, post, settings):
    settings.SETTLED_DAYS = 7
    make_scored(post, 0.10, days_ago=8)
    approved = make_scored(post, 0.20, status="held", days_ago=1)
    decide(approved, "approve", by=moderator)
    decide(make_scored(post, 0.30, status="held"), "spam", by=moderator)
    # Undecided, unkind rather than spam, withdrawn, reported, undone.
    make_scored(post, 0.40, days_ago=6)
    make_scored(post, 0.41, status="held")
    decide(make_scored(post, 0.42), "remove", by=moderator)
    make_scored(post, 0.43, status="deleted")
    make_report(make_scored(post, 0.44))
    undo(decide(make_scored(post, 0.45, status="held"), "spam", by=moderator), by=moderator)
    assert read_record() == Record(genuine=[0.10, 0.20], spam=[0.30], approved=1)


def test_a_score_that_was_given_after_the_decision_does_not_count(moderator, post):
    """What was learned from a decision must not influence the figures about it."""
    unassessed = make_comment(post=post)
    Assessment.objects.filter(comment=unassessed).delete()
    decide(unassessed, "spam", by=moderator)
    assert Assessment.objects.filter(comment=unassessed).exists()
    author = make_member(date_joined=timezone.now())
    edited = make_held(post=post, author=author)
    decide(edited, "approve", by=moderator)
    assert len(read_record().genuine) == 1
    edit_comment(
        edited, body="Another place entirely: https://harbour.example/ is where I grew up.", by=author
    )
    assert read_record() == Record(genuine=[], spam=[])


def test_the_host_sets_the_thresholds_and_moderators_look(moderator_client, host_client, post):
    data = {"hold_percent": 40, "reject_percent": 98}
    response = moderator_client.post(URL, data)
    assertContains(response, "Only the host can change the spam filter settings.", status_code=403)
    assertNotContains(moderator_client.get(URL), "Keep this")
    response = host_client.post(URL, data, follow=True)
    assertRedirects(response, URL)
    assertContains(response, "Saved. This applies to comments posted from now on.")
    assert ModerationSettings.objects.values_list("pk", "hold_percent", "reject_percent").get() == (1, 40, 98)
    host_client.post(URL, data | {"hold_percent": 20})
    held = make_held(
        post=post, body="The quarry was deep and https://quarry.example/ tells how deep it really was."
    )
    assert held.assessment.outcome == "hold"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"hold_percent": 4, "reject_percent": 97}, "greater than or equal to 5"),
        ({"hold_percent": 100, "reject_percent": 100}, "less than or equal to 99"),
        (
            {"hold_percent": 60, "reject_percent": 55},
            "This can’t be lower than the score at which comments are held.",
        ),
        ({"hold_percent": "", "reject_percent": 97}, "This field is required."),
        ({"hold_percent": "many", "reject_percent": 97}, "Enter a whole number."),
        ({"hold_percent": "9" * 400, "reject_percent": 97}, "less than or equal to 99"),
        ({"hold_percent": 50, "reject_percent": "1e999"}, "Enter a whole number."),
    ],
)
def test_thresholds_that_make_no_sense_come_back(host_client, data, sentence):
    assertContains(host_client.post(URL, data), sentence, status_code=422)
    assertContains(host_client.get(URL, data), sentence)
    assert ModerationSettings.objects.count() == 0


def test_the_page_costs_the_same_queries_however_much_was_decided(
    moderator_client, moderator, post, django_assert_num_queries
):
    for number in (ENOUGH, figure(3, 40)):
        make_history(post, moderator, number)
        moderator_client.get(URL)
        # Session, user, notifications; the settings twice, the record, pending counts (two).
        with django_assert_num_queries(8):
            moderator_client.get(URL)
    assert Decision.objects.count() == ENOUGH + figure(3, 40)
    assert Report.objects.count() == 0


@given(scores=st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60), percent=st.integers(5, 99))
def test_a_higher_threshold_never_holds_more_and_never_lets_less_appear(scores, percent):
    record = Record(
        *(sorted(score for score, is_spam in scores if is_spam == kind) for kind in (False, True))
    )
    low, high = record.step(percent), record.step(min(percent + 7, 99))
    assert low.waited.value >= high.waited.value
    assert low.appeared.value <= high.appeared.value


@given(number=st.integers(1, 500), data=st.data())
def test_a_share_lies_within_its_bounds(number, data):
    count = data.draw(st.integers(0, number))
    share = Share.of(count, number)
    assert 0 <= share.low <= share.value <= share.high <= 100
    assert (share.value == 0, share.value == 100) == (count == 0, count == number)
