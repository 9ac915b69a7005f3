"""Balancing the classifier: which old samples to refit with a new one, and how cautious to be."""

import math
import random
from collections.abc import Iterable, Mapping, Sequence

from moderation.spamfilter.engine.classifier import DUAL_UNIT, Learner, Sample
from moderation.spamfilter.engine.features import VALUE_UNIT

# With each decision, this many older samples are refitted, half of them of the other class. Otherwise a
# campaign that is marked comment by comment pulls genuine comments along (decision 0062).
REHEARSED = 10
# The percentage of genuine comments that the rules would publish and the classifier may hold: of approved
# comments, which are more unusual than most (measured without BOLDNESS), and of undisputed ones (measured
# with it).
APPROVED_PERCENT, SETTLED_PERCENT = 2.0, 1.0
# With fewer comments than this, none may be held.
ENOUGH = 50
MAX_CAUTION = 4.5
# The percentage of undisputed comments whose shape (length, links, characters) the classifier may count
# against them.
SHAPE_PERCENT = 4.0
# With fewer undisputed comments, nothing is known about how people write here.
MIN_SETTLED = 10


def choose_for_rehearsal(kinds: Mapping[int, bool], is_spam: bool, seed: int) -> list[int]:
    """Choose samples to refit with a new one: some of the other class, some of any.

    kinds: whether each sample is spam. seed: the number of decisions, so that each decision refits different
    samples and a test always the same ones.
    """
    pick = random.Random(seed)  # noqa: S311 - no security involved
    keys = list(kinds)
    others = [key for key in keys if kinds[key] != is_spam]
    chosen = pick.sample(others, min(REHEARSED // 2, len(others)))
    chosen += pick.sample(keys, min(REHEARSED - REHEARSED // 2, len(keys)))
    return list(dict.fromkeys(chosen))


def score_without(learner: Learner, sample: Sample) -> float:
    """The score of a genuine sample without its own decision: its own share of the weights is left out."""
    square = sum(value * value for value in sample.values.values()) / (VALUE_UNIT * VALUE_UNIT)
    own = learner.opinion_on(sample.values, but=sample.dual * square / DUAL_UNIT)
    return sample.offset + own


def caution(scores: Iterable[float], percent: float) -> float:
    """How much of the classifier's score, in log-odds, to leave out so that at most `percent` are held.

    scores: those of genuine comments that the rules alone would publish, in log-odds; comments are held from
    0.
    """
    ordered: Sequence[float] = sorted(scores, reverse=True)
    if not ordered:
        return 0.0
    allowed = math.floor(len(ordered) * percent / 100) if len(ordered) >= ENOUGH else 0
    return max(0.0, min(MAX_CAUTION, ordered[allowed] + 1e-6))


def shape_caution(parts: Sequence[float]) -> float:
    """How much of the score for a comment's shape to leave out, as the site's own members write like that.

    parts: Learner.shape_part of undisputed comments. The highest is never counted: it may be spam that no one
    noticed.
    """
    if len(parts) < MIN_SETTLED:
        return 0.0
    ordered = sorted(parts, reverse=True)
    return ordered[max(1, math.floor(len(ordered) * SHAPE_PERCENT / 100))]
