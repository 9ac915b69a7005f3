"""After one-sided decisions the filter stays balanced: no genuine comments are held, other spam is found."""

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from comments.models import Comment
from comments.services.writing import set_status
from moderation import tasks
from moderation.models import LearnerState, TrainingSample
from moderation.services.decisions import decide, undo
from moderation.services.learning import teach_from_decisions
from moderation.spamfilter import fitting, training
from moderation.spamfilter.engine.balance import MAX_CAUTION, caution, choose_for_rehearsal, shape_caution
from moderation.spamfilter.engine.classifier import Weights
from moderation.spamfilter.engine.scorer import MAX_FOR_HAM
from moderation.spamfilter.engine.text import Material
from moderation.spamfilter.evaluation_store import FolderSite
from tests.factories import make_comment, make_member
from tests.figures import figure
from tests.moderation.languages import NAMES, comments_in

ENGLISH, ENGLISH_SPAM = comments_in("en")
ELSEWHERE = [text for name in ("de", "es", "fr", "pt") for text in comments_in(name)[0]]
SPAM_ELSEWHERE = [text for name in ("de", "es", "fr", "pt") for text in comments_in(name)[1]]


@pytest.fixture
def site(tmp_path) -> FolderSite:
    return FolderSite(tmp_path, training.checks())


def teach(site: FolderSite, texts: list[str], *, is_spam: bool) -> None:
    for text in texts:
        site.teach(site.scorer.score(Material(text)), is_spam)


def held(site: FolderSite, texts: list[str]) -> int:
    return sum(site.scorer.score(Material(text)).outcome != "publish" for text in texts)


def taught_both(site: FolderSite) -> FolderSite:
    for genuine, spam in zip(ENGLISH, ENGLISH_SPAM, strict=True):
        teach(site, [genuine], is_spam=False)
        teach(site, [spam], is_spam=True)
    return site


def test_a_campaign_that_is_marked_makes_nobody_else_wait(site):
    taught_both(site)
    teach(site, SPAM_ELSEWHERE[:30], is_spam=True)
    assert held(site, ENGLISH + ELSEWHERE) <= 2


def test_nor_in_a_later_run(site, tmp_path):
    """What was taught before is rebalanced too, though it is in a file."""
    taught_both(site).save(refit=True)
    later = FolderSite(tmp_path, training.checks())
    teach(later, SPAM_ELSEWHERE[:30], is_spam=True)
    assert held(later, ENGLISH + ELSEWHERE) <= 2
    later.save()
    again = FolderSite(tmp_path, training.checks())
    assert (len(again.samples), again.samples == later.samples) == (110, True)


def test_many_approvals_do_not_blind_it(site):
    before = held(site, ENGLISH_SPAM)
    teach(site, ELSEWHERE[:100], is_spam=False)
    teach(site, SPAM_ELSEWHERE[:5], is_spam=True)
    assert held(site, ENGLISH_SPAM) >= 0.85 * before


def test_similarity_to_approved_comments_counts_for_little(site):
    taught_both(site)
    scores = [
        signal.weight
        for text in ENGLISH
        for signal in site.scorer.score(Material(text)).signals
        if signal.code == "learned"
    ]
    assert min(scores) == MAX_FOR_HAM


def test_approvals_say_nothing_about_words_that_were_never_seen(site):
    taught_both(site)
    learner = site.learner
    known = [learner.familiarity(site.scorer.score(Material(text)).features) for text in ENGLISH[:10]]
    others = [
        learner.familiarity(site.scorer.score(Material(text)).features) for text in comments_in("ru")[1][:10]
    ]
    assert (min(known) > 0.9, max(others) < 0.5) == (True, True)


def test_rehearsal_takes_some_of_the_other_kind_and_others_the_next_time():
    stakes = dict(enumerate([True, False] * 20))
    first, second = (choose_for_rehearsal(stakes, True, seed) for seed in (1, 2))
    assert (5 <= len(first) <= 10, first != second, first == choose_for_rehearsal(stakes, True, 1)) == (
        True,
        True,
        True,
    )
    assert sum(not stakes[key] for key in first) >= 5
    assert choose_for_rehearsal({}, True, 1) == []


