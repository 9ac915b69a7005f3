"""The scoring pipeline: analyse once, apply every rule in order, add the classifier, decide by two thresholds."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext_lazy as _

from moderation.spamfilter.engine.classifier import Features, Learner, Lesson, features_of
from moderation.spamfilter.engine.history import Memory
from moderation.spamfilter.engine.rules import Sign
from moderation.spamfilter.engine.text import Material, Reading

Check = Callable[[Reading, Memory], Iterable[Sign]]
Outcome = Literal["publish", "hold", "reject"]

# How much similarity to approved comments can count for one. It must not outweigh hard evidence.
MOST_FOR_TALK, MOST_FOR_TALK_AGAINST_EVIDENCE = -4.0, -1.0
# The score of a comment about which nothing is known: about one in twenty is spam.
BASE = -3.0


@dataclass(frozen=True)
class Thresholds:
    """Scores from which a comment is held, and from which it is blocked if there is hard evidence too."""

    hold: float = 0.5
    reject: float = 0.97


@dataclass(frozen=True)
class Verdict:
    score: float
    outcome: Outcome
    # Strongest first, those in favour of the comment last.
    signs: list[Sign]
    rules_score: float
    reading: Reading
    features: Features

    @property
    def reasons(self) -> list[Sign]:
        """The signals against it."""
        return [sign for sign in self.signs if sign.weight > 0]

    def lesson(self, is_spam: bool) -> Lesson:
        return Lesson.of(self.features.values, is_spam, self.rules_score)


class Judge:
    def __init__(self, checks: Sequence[Check], learner: Learner, memory: Memory, thresholds: Thresholds = Thresholds()) -> None:
        self.checks, self.learner, self.memory, self.thresholds = checks, learner, memory, thresholds

    def judge(self, material: Material, more: Iterable[Sign] = ()) -> Verdict:
        """Give a score from 0 to 1, an outcome, and the reasons. `more`: reasons from Akismet."""
        reading = Reading(material)
        signs = [sign for check in self.checks for sign in check(reading, self.memory)]
        signs += more
        rules_score = BASE + sum(sign.weight for sign in signs)
        features = features_of(reading, ((sign.code, sign.weight) for sign in signs))
        signs += self._learned(features, any(sign.is_hard for sign in signs))
        signs.sort(key=lambda sign: -sign.weight)
        score = logistic(BASE + sum(sign.weight for sign in signs))
        return Verdict(score, self._outcome(score, signs), signs, rules_score, reading, features)

    def _learned(self, features: Features, is_hard: bool) -> Iterable[Sign]:
        own, prior = self.learner.own_part(features), self.learner.prior_part(features)
        own = max(own, MOST_FOR_TALK_AGAINST_EVIDENCE if is_hard else MOST_FOR_TALK)
        if own > 0:
            words = tuple(self.learner.words_that_count(features))
            yield Sign("learned", _("It resembles comments that moderators here marked as spam."), own, marks=words)
        elif own < 0:
            yield Sign("learned", _("It resembles comments that moderators here approved."), own)
        if prior:
            text = _("It resembles spam on other sites.") if prior > 0 else _("It resembles ordinary comments on other sites.")
            yield Sign("prior", text, prior)

    def _outcome(self, score: float, signs: Iterable[Sign]) -> Outcome:
        if score >= self.thresholds.reject and any(sign.is_hard for sign in signs):
            return "reject"
        return "hold" if score >= self.thresholds.hold else "publish"


def logistic(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds))))
