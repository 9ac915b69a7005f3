"""The learner knows what it was taught, and forgets what is taken back."""

import math
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.spamfilter.engine.classifier import (
    MAX_FOR_STRANGE,
    PRIOR_MAX_FOR_SPAM,
    STRANGE,
    Learner,
    Sample,
    Weights,
)
from moderation.spamfilter.engine.features import SIZE, features_of, is_informative, shape_in
from moderation.spamfilter.engine.history import MarkRecord, Nearest, PlainHistory, similarity, sketch_of
from moderation.spamfilter.engine.text import Material, TextAnalysis

SPAM = [
    "win a golden lamp tonight",
    "golden lamps for everybody tonight",
    "a golden lamp is waiting",
    "your golden lamp, tonight only",
]
TALK = [
    "my aunt kept bees on the roof",
    "the bees came back in April",
    "honey from our own roof, at last",
    "an aunt of mine kept goats",
]


def features(text: str):
    return features_of(TextAnalysis(Material(text)), [])


def sample(text: str, is_spam: bool) -> Sample:
    return Sample.of(features(text).values, is_spam, -3.0)


def taught(*more: tuple[str, bool]) -> Learner:
    learner = Learner()
    for text, is_spam in [*((text, True) for text in SPAM), *((text, False) for text in TALK), *more]:
        learner.learn(sample(text, is_spam))
    return learner


def test_it_starts_empty():
    assert Learner().own_part(features("win a golden lamp")) == 0


def test_it_learns_from_few_decisions_and_names_the_words():
    learner = taught()
    lamp, bees = features("get the golden lamp"), features("bees on my roof")
    assert learner.own_part(lamp) > 1 > 0 > learner.own_part(bees)
    assert set(learner.informative_words(lamp)) & {"golden", "lamp"}


VALUES = st.dictionaries(
    st.integers(0, 65535), st.integers(-32767, 32767).filter(bool), min_size=1, max_size=60
)
LESSONS = st.builds(Sample, values=VALUES, is_spam=st.booleans(), offset=st.floats(-3, 1))


@given(st.lists(LESSONS, max_size=5), LESSONS)
def test_unlearning_what_was_learned_leaves_no_trace(before, one):
    learner = Learner()
    for other in before:
        learner.learn(other)
    known, decisions = learner.own.pack(), learner.decisions
    learner.learn(one)
    assert learner.own.pack() != known
    learner.unlearn(one)
    assert (learner.own.pack(), learner.decisions, one.dual) == (known, decisions, 0)


