"""What a site learns from its moderators, and nothing else: logistic regression over hashed words and letters.

It is fitted in the dual (Shalev-Shwartz and Zhang 2013, "Stochastic dual coordinate ascent"): the weights are at all
times the sum of the lessons, each times one number of its own. So taking a lesson back is a subtraction, exact to the last
bit because all of it is integers, and going over the lessons again (`refit`) leads to the same optimum in any order.
"""

import math
import random
import sys
import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from moderation.spam.lexicons import ALIASES
from moderation.spam.reading import Reading

# Raise it when features are made otherwise: what was learned with other ones is then refitted from the log.
MODEL_VERSION = 1

BITS = 16
SIZE = 1 << BITS
# Feature values and the lessons' own numbers are kept as integers, in these units.
VALUE_UNIT = 1 << 10
STAKE_UNIT = 1 << 10
MOST_VALUE = 32_767
# How far one lesson may pull (C of the dual problem). Larger: it follows single decisions more closely.
MOST_STAKE = 100.0
# What a lesson finds said by the rules already; beyond that it still has something to teach.
LEAST_OFFSET, MOST_OFFSET = -3.0, 1.0

MOST_WORDS = 600
MOST_PIECES = 2500
# Prior material: at most half weight, never enough to hold a comment alone, gone as decisions of the site's own come.
PRIOR_WEIGHT = 0.5
# What is spam elsewhere is often spam here; talk elsewhere (about music, say) tells little about talk here.
PRIOR_MOST_FOR_SPAM, PRIOR_MOST_FOR_TALK = 2.0, 0.5
# And it is followed less closely: what only single comments of another site say is not taken up.
PRIOR_MOST_STAKE = 10.0
PRIOR_FADES_AT = 200
# What was learned counts (n + 2) / (n + 7), n being how many decisions there are of the rarer kind.
RARER_AT_FIRST, RARER_HALF = 2, 5


@dataclass(frozen=True)
class Features:
    """A comment as numbers: values by place, and where its words are, to say later which of them counted."""

    values: dict[int, int]
    words: dict[str, tuple[int, float]]
    # Without length, links and reasons: what may be compared with the talk of other sites.
    said: dict[int, int]


def _place(name: str) -> int:
    return zlib.crc32(name.encode("utf-8", "replace")) & (SIZE - 1)


def _whole(values: dict[int, float]) -> dict[int, int]:
    return {place: max(-MOST_VALUE, min(MOST_VALUE, whole)) for place, value in values.items() if (whole := round(value * VALUE_UNIT))}


