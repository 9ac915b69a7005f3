"""Fits the weights to all samples together, so that neither the order of decisions nor undone ones matter.

This takes a second for thousands of samples, so no lock is held during it. The samples are read in batches
and fitted in memory. Their new dual variables are then added to the weights batch by batch, each in a
transaction of milliseconds. The weights are always the sum of the samples times their dual variables.
Decisions made during the run are kept, and cause another run (decision 0062).
"""

import random
from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from comments.models import Comment
from moderation.models import LearnerState, Report, TrainingSample
from moderation.spamfilter.engine import classifier as spam
from moderation.spamfilter.engine.balance import (
    APPROVED_PERCENT,
    SETTLED_PERCENT,
    caution,
    score_without,
    shape_caution,
)
from moderation.spamfilter.engine.history import NoHistory
from moderation.spamfilter.engine.scorer import Scorer, Verdict
from moderation.spamfilter.engine.text import Material
from moderation.spamfilter.training import OpenLearner, checks, sample_of

ROUNDS = 7
# How many samples are in memory, and how many dual variables are changed in one transaction.
SLICE = 200
# A site with at most this many samples is fitted right after each decision.
AT_ONCE = 300
# How the site's own members write is measured with this many undisputed comments.
SETTLED_COMMENTS = 300
SETTLED_DAYS = 3
# And with some of the approved comments among this many of the newest samples.
MAX_APPROVED = 5000


def settle() -> bool:
    """Fit all samples together from scratch. Returns False if nothing has changed since the last run.

    The same samples give the same weights, to the last bit.
    """
    if not LearnerState.objects.filter(pk=1, model_version=spam.MODEL_VERSION, is_settled=False).update(
        is_settled=True
    ):
        return False
    pks = list(TrainingSample.objects.order_by("pk").values_list("pk", flat=True))
    weights, duals = spam.Weights(), dict.fromkeys(pks, 0)
    for number in range(ROUNDS):
        order = pks.copy()
        random.Random(number).shuffle(order)  # noqa: S311 - any fixed order
        for pk, sample in _samples(order, duals):
            if number:
                weights.fit(sample)
            else:
                weights.learn(sample)
            duals[pk] = sample.dual
    _put_in(duals)
    _store_fit(weights, duals)
    return True


def _samples(order: list[int], duals: dict[int, int]) -> Iterator[tuple[int, spam.Sample]]:
    """The samples in this order with these dual variables, without those deleted since."""
    for start in range(0, len(order), SLICE):
        rows = TrainingSample.objects.in_bulk(order[start : start + SLICE])
        for pk in order[start : start + SLICE]:
            if pk in rows:
                sample = sample_of(rows[pk])
                sample.dual = duals[pk]
                yield pk, sample


def _put_in(duals: dict[int, int]) -> None:
    """Store the new dual variables in batches. Weights without any sample are zero."""
    order = list(duals)
    random.Random(len(order)).shuffle(order)  # noqa: S311 - so that each batch has some of both classes
    for start in range(0, len(order), SLICE):
        with transaction.atomic(), OpenLearner() as opened:
            opened.is_settled = opened.state.is_settled
            changed = []
            for row in TrainingSample.objects.filter(pk__in=order[start : start + SLICE]):
                dual = duals[row.pk]
                if dual != row.dual:
                    opened.learner.own.add(spam.Sample.unpack(bytes(row.features)), dual - row.dual)
                    row.dual = dual
                    changed.append(row)
            TrainingSample.objects.bulk_update(changed, ["dual"])


def _store_fit(weights: spam.Weights, duals: dict[int, int]) -> None:
    """Store the caution and the fitted weights.

    The weights are stored as fitted, which drops samples that were deleted other than by an undo.
    """
    spams, count = weights.samples[1], sum(weights.samples)
    learner = spam.Learner(weights, decisions=count, spam_decisions=spams)
    care = 0.0
    if 0 < spams < count:
        settled = [*_settled()]
        learner.shape_caution = shape_caution([learner.shape_part(verdict.features) for verdict in settled])
        care = max(
            caution(_of_approved(learner, duals), APPROVED_PERCENT),
            caution((_without_decisions(learner, verdict) for verdict in settled), SETTLED_PERCENT),
        )
    with transaction.atomic(), OpenLearner() as opened:
        opened.is_settled = opened.state.is_settled
        opened.learner.caution, opened.learner.shape_caution = care, learner.shape_caution
        if opened.is_settled:
            opened.learner.own = weights
            opened.learner.decisions, opened.learner.spam_decisions = count, spams


def _of_approved(learner: spam.Learner, duals: dict[int, int]) -> Iterator[float]:
    """The scores of approved comments without their approval.

    Those held by the rules say nothing about the classifier.
    """
    approved = TrainingSample.objects.filter(is_spam=False).order_by("-pk").values_list("pk", flat=True)
    genuine = [pk for pk in approved[:MAX_APPROVED] if pk in duals]
    some = random.Random(len(genuine)).sample(genuine, min(SETTLED_COMMENTS, len(genuine)))  # noqa: S311
    for _pk, sample in _samples(sorted(some), duals):
        if sample.offset < 0:
            yield score_without(learner, sample)


def _without_decisions(learner: spam.Learner, verdict: Verdict) -> float:
    return verdict.rules_score + learner.emboldened(learner.score_beyond_shape(verdict.features))


def _settled() -> Iterator[Verdict]:
    """Undecided comments that have been public for days without a report: how members write here.

    Only those that the rules alone would publish.
    """
    before = timezone.now() - timedelta(days=SETTLED_DAYS)
    reported = Report.objects.exclude(comment=None).values("comment")
    comments = (
        Comment.objects.public()
        .filter(published_at__lt=before, decisions=None)
        .exclude(author=None)
        .exclude(pk__in=reported)
        .newest_first()
    )
    scorer = Scorer(checks(), spam.Learner(), NoHistory())
    for body in comments.values_list("body", flat=True)[:SETTLED_COMMENTS]:
        verdict = scorer.score(Material(text=body))
        if verdict.rules_score < 0:
            yield verdict
