"""The classifier that a site's moderators train: two models over hashed words and letters.

The first is logistic regression, fitted in the dual (Shalev-Shwartz and Zhang 2013, "Stochastic dual
coordinate ascent"): the weights are always the sum of the samples, each times its dual variable.
So removing a sample is a subtraction, exact to the last bit because everything is an integer, and refitting
the samples (`refit`) converges to the same optimum in any order. The second only counts in how many samples
of each class a feature occurred (naive Bayes). It makes different errors: on short texts the two together
rank better than either (decision 0032).
"""

import math
import random
import zlib
from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Self

from moderation.spamfilter.engine.features import SIZE, VALUE_UNIT, Features, is_informative, shape_in
from moderation.spamfilter.engine.packing import from_bytes, to_bytes

# Increase it when the features change: the classifier is then retrained from the log.
MODEL_VERSION = 2

# Dual variables are stored as integers in this unit.
DUAL_UNIT = 1 << 10
# The limit of a dual variable (C in the dual problem). A larger one follows single decisions more closely.
MAX_DUAL = 10.0
# The score from which the fit starts with every sample, whatever the rules say (decision 0145): close to that of a
# comment about which nothing is known.
START = -2.0
# The limits of the rules' score that is kept with a sample, for the caution.
MIN_OFFSET, MAX_OFFSET = -3.0, 1.0
# The factors of the fitted score and of the naive Bayes score.
FITTED_SHARE, COUNTED_SHARE = 0.5, 0.15
# In a comment with this many features (a dozen words), its shape counts against it no more than its words do.
# Links, digits and length mean spam on one site and are normal on another, and such a comment has enough
# words to judge.
LONG_ENOUGH = 200
# If this many features of a comment were in no sample, the classifier knows little about it. Its score is
# limited to the second figure, which does not hold a comment alone, unless the known words exceed CLEAR_EVIDENCE,
# which those of no genuine comment did; each point above adds PER_CLEAR_POINT.
STRANGE, MAX_FOR_STRANGE = 130, 2.0
CLEAR_EVIDENCE, PER_CLEAR_POINT = 2.5, 2.0
# Pseudo-counts of each feature (smoothing).
COUNTS_AT_FIRST = 2.0

# Approvals count in favour of a comment only if enough of its words are known: not below the first share,
# fully from the second. Very short comments count as unknown.
MIN_KNOWN, ENOUGH_KNOWN = 0.5, 0.8
WORDS_AT_FIRST = 2
# Of this many places, one is sampled to estimate how many are in use.
LOOKED_AT = 64

# Prior material has at most half the weight, never holds a comment alone, and fades with the site's own
# decisions.
PRIOR_WEIGHT = 0.5
# Spam on other sites is often spam here. Genuine comments there (about music, say) say little about those
# here.
PRIOR_MAX_FOR_SPAM, PRIOR_MAX_FOR_HAM = 2.0, 0.5
# It is also followed less closely, so that single comments on other sites have no influence.
PRIOR_MAX_DUAL = 10.0
PRIOR_FADES_AT = 200
# What was learned is weighted by (n + 2) / (n + 7), n being the number of decisions of the rarer class.
RARER_AT_FIRST, RARER_HALF = 2, 5
# The rules assume that one comment in twenty is spam, but the decisions are about equal numbers of each, and
# the regularised fit corrects that only partly. With enough decisions this is added, less for comments with a
# negative score, and less if most decisions are about spam: then the fit is bold enough. The caution removes it
# again if genuine comments come close to being held.
BOLDNESS = 1.5


@dataclass
class Sample:
    """One decision: the comment's features, the moderator's verdict, and its dual variable."""

    values: dict[int, int]
    is_spam: bool
    # The score of the rules alone, limited to MIN_OFFSET and MAX_OFFSET.
    offset: float
    dual: int = 0
    # The fit explains only what the score is beyond this.
    start: float = START

    @classmethod
    def of(cls, features: dict[int, int], is_spam: bool, rules_score: float) -> Self:
        return cls(features, is_spam, max(MIN_OFFSET, min(MAX_OFFSET, rules_score)))

    def pack(self) -> bytes:
        """The values as bytes. The dual variable, label and offset have their own columns."""
        return zlib.compress(
            to_bytes(array("H", self.values.keys())) + to_bytes(array("h", self.values.values()))
        )

    @staticmethod
    def unpack(packed: bytes) -> dict[int, int]:
        raw = zlib.decompress(packed)
        half = len(raw) // 2
        return dict(zip(from_bytes("H", raw[:half]), from_bytes("h", raw[half:]), strict=True))


