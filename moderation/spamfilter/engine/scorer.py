"""The scoring pipeline: analyse once, apply every rule in order, add the classifier, apply two thresholds."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from moderation.spamfilter.engine.classifier import Learner, Sample
from moderation.spamfilter.engine.features import Features, features_of
from moderation.spamfilter.engine.history import History
from moderation.spamfilter.engine.rules import Signal
from moderation.spamfilter.engine.senders import TRUST
from moderation.spamfilter.engine.text import Material, TextAnalysis

Check = Callable[[TextAnalysis, History], Iterable[Signal]]
Outcome = Literal["publish", "hold", "reject"]

# The most that similarity to approved comments counts in favour. With more, a hundred approvals would hide
# every kind of spam that has not been marked yet (decision 0062). It must not outweigh hard evidence.
MAX_FOR_HAM, MAX_FOR_HAM_AGAINST_EVIDENCE = -1.0, -0.5
MIN_LEARNED = 0.5
MAX_TRUST_AGAINST_EVIDENCE = -0.5
# What adverts do, whatever they sell: offers with a way to buy, contacts, lures, names to search for. From
# the weight below.
ADVERTISES = frozenset(
    """offer_gambling offer_pharmacy offer_money offer_adult offer_goods offer_magic offer_prize messenger profit_claim
    staged_question recovery private_offer service_offer testimonial signature discount_code odd_host search_name author_vice_host""".split()
)
MIN_ADVERTISING = 1.0
ONE_LEVEL_LESS = dict(zip(TRUST[1:], TRUST, strict=False))
# Reasons that come from other decisions. They are left out of samples, so that a sample does not depend on
# what was decided before or undone since.
FROM_HISTORY = frozenset({"bad_mark", "good_mark", "copy_of_spam", "copy_with_link", "waits_already"})
# The score of a comment about which nothing is known: about one in twenty is spam.
BASE = -3.0


@dataclass(frozen=True)
class Thresholds:
    """Scores from which a comment is held and, with hard evidence, blocked."""

    hold: float = 0.5
    reject: float = 0.97


@dataclass(frozen=True)
class Verdict:
    score: float
    outcome: Outcome
    # Strongest first; those in favour of the comment come last.
    signals: list[Signal]
    # The score of the rules alone, without the influence of other decisions.
    rules_score: float
    analysis: TextAnalysis
    features: Features
    # The number of decisions the classifier was trained with.
    decisions: int = 0

    @property
    def reasons(self) -> list[Signal]:
        """The signals against it.

        What was learned counts only above MIN_LEARNED: after one decision everything resembles something.
        """
        return [
            signal
            for signal in self.signals
            if signal.weight > (MIN_LEARNED if signal.code == "learned" else 0)
        ]

    def sample(self, is_spam: bool) -> Sample:
        return Sample.of(self.features.values, is_spam, self.rules_score)


class Scorer:
    def __init__(
        self,
        checks: Sequence[Check],
        learner: Learner,
        history: History,
        thresholds: Thresholds = Thresholds(),
    ) -> None:
        self.checks, self.learner, self.history, self.thresholds = checks, learner, history, thresholds

    def score(self, material: Material, more: Iterable[Signal] = ()) -> Verdict:
        """Score a comment: a score from 0 to 1, an outcome, and the reasons. `more`: signals from Akismet."""
        analysis = material.analysis
        signals = [signal for check in self.checks for signal in check(analysis, self.history)]
        signals += more
        signals = _with_less_trust(signals)
        own = [signal for signal in signals if signal.code not in FROM_HISTORY]
        rules_score = BASE + sum(signal.weight for signal in own)
        features = features_of(analysis, ((signal.code, signal.weight) for signal in own))
        signals += self._learned(features, any(signal.is_hard for signal in signals))
        signals.sort(key=lambda signal: -signal.weight)
        score = logistic(BASE + sum(signal.weight for signal in signals))
        outcome = self._outcome(score, signals)
        return Verdict(score, outcome, signals, rules_score, analysis, features, self.learner.decisions)

    def _learned(self, features: Features, is_hard: bool) -> Iterable[Signal]:
        own, prior = self.learner.own_part(features), self.learner.prior_part(features)
        own = max(own, MAX_FOR_HAM_AGAINST_EVIDENCE if is_hard else MAX_FOR_HAM)
        if own > 0:
            words = tuple(self.learner.informative_words(features))
            yield Signal("learned", own, "spam", marks=words)
        elif own < 0:
            yield Signal("learned", own, "genuine")
        if prior:
            yield Signal("prior", prior, "spam" if prior > 0 else "genuine")

    def _outcome(self, score: float, signals: Iterable[Signal]) -> Outcome:
        if score >= self.thresholds.reject and any(signal.is_hard for signal in signals):
            return "reject"
        return "hold" if score >= self.thresholds.hold else "publish"


def _with_less_trust(signals: list[Signal]) -> list[Signal]:
    """Reduce trust by one level against an advert, and to little against hard evidence.

    Accounts are sold, stolen, or used by patient spammers.
    """
    is_hard = any(signal.is_hard for signal in signals)
    is_advert = any(signal.code in ADVERTISES and signal.weight >= MIN_ADVERTISING for signal in signals)
    if not (is_hard or is_advert):
        return signals
    doubted = []
    for signal in signals:
        if signal.code == "trust":
            weight = ONE_LEVEL_LESS.get(signal.weight, signal.weight) if is_advert else signal.weight
            if is_hard:
                weight = max(weight, MAX_TRUST_AGAINST_EVIDENCE)
            if weight:
                doubted.append(replace(signal, weight=weight))
        else:
            doubted.append(signal)
    return doubted


def logistic(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds))))
