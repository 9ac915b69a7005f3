"""What the site learns from decisions: through services, tasks and tables."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.services.export import all_parts
from comments.models import Comment
from comments.services.writing import lock_comment, set_status
from moderation import tasks
from moderation.models import (
    Assessment,
    LearnerState,
    ModerationSettings,
    TracedKey,
    TracedMark,
    TrainingSample,
)
from moderation.services.decisions import decide, undo
from moderation.services.learning import learn_from, teach_from_decisions
from moderation.services.trust import trust_of
from moderation.spamfilter import training
from moderation.spamfilter.engine.text import Material
from moderation.spamfilter.given import read_given
from tests.factories import make_comment, make_host, make_member

pytestmark = pytest.mark.sql

LAMPS = [
    "Our golden lamps shine all winter long, take one home",
    "Golden lamps for all, our lamps are the finest of the town",
    "Who has no golden lamp sits in the dark, take a lamp home",
]
BEES = [
    "My aunt kept bees on the roof of the school",
    "The bees came back in April, what a noise",
    "Honey from our own roof, who would have thought",
]


def newcomer():
    return make_member(date_joined=timezone.now())


def weights() -> bytes:
    state = LearnerState.objects.filter(pk=1).first()
    return bytes(state.own) if state and any(training.spam.Weights.unpack(bytes(state.own)).sums) else b""


def score(text: str) -> float:
    return training.current_scorer().score(Material(text)).score


def test_a_site_learns_from_its_moderators_and_tells_spam_by_its_own_words(post, moderator):
    before = score("A golden lamp to take home")
    for text in [*LAMPS, *(f"Friends, {text}" for text in LAMPS)]:
        decide(make_comment(post=post, author=newcomer(), body=text), "spam", by=moderator)
    for text in [*BEES, *(f"Well, {text}" for text in BEES)]:
        comment = make_comment(post=post, author=newcomer(), body=text)
        set_status(comment, Comment.Status.HELD)
        decide(comment, "approve", by=moderator)
    assert score("A golden lamp to take home") > 3 * before
    assert score("Bees on the roof of my aunt") < before
    held = make_comment(post=post, author=newcomer(), body=f"{LAMPS[1]}, so take one home")
    assert held.status == "held"
    assert {reason["code"] for reason in held.hold_reasons} & {"learned", "copy_of_spam"}
    assert "golden" in str(held.assessment.reasons)


def test_taking_a_decision_back_unlearns_it_to_the_last_bit(post, moderator):
    decide(make_comment(post=post, author=newcomer(), body=LAMPS[0]), "spam", by=moderator)
    before, known = weights(), score(LAMPS[1])
    decision = decide(make_comment(post=post, author=newcomer(), body=LAMPS[2]), "spam", by=moderator)
    assert weights() != before
    undo(decision, by=moderator)
    assert (weights(), score(LAMPS[1])) == (before, known)
    assert LearnerState.objects.get().decisions == TrainingSample.objects.count() == 1


def test_removing_teaches_nothing_about_spam_and_unteaches_what_was_said_before(post, moderator):
    comment = make_comment(post=post, author=newcomer(), body=LAMPS[0])
    decide(comment, "remove", by=moderator)
    assert not TrainingSample.objects.exists()
    decide(comment, "spam", by=moderator)
    assert TrainingSample.objects.get().is_spam
    removed = decide(comment, "remove", by=moderator)
    assert (TrainingSample.objects.exists(), weights()) == (False, b"")
    undo(removed, by=moderator)
    assert TrainingSample.objects.get().is_spam


def test_a_later_decision_takes_the_place_of_an_earlier_one(post, moderator):
    comment = make_comment(post=post, author=newcomer(), body=LAMPS[0])
    decide(comment, "spam", by=moderator)
    decide(comment, "approve", by=moderator)
    assert [sample.is_spam for sample in TrainingSample.objects.all()] == [False]


def test_a_task_that_runs_twice_or_late_learns_once(post, moderator):
    comment = make_comment(post=post, author=newcomer(), body=LAMPS[0])
    first = decide(comment, "spam", by=moderator)
    state = weights()
    learn_from(first)
    assert (weights(), TrainingSample.objects.count()) == (state, 1)
    decide(comment, "approve", by=moderator)
    learn_from(first)
    assert TrainingSample.objects.get().is_spam is False


def test_nothing_is_learned_from_silence(post):
    for text in BEES:
        make_comment(post=post, author=newcomer(), body=text)
    assert (TrainingSample.objects.count(), LearnerState.objects.count()) == (0, 0)
    assert Assessment.objects.count() == 3


def test_a_guests_comment_from_an_import_teaches_too(post, moderator):
    comment = make_comment(post=post)
    Comment.objects.filter(pk=comment.pk).update(
        author=None, guest_name="Lamp man", guest_url="http://lamps-deals.example", body=LAMPS[0]
    )
    comment.refresh_from_db()
    decide(comment, "spam", by=moderator)
    assert list(TracedMark.objects.values_list("mark", flat=True)) == ["lamps-deals.example"]


def test_a_host_in_spam_of_two_accounts_is_hard_evidence_but_not_one_in_public_comments(post, moderator):
    for number in range(2):
        decide(
            make_comment(post=post, author=newcomer(), body=f"Thought {number}: see lamps-deals.com"),
            "spam",
            by=moderator,
        )
    record = training.DecisionHistory().marks(["lamps-deals.com"])
    assert [(one.ham_authors, one.spam_authors) for one in record] == [(0, 2)]
    same = make_member()
    for number in range(2):
        decide(
            make_comment(post=post, author=same, body=f"Another {number}: see other-deals.com"),
            "spam",
            by=moderator,
        )
    assert training.DecisionHistory().marks(["other-deals.com"])[0].spam_authors == 1


def test_near_copies_of_a_campaign_are_found_across_authors(post):
    text = "We have opened a new place for lamps in the old harbour and everybody who comes before Sunday drinks for free."
    first, second = (
        make_comment(post=post, author=newcomer(), body=f"{text} {end}") for end in ("Come.", "Do come.")
    )
    make_comment(post=post, author=newcomer(), body=BEES[0])
    assert training.near_copies(first) == [(second.pk, second.status)]


def test_the_log_teaches_the_same_again(post, moderator):
    for text in LAMPS:
        decide(make_comment(post=post, author=newcomer(), body=text), "spam", by=moderator)
    taken_back = decide(make_comment(post=post, author=newcomer(), body=BEES[0]), "spam", by=moderator)
    undo(taken_back, by=moderator)
    training.forget_everything()
    assert (weights(), TrainingSample.objects.count(), Assessment.objects.count()) == (b"", 0, 4)
    assert teach_from_decisions() == 3
    assert TrainingSample.objects.filter(is_spam=True).count() == 3
    assert score("A golden lamp to take home") > 0.06


def test_samples_of_other_features_are_learned_anew_by_the_worker(post, moderator):
    decide(make_comment(post=post, author=newcomer(), body=LAMPS[0]), "spam", by=moderator)
    LearnerState.objects.update(model_version=0)
    assert training.current_learner().decisions == 0
    tasks.refit_learner()
    assert (training.current_learner().decisions, training.is_outdated()) == (1, False)


def test_after_an_update_the_next_decision_is_learned_with_all_before_it(post, moderator):
    decide(make_comment(post=post, author=newcomer(), body=LAMPS[0]), "spam", by=moderator)
    LearnerState.objects.update(model_version=0)
    decide(make_comment(post=post, author=newcomer(), body=BEES[0]), "spam", by=moderator)
    assert (training.current_learner().decisions, training.is_outdated(), TrainingSample.objects.count()) == (
        2,
        False,
        2,
    )


def test_the_nightly_refit_keeps_weights_the_sum_of_the_samples(post, moderator):
    for text in LAMPS + BEES:
        decide(
            make_comment(post=post, author=newcomer(), body=text),
            "spam" if text in LAMPS else "remove",
            by=moderator,
        )
    tasks.refit_learner()
    for comment in Comment.objects.all():
        training.unteach(comment)
    assert weights() == b""


def test_thresholds_come_from_the_sites_row(post):
    ModerationSettings.objects.create(pk=1, hold_percent=5, reject_percent=100)
    assert (
        make_comment(
            post=post, author=newcomer(), body="An honest word, and a whatsapp number to click"
        ).status
        == "held"
    )
    assert read_given().thresholds.reject > 1


def test_blocked_comments_become_spam_after_a_month_and_teach_nothing(post):
    body = "{Buy|Order} generic pills without prescription, {fast|quick} delivery: https://pills-depot24.top"
    comment = make_comment(post=post, author=newcomer(), body=body)
    assert tasks.close_what_was_turned_away() == 0
    Assessment.objects.update(created_at=timezone.now() - timedelta(days=31))
    assert tasks.close_what_was_turned_away() == 1
    comment.refresh_from_db()
    assert (comment.status, TrainingSample.objects.count()) == ("spam", 0)


def test_what_ended_as_spam_by_itself_stays_in_its_authors_hands_word_by_word(post, signed_in):
    body = "{Buy|Order} generic pills without prescription, {fast|quick} delivery: https://pills-depot24.top"
    comment = make_comment(post=post, author=newcomer(), body=body)
    author = signed_in(comment.author)
    Assessment.objects.update(created_at=timezone.now() - timedelta(days=31))
    assert tasks.close_what_was_turned_away() == 1
    page = author.get("/members/me/standing/")
    assertContains(page, "Blocked as spam and not approved")
    assertContains(page, "{Buy|Order} generic pills without prescription, {fast|quick} delivery")
    assertContains(page, 'href="/members/me/data/"')
    [row] = [row for part in all_parts() if part.key == "comments" for row in part.rows(comment.author)]
    assert (row["words"], row["state"]) == (body, "marked as spam")
    assertNotContains(
        signed_in(make_member()).get("/members/me/standing/"), "Blocked as spam and not approved"
    )


def test_who_lets_it_through_at_the_last_moment_is_not_overruled(post, moderator, monkeypatch):
    body = "{Buy|Order} generic pills without prescription, {fast|quick} delivery: https://pills-depot24.top"
    comment = make_comment(post=post, author=newcomer(), body=body)
    Assessment.objects.update(created_at=timezone.now() - timedelta(days=31))

    def lock_late(found):
        decide(found, "approve", by=moderator)
        return lock_comment(found)

    monkeypatch.setattr(tasks, "lock_comment", lock_late)
    assert tasks.close_what_was_turned_away() == 0
    comment.refresh_from_db()
    assert comment.status == "public"


def test_traces_and_networks_are_forgotten_in_time_but_not_what_was_decided(post, moderator):
    kept = make_comment(post=post, author=newcomer(), body=LAMPS[0])
    decide(kept, "spam", by=moderator)
    make_comment(post=post, author=newcomer(), body=BEES[0])
    Assessment.objects.update(created_at=timezone.now() - timedelta(days=31), network="x")
    tasks.forget_traces()
    assert tasks.forget_networks() == 2
    assert set(TracedKey.objects.values_list("assessment__comment", flat=True)) == {kept.pk}


class TestTrust:
    def test_levels_rise_by_themselves(self, post):
        member = make_member(date_joined=timezone.now() - timedelta(days=90))
        levels = [trust_of(member).level]
        for number in range(30):
            make_comment(
                post=post,
                author=member,
                created_at=timezone.now() - timedelta(minutes=5 + number),
                body=f"Word {number}",
            )
            if number in {0, 4}:
                levels.append(trust_of(member).level)
        Comment.objects.update(published_at=timezone.now() - timedelta(days=8))
        levels.append(trust_of(member).level)
        Comment.objects.update(published_at=timezone.now() - timedelta(days=61))
        levels.append(trust_of(member).level)
        assert levels == [0, 1, 1, 2, 3]

    def test_a_new_account_stays_new_for_a_day(self, post):
        member = newcomer()
        make_comment(post=post, author=member)
        assert trust_of(member).level == 0

    def test_confirmed_spam_sets_back_and_undoing_it_gives_back(self, post, moderator):
        member = make_member()
        for number in range(5):
            make_comment(
                post=post,
                author=member,
                body=f"Word {number}",
                published_at=timezone.now() - timedelta(days=9),
            )
        assert trust_of(member).level == 2
        decision = decide(make_comment(post=post, author=member, body=LAMPS[0]), "spam", by=moderator)
        assert trust_of(member)[:4] == (0, 1, False, None)
        undo(decision, by=moderator)
        assert trust_of(member).level == 2

    def test_a_removed_comment_keeps_at_the_first_level(self, post, moderator):
        member = make_member()
        for number in range(6):
            make_comment(
                post=post,
                author=member,
                body=f"Word {number}",
                published_at=timezone.now() - timedelta(days=9),
            )
        decide(Comment.objects.first(), "remove", by=moderator)
        assert trust_of(member).level == 1

    def test_the_staff_is_trusted(self, moderator):
        assert [trust_of(person).level for person in (moderator, make_host())] == [3, 3]


def test_the_spam_filter_needs_few_queries(post, django_assert_max_num_queries):
    from moderation.spamfilter.checks import assess  # noqa: PLC0415

    person = make_member()
    person.links.create(url="https://lamps.example/")
    comment = Comment(
        post=post, author=person, body="A word about lamps and https://lamps-deals.com/ and bees on the roof"
    )
    with django_assert_max_num_queries(14):
        assess(comment)


def test_confirmed_spam_puts_the_authors_last_week_up_for_a_look_and_undoing_it_releases_what_it_held(
    post, moderator
):
    author = make_member()
    old, fresh, approved, spam = (
        make_comment(post=post, author=author, body=text) for text in (*BEES, LAMPS[0])
    )
    Comment.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=8))
    set_status(approved, Comment.Status.HELD)
    decide(approved, "approve", by=moderator)
    other = make_comment(post=post, body="Somebody else's word")
    decision = decide(spam, "spam", by=moderator)

    def statuses() -> list[str]:
        return [Comment.objects.get(pk=comment.pk).status for comment in (old, fresh, approved, spam, other)]

    assert statuses() == ["public", "held", "public", "spam", "public"]
    fresh.refresh_from_db()
    assert fresh.why_held == ["Another comment by the same author was marked as spam."]
    undo(decision, by=moderator)
    assert statuses() == ["public"] * 5


def test_what_a_moderator_decided_in_the_meantime_is_not_released_by_an_undo(post, moderator):
    author = make_member()
    fresh, spam = (make_comment(post=post, author=author, body=text) for text in (BEES[0], LAMPS[0]))
    decision = decide(spam, "spam", by=moderator)
    decide(fresh, "remove", by=moderator)
    undo(decision, by=moderator)
    fresh.refresh_from_db()
    assert fresh.status == "removed"


@pytest.mark.parametrize("action", ["spam", "approve"])
def test_a_decision_takes_the_same_way_from_the_queue_page(post, moderator, signed_in, action):
    comment = make_comment(post=post, author=newcomer(), body=LAMPS[0])
    set_status(comment, Comment.Status.HELD)
    signed_in(moderator).post("/moderation/decide/", {"comments": comment.pk, "action": action})
    assert TrainingSample.objects.get().is_spam == (action == "spam")