def features_of(reading: Reading, codes: Iterable[tuple[str, float]]) -> Features:
    """Words, pairs of words and pieces of 3 to 5 letters, each group of length one; the shape; the reasons found.

    codes: the reasons and their weights, so that a site can learn how far to trust each of them.
    """
    words = reading.words
    if len(words) > MOST_WORDS:
        words = words[: MOST_WORDS // 2] + words[-MOST_WORDS // 2 :]
    words = [ALIASES.get(word, word) for word in words]
    values: dict[int, float] = {}
    known: dict[str, tuple[int, float]] = {}

    def add(names: Iterable[str], prefix: str, weight: float) -> None:
        counts = Counter(names)
        if not counts:
            return
        scaled = {name: 1.0 + math.log(count) for name, count in counts.items()}
        norm = math.sqrt(sum(value * value for value in scaled.values()))
        for name, value in scaled.items():
            place = _place(prefix + name)
            values[place] = values.get(place, 0.0) + weight * value / norm
            if prefix == "w":
                known[name] = (place, weight * value / norm)

    add(words, "w", 1.0)
    add((f"{one} {two}" for one, two in zip(["^", *words], [*words, "$"], strict=True)), "b", 0.5)
    line = f" {' '.join(words)} "
    if len(line) > MOST_PIECES // 3:
        half = MOST_PIECES // 6
        line = f"{line[:half]} {line[-half:]}"
    add((line[start : start + length] for length in (3, 4, 5) for start in range(len(line) - length + 1)), "c", 1.0)
    said = _whole(values)
    for name in _shape(reading):
        values[_place(f"s{name}")] = values.get(_place(f"s{name}"), 0.0) + 0.6
    for code, weight in codes:
        values[_place(f"r{code}")] = values.get(_place(f"r{code}"), 0.0) + 0.5 * min(1.5, abs(weight) / 2)
    values[_place("always")] = values.get(_place("always"), 0.0) + 0.5
    return Features(_whole(values), known, said)


def _shape(reading: Reading) -> list[str]:
    text = reading.text
    names = [f"length {min(8, int(math.log2(len(reading.words) + 1)))}", f"links {min(3, len(reading.addresses))}"]
    for host in reading.hosts[:20]:
        names += [f"host {host}", f"ending {host.rpartition('.')[2]}"]
    letters = sum(sign.isalpha() for sign in text)
    if letters > 4:
        names.append(f"capitals {int(4 * sum(sign.isupper() for sign in text) / letters)}")
    names += [sign for sign in ("!", "!!", "?", ":") if sign in text]
    if any(sign.isdigit() for sign in text):
        names.append("digit")
    if not reading.given.isascii():
        if any("\u2190" <= sign < "\u2c00" or sign >= "\U0001f000" for sign in reading.given):
            names.append("emoji")
        if any("\u2c00" <= sign < "\U0001f000" or "\u0100" <= sign < "\u2000" for sign in text):
            names.append("other letters")
    return names


@dataclass
class Lesson:
    """One decision: what the comment was like, what a moderator said, and how far it pulls (its stake)."""

    values: dict[int, int]
    is_spam: bool
    # The score of the rules alone, within LEAST_OFFSET and MOST_OFFSET.
    offset: float
    stake: int = 0

    @classmethod
    def of(cls, features: dict[int, int], is_spam: bool, rules_score: float) -> Self:
        return cls(features, is_spam, max(LEAST_OFFSET, min(MOST_OFFSET, rules_score)))

    def pack(self) -> bytes:
        """The values, for keeping. Stake, label and offset have columns of their own."""
        places, values = array("H", self.values.keys()), array("h", self.values.values())
        if sys.byteorder == "big":
            places.byteswap()
            values.byteswap()
        return zlib.compress(places.tobytes() + values.tobytes())

    @staticmethod
    def unpack(packed: bytes) -> dict[int, int]:
        raw = zlib.decompress(packed)
        half = len(raw) // 2
        places, values = array("H", raw[:half]), array("h", raw[half:])
        if sys.byteorder == "big":
            places.byteswap()
            values.byteswap()
        return dict(zip(places, values, strict=True))


class Weights:
    """The sum of the lessons, each times its stake, which is most_stake at most."""

    def __init__(self, most_stake: float = MOST_STAKE) -> None:
        self.sums = array("q", bytes(8 * SIZE))
        self.most_stake = most_stake

    def margin(self, values: dict[int, int]) -> float:
        sums = self.sums
        return sum(sums[place] * value for place, value in values.items()) / (VALUE_UNIT * VALUE_UNIT * STAKE_UNIT)

    def add(self, values: dict[int, int], stake: int) -> None:
        sums = self.sums
        for place, value in values.items():
            sums[place] += value * stake

    def fit(self, lesson: Lesson) -> None:
        """Move the lesson's stake to where the dual objective is greatest, all others as they are (Newton's method)."""
        sign = 1 if lesson.is_spam else -1
        square = sum(value * value for value in lesson.values.values()) / (VALUE_UNIT * VALUE_UNIT)
        margin = sign * (self.margin(lesson.values) + lesson.offset)
        limit = self.most_stake
        before = abs(lesson.stake) / STAKE_UNIT
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
        stake = sign * round(now * STAKE_UNIT)
        self.add(lesson.values, stake - lesson.stake)
        lesson.stake = stake

    def refit(self, lessons: Sequence[Lesson], rounds: int = 6) -> None:
        """Go over lessons that are in the sum already, until they agree with each other."""
        order = list(range(len(lessons)))
        shuffle = random.Random(len(lessons)).shuffle  # noqa: S311 - any order will do, the same one each time is easier to test
        for _round in range(rounds):
            shuffle(order)
            for number in order:
                self.fit(lessons[number])

    def pack(self) -> bytes:
        sums = self.sums
        if sys.byteorder == "big":
            sums = array("q", sums)
            sums.byteswap()
        return zlib.compress(sums.tobytes(), 1)

    @classmethod
    def unpack(cls, packed: bytes, most_stake: float = MOST_STAKE) -> Self:
        weights = cls(most_stake)
        if packed:
            sums = array("q", zlib.decompress(packed))
            if sys.byteorder == "big":
                sums.byteswap()
            weights.sums = sums
        return weights


class Learner:
    """What this site taught, and beside it, apart, what other sites' material suggests."""

    def __init__(self, own: Weights | None = None, prior: Weights | None = None, decisions: int = 0, spam_decisions: int = 0) -> None:
        self.own, self.prior, self.decisions, self.spam_decisions = own or Weights(), prior, decisions, spam_decisions

    def learn(self, lesson: Lesson) -> None:
        self.own.fit(lesson)
        self.decisions += 1
        self.spam_decisions += lesson.is_spam

    def unlearn(self, lesson: Lesson) -> None:
        self.own.add(lesson.values, -lesson.stake)
        lesson.stake = 0
        self.decisions -= 1
        self.spam_decisions -= lesson.is_spam

    def learn_prior(self, material: Iterable[tuple[Features, bool]]) -> int:
        """Add material of other sites: only what is said, not how long it is or where it leads. Returns how much."""
        self.prior = self.prior or Weights(PRIOR_MOST_STAKE)
        lessons = [Lesson(features.said, is_spam, 0.0) for features, is_spam in material]
        random.Random(len(lessons)).shuffle(lessons)  # noqa: S311 - files often come sorted by class
        for lesson in lessons:
            self.prior.fit(lesson)
        self.prior.refit(lessons)
        return len(lessons)

    def own_part(self, features: Features) -> float:
        """What this site's decisions say, in log-odds. Who has seen one kind only cannot tell the two apart, so it counts
        as much as the rarer kind allows."""
        rarer = min(self.spam_decisions, self.decisions - self.spam_decisions)
        return self.own.margin(features.values) * (rarer + RARER_AT_FIRST) / (rarer + RARER_AT_FIRST + RARER_HALF)

    def prior_part(self, features: Features) -> float:
        """Bent so that it ranks but never decides, and less with each decision of the site's own."""
        if self.prior is None:
            return 0.0
        weight = PRIOR_WEIGHT * PRIOR_FADES_AT / (PRIOR_FADES_AT + self.decisions)
        margin = weight * self.prior.margin(features.said)
        most = PRIOR_MOST_FOR_SPAM if margin > 0 else PRIOR_MOST_FOR_TALK
        return most * math.tanh(margin / most)

    def words_that_count(self, features: Features, most: int = 4) -> list[str]:
        """The words that speak most for spam, strongest first."""
        parts = {word: self.own.sums[place] * value for word, (place, value) in features.words.items()}
        return sorted((word for word, part in parts.items() if part > 0), key=lambda word: -parts[word])[:most]