class Weights:
    """The sum of the samples, each times its dual variable (at most max_dual), and the count of each feature."""

    def __init__(self, max_dual: float = MAX_DUAL) -> None:
        self.sums = array("q", bytes(8 * SIZE))
        # By class: genuine, spam. Below: the number of samples of each.
        self.counts = (array("I", bytes(4 * SIZE)), array("I", bytes(4 * SIZE)))
        self.samples = array("I", (0, 0))
        # The number of features in all samples of each class: the sums of the counts.
        self.features = array("Q", (0, 0))
        self._in_use: float | None = None
        self.max_dual = max_dual

    def learn(self, sample: Sample, rehearsed: Iterable[Sample] = ()) -> None:
        """Add a sample and refit some older ones (`choose_for_rehearsal`), to keep the classes balanced."""
        self.fit(sample)
        self._count(sample, 1)
        self.rehearse(rehearsed)

    def rehearse(self, known: Iterable[Sample]) -> None:
        """Refit samples that are part of the sum already."""
        for sample in known:
            self.fit(sample)

    def unlearn(self, sample: Sample) -> None:
        self.add(sample.values, -sample.dual)
        sample.dual = 0
        self._count(sample, -1)

    def _count(self, sample: Sample, by: int) -> None:
        self._in_use = None
        self.samples[sample.is_spam] += by
        self.features[sample.is_spam] += by * len(sample.values)
        counts = self.counts[sample.is_spam]
        for place in sample.values:
            counts[place] += by

    def has_seen_feature(self, place: int) -> bool:
        return bool(self.counts[0][place] or self.counts[1][place])

    def share_in_use(self) -> float:
        """The share of places in use, estimated from some of them."""
        if self._in_use is None:
            self._in_use = sum(map(self.has_seen_feature, range(0, SIZE, LOOKED_AT))) / (SIZE // LOOKED_AT)
        return self._in_use

    def share_of_seen(self, places: Collection[int]) -> float:
        """The share of these places that occurred in samples, 0 to 1, corrected for hash collisions."""
        used = self.share_in_use()
        if used >= 1 or not places:
            return 1.0
        return max(0.0, (sum(map(self.has_seen_feature, places)) / len(places) - used) / (1 - used))

    def unseen(self, values: dict[int, int]) -> float:
        """The number of features of a comment that occurred in no sample."""
        return len(values) * (1 - self.share_of_seen(values))

    def opinion(self, values: dict[int, int], but: float = 0.0) -> float:
        """The score of a comment in log-odds. but: part of the fitted score to leave out (a sample's own)."""
        return FITTED_SHARE * sum(self.fitted(values, but)) + COUNTED_SHARE * self.lean(values)

    def fitted(self, values: dict[int, int], but: float = 0.0) -> tuple[float, float]:
        """The fitted score by words and by shape.

        In a longer comment, the shape counts no more than the words.
        """
        by_shape = self.margin(shape_in(values))
        by_words = self.margin(values) - by_shape - but
        if by_shape > 0 and len(values) >= LONG_ENOUGH:
            by_shape = min(by_shape, max(0.0, by_words))
        return by_words, by_shape

    def lean(self, values: dict[int, int]) -> float:
        """The naive Bayes score in log-odds: in which class the features occurred more than their share.

        Relative to the number of features, not of samples: if spam is longer than genuine comments, every
        rare word occurred in more spam. Divided by the root of the number of features: they are correlated,
        so n of them say less than n times as much.

        Each counts only by what it leans more than is usual for features that are frequent in both classes.
        If most genuine comments are in another language, those words of this one lean to spam too, and all
        its genuine comments with them.
        """
        ham, spam = self.counts
        of_talk, of_spam = self.features
        if not (of_talk and of_spam):
            return 0.0
        features = of_talk + of_spam
        per_talk, per_spam = features / of_talk, features / of_spam
        log = math.log
        total = usual = common = 0.0
        seen = 0
        for place in values:
            in_spam, in_talk = spam[place] * per_spam, ham[place] * per_talk
            if in_spam or in_talk:
                lean = log((in_spam + COUNTS_AT_FIRST) / (in_talk + COUNTS_AT_FIRST))
                total += lean
                seen += 1
                shared = in_spam * in_talk / (in_spam + in_talk)
                usual += shared * lean
                common += shared
        if usual > 0:
            total -= seen * usual / common
        return total / math.sqrt(len(values) + 1)

    def margin(self, values: dict[int, int]) -> float:
        sums = self.sums
        return sum(sums[place] * value for place, value in values.items()) / (
            VALUE_UNIT * VALUE_UNIT * DUAL_UNIT
        )

    def add(self, values: dict[int, int], dual: int) -> None:
        sums = self.sums
        for place, value in values.items():
            sums[place] += value * dual

    def fit(self, sample: Sample) -> None:
        """Set the sample's dual variable to the maximum of the dual objective, all others fixed (Newton's method)."""
        sign = 1 if sample.is_spam else -1
        square = sum(value * value for value in sample.values.values()) / (VALUE_UNIT * VALUE_UNIT)
        margin = sign * (self.margin(sample.values) + sample.start)
        limit = self.max_dual
        before = abs(sample.dual) / DUAL_UNIT
        least, most = 1e-9 * limit, (1 - 1e-9) * limit
        now = before or limit / (1 + math.exp(max(-30.0, min(30.0, margin))))
        now = max(10 * least, min(now, most))
        for _step in range(12):
            gap = math.log(now / (limit - now)) + margin + square * (now - before)
            new = now - gap / (1 / now + 1 / (limit - now) + square)
            new = (now + least) / 2 if new <= least else (now + most) / 2 if new >= most else new
            if abs(new - now) < 1e-6 * limit:
                now = new
                break
            now = new
        dual = sign * round(now * DUAL_UNIT)
        self.add(sample.values, dual - sample.dual)
        sample.dual = dual

    def refit(self, samples: Sequence[Sample], rounds: int = 6) -> None:
        """Refit samples that are part of the sum already, until they converge."""
        order = list(range(len(samples)))
        shuffle = random.Random(len(samples)).shuffle  # noqa: S311 - any fixed order
        for _round in range(rounds):
            shuffle(order)
            for number in order:
                self.fit(samples[number])

    def pack(self) -> bytes:
        return zlib.compress(
            b"".join(to_bytes(numbers) for numbers in (self.sums, *self.counts, self.samples, self.features)),
            1,
        )

    @classmethod
    def unpack(cls, packed: bytes, max_dual: float = MAX_DUAL) -> Self:
        weights = cls(max_dual)
        if packed:
            raw = memoryview(zlib.decompress(packed))
            parts = (
                raw[: 8 * SIZE],
                raw[8 * SIZE : 12 * SIZE],
                raw[12 * SIZE : 16 * SIZE],
                raw[16 * SIZE :][:8],
            )
            weights.sums = from_bytes("q", parts[0])
            weights.counts = (from_bytes("I", parts[1]), from_bytes("I", parts[2]))
            weights.samples = from_bytes("I", parts[3])
            # Weights stored by earlier versions end here.
            weights.features = from_bytes("Q", raw[16 * SIZE + 8 :]) or array("Q", map(sum, weights.counts))
        return weights


class Learner:
    """What this site's decisions taught and, kept separately, what the material of other sites suggests."""

    def __init__(
        self,
        own: Weights | None = None,
        prior: Weights | None = None,
        decisions: int = 0,
        spam_decisions: int = 0,
        caution: float = 0.0,
        shape_caution: float = 0.0,
    ) -> None:
        self.own, self.prior = own or Weights(), prior
        self.decisions, self.spam_decisions = decisions, spam_decisions
        # What to leave out of a positive score, and of the score for the shape
        # (moderation.spamfilter.engine.balance).
        self.caution, self.shape_caution = caution, shape_caution

    def learn(self, sample: Sample, rehearsed: Iterable[Sample] = ()) -> None:
        self.own.learn(sample, rehearsed)
        self.decisions += 1
        self.spam_decisions += sample.is_spam

    def unlearn(self, sample: Sample) -> None:
        self.own.unlearn(sample)
        self.decisions -= 1
        self.spam_decisions -= sample.is_spam

    def learn_prior(self, material: Iterable[tuple[Features, bool]]) -> int:
        """Train with material of other sites: its words only, not length or links. Returns its size."""
        self.prior = self.prior or Weights(PRIOR_MAX_DUAL)
        samples = [Sample(features.said, is_spam, 0.0, start=0.0) for features, is_spam in material]
        random.Random(len(samples)).shuffle(samples)  # noqa: S311 - files are often sorted by class
        for sample in samples:
            self.prior.learn(sample)
        self.prior.refit(samples)
        return len(samples)

    def own_part(self, features: Features) -> float:
        """The score by this site's decisions in log-odds, reduced by the caution."""
        own = self._cautious_score(features)
        if own > MAX_FOR_STRANGE and self.own.unseen(features.values) >= STRANGE:
            by_words, _by_shape = self.own.fitted(features.values)
            return min(own, MAX_FOR_STRANGE + PER_CLEAR_POINT * max(0.0, by_words - CLEAR_EVIDENCE))
        return own

    def _cautious_score(self, features: Features) -> float:
        own = self.score_beyond_shape(features)
        care = self.caution - self._boldness()
        if own > 0 < care:
            return max(0.0, own - care)
        own -= min(0.0, care) * max(0.0, min(1.0, 1 + own))
        return own * self.familiarity(features) if own <= 0 else own

    def emboldened(self, own: float) -> float:
        """The score with BOLDNESS and without caution. The caution is measured with it."""
        return own + self._boldness() * max(0.0, min(1.0, 1 + own))

    def _boldness(self) -> float:
        if not self.decisions:
            return 0.0
        rarer = self._rarer()
        genuine = (self.decisions - self.spam_decisions) / self.decisions
        return BOLDNESS * min(1.0, 2 * genuine) * rarer / (rarer + RARER_AT_FIRST + RARER_HALF)

    def score_beyond_shape(self, features: Features) -> float:
        """The score by this site's decisions, less what its shape has in common with undisputed comments.

        See `shape_caution`.
        """
        own = self.opinion_on(features.values)
        if not self.shape_caution:
            return own
        _by_words, by_shape = self.own.fitted(features.values)
        return own - min(self.shape_caution, self._shape_weight(by_shape))

    def shape_part(self, features: Features) -> float:
        """What the shape would count against a comment of any length, in log-odds, at least 0."""
        return self._shape_weight(self.own.margin(shape_in(features.values)))

    def _shape_weight(self, margin: float) -> float:
        return max(0.0, FITTED_SHARE * margin * self._weight_of_rare_features())

    def familiarity(self, features: Features) -> float:
        """How far approvals count in favour of a comment, 0 to 1.

        Not at all if most of its words were in no sample.
        """
        places = [place for word, (place, _value) in features.words.items() if is_informative(word)]
        known = len(places) * self.own.share_of_seen(places)
        share = (known + WORDS_AT_FIRST) / (len(places) + WORDS_AT_FIRST)
        return max(0.0, min(1.0, (share - MIN_KNOWN) / (ENOUGH_KNOWN - MIN_KNOWN)))

    def opinion_on(self, values: dict[int, int], but: float = 0.0) -> float:
        """The score by this site's decisions, before corrections.

        With samples of only one class, the two cannot be told apart, so it counts as much as the rarer class
        allows. but: part of the fitted score to leave out.
        """
        return self.own.opinion(values, but) * self._weight_of_rare_features()

    def _rarer(self) -> int:
        return min(self.spam_decisions, self.decisions - self.spam_decisions)

    def _weight_of_rare_features(self) -> float:
        rarer = self._rarer()
        return (rarer + RARER_AT_FIRST) / (rarer + RARER_AT_FIRST + RARER_HALF)

    def prior_part(self, features: Features) -> float:
        """The score by other sites' material.

        It is limited, so that it ranks but never decides, and fades with each decision of the site's own.
        """
        if self.prior is None:
            return 0.0
        opinion = PRIOR_WEIGHT * self.prior.opinion(features.said)
        most = PRIOR_MAX_FOR_SPAM if opinion > 0 else PRIOR_MAX_FOR_HAM
        return most * math.tanh(opinion / most) * PRIOR_FADES_AT / (PRIOR_FADES_AT + self.decisions)

    def informative_words(self, features: Features, most: int = 4) -> list[str]:
        """The informative words with the highest spam weights, strongest first."""
        parts = {
            word: self.own.sums[place] * value
            for word, (place, value) in features.words.items()
            if is_informative(word)
        }
        return sorted((word for word, part in parts.items() if part > 0), key=lambda word: -parts[word])[
            :most
        ]


@cache
def untaught() -> Learner:
    """An empty learner to query, not to train.

    Creating its tables takes two milliseconds, so it is shared.
    """
    return Learner()