@pytest.mark.parametrize(
    ("scores", "percent", "expected"),
    [
        ([], 1, 0),
        ([-2.0, -1.0], 1, 0),
        ([-2.0, 0.5], 1, 0.5),
        ([-2.0] * 98 + [0.5, 0.7], 2, 0),
        ([-2.0] * 97 + [0.4, 0.5, 0.7], 2, 0.4),
        ([9.0], 1, MAX_CAUTION),
    ],
)
def test_caution_is_what_keeps_the_allowed_share_of_genuine_comments_published(scores, percent, expected):
    assert caution(scores, percent) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([2.0] * 9, 0),
        ([0.5, *[2.0] * 9], 2.0),
        ([*[0.0] * 9, 2.0], 0),
        ([*[0.0] * 96, 1.0, 2.0, 3.0, 4.0], 0),
        ([*[0.0] * 95, 1.0, 2.0, 3.0, 4.0, 5.0], 1.0),
    ],
)
def test_what_many_undisputed_comments_look_like_is_no_sign_and_what_few_do_still_is(parts, expected):
    assert shape_caution(parts) == expected


# --- on a site -----------------------------------------------------------------


def state() -> tuple[bytes, int, int, float]:
    row = LearnerState.objects.get()
    return bytes(row.own), row.decisions, row.spam_decisions, row.caution


def decided(post, text: str, moderator, *, is_spam: bool):
    comment = make_comment(post=post, author=make_member(), body=text)
    if not is_spam:
        set_status(comment, Comment.Status.HELD)
    return decide(comment, "spam" if is_spam else "approve", by=moderator)


@pytest.mark.parametrize("seed", range(figure(2, 4)))
def test_what_was_undone_was_never_decided_whenever_the_classifier_was_fitted(seed, post, moderator):
    chance = random.Random(seed)  # noqa: S311 - a reproducible choice
    texts = [*((text, False) for text in ENGLISH[:7]), *((text, True) for text in ENGLISH_SPAM[:5])]
    chance.shuffle(texts)
    decisions = []
    for text, is_spam in texts:
        decisions.append(decided(post, text, moderator, is_spam=is_spam))
        if chance.random() < 0.3:
            tasks.refit_learner()
    for decision in chance.sample(decisions, 6):
        undo(decision, by=moderator)
    assert TrainingSample.objects.count() == 6
    after = state()
    training.forget_everything()
    assert teach_from_decisions() == 6
    assert state() == after


def test_undoing_everything_leaves_an_empty_classifier(post, moderator):
    for decision in [decided(post, text, moderator, is_spam=False) for text in ENGLISH[:8]]:
        undo(decision, by=moderator)
    assert Weights.unpack(bytes(LearnerState.objects.get().own)).pack() == Weights().pack()


def test_a_decision_during_a_fit_stays_and_causes_another_one(post, moderator, monkeypatch):
    for text, is_spam in [(ENGLISH[0], False), (ENGLISH_SPAM[0], True)]:
        decided(post, text, moderator, is_spam=is_spam)
    LearnerState.objects.update(is_settled=False)
    put_in = fitting._put_in
    monkeypatch.setattr(tasks, "settle_soon", lambda: None)

    def decide_first(stakes):
        monkeypatch.setattr(fitting, "_put_in", put_in)
        decided(post, ENGLISH_SPAM[1], moderator, is_spam=True)
        put_in(stakes)

    monkeypatch.setattr(fitting, "_put_in", decide_first)
    assert fitting.settle()
    row = LearnerState.objects.get()
    assert (row.is_settled, row.decisions, row.spam_decisions) == (False, 3, 2)
    weights = Weights.unpack(bytes(row.own))
    for sample in map(training.sample_of, TrainingSample.objects.all()):
        weights.unlearn(sample)
    assert weights.pack() == Weights().pack()
    assert (fitting.settle(), fitting.settle()) == (True, False)