@given(st.lists(LESSONS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_samples_can_be_unlearned_in_any_order_even_after_a_refit(samples, random):
    learner = Learner()
    for one in samples:
        learner.learn(one)
    learner.own.refit(samples, rounds=2)
    random.shuffle(samples)
    for one in samples:
        learner.unlearn(one)
    assert learner.own.pack() == Weights().pack()


@given(LESSONS)
def test_a_sample_teaches_the_same_whatever_the_rules_said_of_it(one):
    other = Sample(one.values, one.is_spam, -1 - one.offset / 2)
    weights = [Weights(), Weights()]
    for each, taught_with in zip(weights, (one, other), strict=True):
        each.learn(taught_with)
    assert weights[0].pack() == weights[1].pack()


@given(st.lists(LESSONS, max_size=4))
def test_what_is_packed_comes_out_as_it_went_in(samples):
    weights = Weights()
    for one in samples:
        weights.learn(one)
        assert Sample.unpack(one.pack()) == one.values
    again = Weights.unpack(weights.pack())
    assert (again.sums, again.counts, again.samples) == (weights.sums, weights.counts, weights.samples)


@given(st.text(max_size=2000))
def test_any_text_has_features_and_a_finite_part(text):
    assert math.isfinite(taught().own_part(features(text)))


def test_counts_lean_to_the_kind_in_which_a_feature_was_more_often_than_its_share():
    weights = Weights()
    for place, is_spam in [(1, True), (2, False), (2, False), (3, False), (3, True)]:
        weights.learn(Sample({place: 1024}, is_spam, 0.0))
    # Two of five samples are spam, and each feature has two imaginary neutral samples.
    only_spam, only_talk, in_both, never_seen = (weights.lean({place: 1024}) for place in (1, 2, 3, 4))
    assert only_spam == pytest.approx(math.log((5 / 2 + 2) / 2) / math.sqrt(2))
    assert only_talk == pytest.approx(math.log(2 / (2 * 5 / 3 + 2)) / math.sqrt(2))
    assert in_both == pytest.approx(0)  # it is all that is usual in both
    assert never_seen == 0


def test_counts_do_not_lean_to_spam_because_most_genuine_comments_are_in_another_language():
    weights = Weights()
    for is_spam in (False, True) * 10:
        weights.learn(Sample({1: 1024, 2: 1024, 8 + is_spam: 1024}, is_spam, 0.0))
    for number in range(50):
        weights.learn(Sample(dict.fromkeys(range(200 + number, 210 + number), 1024), False, 0.0))
    ordinary, genuine, advert = (weights.lean({1: 1024, 2: 1024, place: 1024}) for place in (5, 8, 9))
    assert (ordinary, genuine < 0, advert > 0) == (pytest.approx(0), True, True)


def test_the_more_of_the_decisions_are_about_spam_the_less_is_added():
    def added(spam: int, genuine: int) -> float:
        learner = Learner(decisions=spam + genuine, spam_decisions=spam)
        return learner.emboldened(1.0) - 1.0

    assert added(50, 50) == added(50, 200)
    assert added(200, 50) == pytest.approx(0.4 * added(50, 50))
    assert added(0, 0) == 0


def test_a_word_seen_once_in_long_spam_weighs_less_than_once_in_short_ham():
    """Otherwise every rare word would count as spam if spam is longer."""
    weights = Weights()
    weights.learn(Sample(dict.fromkeys(range(100), 1024), True, 0.0))
    weights.learn(Sample(dict.fromkeys(range(200, 210), 1024), False, 0.0))
    assert weights.lean({5: 1024}) == pytest.approx(math.log((110 / 100 + 2) / 2) / math.sqrt(2))
    assert weights.lean({205: 1024}) == pytest.approx(math.log(2 / (110 / 10 + 2)) / math.sqrt(2))
    again = Weights.unpack(weights.pack())
    older = Weights.unpack(zlib.compress(zlib.decompress(weights.pack())[:-16]))
    assert (again.lean({5: 1024}), older.lean({5: 1024})) == (weights.lean({5: 1024}),) * 2


SAID = "an aunt of mine kept goats and bees behind the old mill, where nobody had tried to grow anything but nettles"
LINK = " https://www.nytimes.com/"


def test_in_a_long_comment_a_link_says_no_more_than_the_words():
    """Taught that links mean spam: a link alone is enough in a short comment, not in one with much text."""
    learner = taught(*((f"{word}{LINK}", True) for word in ["this", "look", "here", "see", "well"]))
    short, harmless, advert = (features(text + LINK) for text in ("goats ", SAID, ", ".join(SPAM)))

    def parts(one) -> tuple[float, float]:
        by_shape = learner.own.margin(shape_in(one.values))
        return learner.own.margin(one.values) - by_shape, by_shape

    said, linked = parts(harmless)
    assert 0 < said < linked
    assert learner.own.fitted(harmless.values) == (said, said)
    assert [learner.own.fitted(one.values) for one in (short, advert)] == [parts(short), parts(advert)]
    learner.learn(Sample.of(harmless.values, False, -3.0))
    said, linked = parts(harmless)
    assert said < 0 < linked
    assert learner.own.fitted(harmless.values) == (said, 0)


def test_what_was_learned_elsewhere_does_not_hold_a_strange_comment_alone():
    advert = f"win coins now {LINK}"
    learner = taught(
        *((f"{advert} {number}", True) for number in range(10)),
        *((word, False) for word in ["bread", "goats", "mill", "bees", "nettles", "walk", "bridge", "oven"]),
    )
    known, strange = features(f"{advert} {advert} {advert}"), features(f"{advert} {advert} {advert} {SAID}")
    assert (learner.own.unseen(known.values) < STRANGE, learner.own.unseen(strange.values) >= STRANGE) == (
        True,
        True,
    )
    assert learner.own_part(known) > MAX_FOR_STRANGE >= learner.own_part(strange)


def test_how_many_features_were_never_seen_allows_for_places_shared_by_chance():
    weights = Weights()
    assert (weights.unseen({1: 1024, 2: 1024}), weights.unseen({})) == (2, 0)
    weights.learn(Sample(dict.fromkeys(range(0, SIZE, 2), 1024), True, 0.0))
    assert weights.share_in_use() == 1
    assert weights.unseen({1: 1024}) == 0
    weights = Weights()
    weights.learn(Sample(dict.fromkeys(range(SIZE // 2), 1024), True, 0.0))
    chance = {SIZE // 2 - 1: 1024, SIZE // 2 + 1: 1024}
    assert (weights.share_in_use(), weights.unseen(chance)) == (0.5, 2)


def test_who_has_seen_one_kind_only_does_not_lean():
    weights = Weights()
    weights.learn(Sample({1: 1024}, True, 0.0))
    assert weights.lean({1: 1024}) == 0


def test_the_state_is_a_megabyte_in_the_process_and_less_in_the_database():
    known = taught().own
    assert sum(len(part.tobytes()) for part in (known.sums, *known.counts)) == 1024 * 1024
    assert len(known.pack()) < 64 * 1024


def test_material_of_other_sites_hints_but_never_decides_and_fades():
    learner = Learner()
    assert (
        learner.learn_prior(
            [(features(text), True) for text in SPAM * 3] + [(features(text), False) for text in TALK * 3]
        )
        == 24
    )
    lamp = features("a golden lamp tonight")
    first = learner.prior_part(lamp)
    assert 0.3 < first <= PRIOR_MAX_FOR_SPAM
    learner.decisions = 200
    assert learner.prior_part(lamp) == pytest.approx(first / 2)
    assert learner.own_part(lamp) == 0


def sketch(text: str) -> tuple[int, ...]:
    return sketch_of(TextAnalysis(Material(text)))


def test_near_copies_are_like_each_other_and_other_texts_are_not():
    one = "We have opened a new shop for lamps in the old harbour and everybody who comes before Sunday drinks for free."
    assert similarity(sketch(one), sketch(one.replace("Sunday", "Monday").replace("drinks", "eats"))) > 0.6
    assert similarity(sketch(one), sketch(" ".join(TALK))) < 0.1
    assert similarity(sketch(one), sketch(one.upper())) == 1


@given(st.text(max_size=300), st.text(max_size=300))
def test_similarity_is_a_share_and_the_same_both_ways(one, other):
    assert 0 <= similarity(sketch(one), sketch(other)) == similarity(sketch(other), sketch(one)) <= 1


def test_memory_knows_hosts_and_copies():
    history = PlainHistory()
    advert = TextAnalysis(
        Material("Come and see our lamps at https://lamps.example this very week, dear friends of light")
    )
    history.add(advert, True)
    history.add(TextAnalysis(Material("I saw bees at https://bees.example yesterday")), False)
    assert history.marks(["lamps.example", "bees.example", "other.example"]) == [
        MarkRecord("lamps.example", 0, 1),
        MarkRecord("bees.example", 1, 0),
    ]
    assert history.nearest(advert) == Nearest(spam=1.0, ham=0.0, spam_count=1)
    assert history.nearest(TextAnalysis(Material("Nothing like it was ever said."))) == Nearest()


@pytest.mark.parametrize("times", [1, 2])
def test_a_host_of_spam_is_hard_evidence_from_the_second_time_on(scorer, times):
    for number in range(times):
        scorer.history.add(
            TextAnalysis(Material(f"Number {number} says lamps-for-all.example is good")), True
        )
    verdict = scorer.score(Material("A word about lamps-for-all.example from me"))
    assert [signal.is_hard for signal in verdict.signals if signal.code == "bad_mark"] == [times == 2]


def test_a_host_with_approved_comments_is_never_hard_evidence(scorer):
    for is_spam in (True, True, False):
        scorer.history.add(TextAnalysis(Material("See lamps-for-all.example")), is_spam)
    assert "bad_mark" not in [
        signal.code for signal in scorer.score(Material("A word about lamps-for-all.example")).signals
    ]


def test_a_long_copy_of_spam_is_hard_evidence_and_short_praise_is_not(scorer):
    long = "We have opened a new shop for lamps in the old harbour and everybody who comes before Sunday drinks for free."
    for text in (long, "great song"):
        scorer.history.add(TextAnalysis(Material(text)), True)
    assert [
        signal.is_hard
        for text in (long, "great song")
        for signal in scorer.score(Material(text)).signals
        if signal.code == "copy_of_spam"
    ] == [
        True,
        False,
    ]


def test_a_strangers_question_posted_again_with_a_link_is_seen(scorer):
    asked = "Does anybody know how long the ferry takes in winter, and whether the kiosk on the pier is open?"
    scorer.history.add(TextAnalysis(Material(asked)), False)
    assert "copy_with_link" in [
        signal.code for signal in scorer.score(Material(f"{asked} https://ferry-deals9.example")).signals
    ]
    assert "copy_with_link" not in [signal.code for signal in scorer.score(Material(asked)).signals]


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("of", False),
        ("your", False),
        ("1", False),
        ("2026", False),
        ("pills", True),
        ("彩票", True),
        ("да", True),
    ],
)
def test_words_that_say_nothing_are_not_shown_as_reasons(word, told):
    assert is_informative(word) is told
