"""What keeps the classifier balanced: which old samples are gone over with a new one, and how cautious it is with what it was taught."""

import math
import random
from collections.abc import Iterable, Mapping, Sequence

from moderation.spamfilter.engine.classifier import STAKE_UNIT, Learner, Sample
from moderation.spamfilter.engine.features import VALUE_UNIT

# With each decision this many older samples are gone over, half of them of the other kind. Without them a
# campaign that is marked comment by comment pulls genuine comments along (decision 0062).
REHEARSED = 10
# Of 100 genuine comments that the rules would publish, the classifier may hold this many: of those that moderators approved,
# which are odder than most (measured without BOLDNESS), and of those that nobody objected to (measured with it).
APPROVED_PERCENT, SETTLED_PERCENT = 2.0, 1.0
# With fewer than that, the highest score counts.
ENOUGH = 50
MOST_CAUTION = 4.5
# Of the comments that nobody objected to, this many may have a shape (length, links, signs) that the classifier holds against them.
SHAPE_PERCENT = 4.0
# With fewer of them it is not known how people write.
LEAST_SETTLED = 10


def choose_for_rehearsal(kinds: Mapping[int, bool], is_spam: bool, seed: int) -> list[int]:
    """Which samples to go over with a new one: some of the other kind, some of any. kinds: which samples are spam.

    seed: how many decisions there are, so that each goes over different ones and a test over the same.
    """
    pick = random.Random(seed)  # noqa: S311 - any choice will do
    keys = list(kinds)
    others = [key for key in keys if kinds[key] != is_spam]
    chosen = pick.sample(others, min(REHEARSED // 2, len(others)))
    chosen += pick.sample(keys, min(REHEARSED - REHEARSED // 2, len(keys)))
    return list(dict.fromkeys(chosen))


def score_without(learner: Learner, sample: Sample) -> float:
    """What a genuine sample would score if nobody had decided about it: its own part in the weights is left out."""
    square = sum(value * value for value in sample.values.values()) / (VALUE_UNIT * VALUE_UNIT)
    own = learner.opinion_on(sample.values, but=sample.stake * square / STAKE_UNIT)
    return sample.offset + own


def caution(scores: Iterable[float], percent: float) -> float:
    """How much of the classifier's score, in log-odds, to leave out, so that at most this share of these comments is held.

    scores: of genuine comments that the rules alone would publish, in log-odds; 0 is where comments are held.
    """
    ordered: Sequence[float] = sorted(scores, reverse=True)
    if not ordered:
        return 0.0
    allowed = math.floor(len(ordered) * percent / 100) if len(ordered) >= ENOUGH else 0
    return max(0.0, min(MOST_CAUTION, ordered[allowed] + 1e-6))


def shape_caution(parts: Sequence[float]) -> float:
    """How much of what the classifier holds against a comment's shape to leave out: what the site's own people write like is no sign.

    parts: Learner.shape_part of comments that nobody objected to. The highest is never counted: it may be spam that nobody saw.
    """
    if len(parts) < LEAST_SETTLED:
        return 0.0
    ordered = sorted(parts, reverse=True)
    return ordered[max(1, math.floor(len(ordered) * SHAPE_PERCENT / 100))]