def test_a_fit_holds_no_lock_and_writes_a_few_stakes_at_a_time(post, moderator, monkeypatch):
    texts = [*((text, False) for text in ENGLISH[:3]), *((text, True) for text in ENGLISH_SPAM[:3])]
    scorer = training.current_scorer()
    training.teach_many((scorer.score(Material(text)), is_spam) for text, is_spam in texts)
    outside = len(connection.savepoint_ids)
    fit, update = Weights.fit, QuerySet.bulk_update
    transactions: set[bool] = set()
    written: list[int] = []

    def fit_and_look(weights, sample):
        transactions.add(len(connection.savepoint_ids) > outside)
        fit(weights, sample)

    def update_and_count(rows, objects, *args, **options):
        written.append(len(objects))
        return update(rows, objects, *args, **options)

    monkeypatch.setattr(fitting, "SLICE", 2)
    monkeypatch.setattr(Weights, "fit", fit_and_look)
    monkeypatch.setattr(QuerySet, "bulk_update", update_and_count)
    assert fitting.settle()
    assert (transactions, len(written), max(written)) == ({False}, 3, 2)


def test_samples_that_went_in_another_way_are_forgotten_by_the_next_fit(post, moderator):
    for text, is_spam in [(ENGLISH[0], False), (ENGLISH_SPAM[0], True)]:
        decided(post, text, moderator, is_spam=is_spam)
    before = state()
    decided(post, ENGLISH_SPAM[1], moderator, is_spam=True)
    TrainingSample.objects.latest("pk").delete()
    tasks.refit_learner()
    assert state() == before


def test_links_are_held_against_nobody_where_the_own_people_link_whatever_it_was_taught(post):
    """Taught that links mean spam, for example by music videos; then members here post links unopposed."""
    said = [text for text in ENGLISH if "http" not in text]
    scorer = training.current_scorer()
    links = {number: f" https://www.youtube.com/watch?v={number}" for number in range(1, 84, 2)}
    training.teach_many(
        (scorer.score(Material(text + links.get(number, ""))), number in links)
        for number, text in enumerate([*said[:24], *ELSEWHERE[:60]])
    )
    fitting.settle()
    # Short: in a longer one the words would decide.
    linking = "It was in the paper last week. https://www.nytimes.com/2012/04/26/birthdays.html"

    def outcome() -> str:
        return training.current_scorer().score(Material(linking)).outcome

    before = outcome()
    for text in said[24:]:
        make_comment(
            post=post,
            author=make_member(),
            body=f"{' '.join(text.split()[:8])} https://en.wikipedia.org/wiki/Bridge",
            status="public",
            published_at=timezone.now() - timedelta(days=5),
        )
    tasks.refit_learner()
    assert (before, outcome()) == ("hold", "publish")


def test_what_the_own_people_write_stays_public_though_many_decisions_made_the_filter_bolder(post):
    """Adverts for knives were marked as spam; here members remember who sold them."""
    scorer = training.current_scorer()
    size = "Sharp kitchen knives in every size, the best steel for your kitchen, number {} of our collection"
    training.teach_many(
        (scorer.score(Material(text)), is_spam)
        for number, genuine in enumerate([*ENGLISH, *ELSEWHERE[:20]])
        for text, is_spam in ((genuine, False), (size.format(number), True))
    )
    fitting.settle()
    sellers = "Uncle,Aunt Mary,My father,The butcher,Old Tom,Our neighbour,The smith,Grandfather,His cousin,A stranger,The pedlar"
    said = [
        f"{who} sold sharp kitchen knives in every size, the best steel for your kitchen."
        for who in sellers.split(",")
    ]

    def published() -> int:
        scorer = training.current_scorer()
        return sum(scorer.score(Material(text)).outcome == "publish" for text in said)

    before = published()
    for text in said[:-1]:
        make_comment(
            post=post,
            author=make_member(),
            body=text,
            status="public",
            published_at=timezone.now() - timedelta(days=5),
        )
    tasks.refit_learner()
    assert (before, published()) == (0, len(said))


# --- a new site, in nine languages -----------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_on_the_first_day_most_spam_is_found_in_every_language_and_nobody_genuine_waits(name, site):
    genuine, spam = comments_in(name)
    waiting = [text for text in genuine if held(site, [text])]
    assert (waiting, held(site, spam) >= 28) == ([], True)
