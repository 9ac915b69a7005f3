"""The classifier in the database: samples follow moderators' decisions, and the weights are their sum."""

import secrets
import struct
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Case, When
from django.utils import timezone
from django.utils.module_loading import import_string

from comments.models import Comment
from core.prepared import NUMBERS, Prepared, PreparedInsert
from core.utils.locks import lock_row
from moderation.models import (
    Assessment,
    LearnerState,
    TracedKey,
    TracedMark,
    TrainingSample,
)
from moderation.spamfilter.engine import classifier as spam
from moderation.spamfilter.engine.balance import choose_for_rehearsal
from moderation.spamfilter.engine.history import (
    KEYS,
    MarkRecord,
    Nearest,
    NoHistory,
    nearest_of,
    similarity,
    sketch_of,
)
from moderation.spamfilter.engine.scorer import Check, Scorer, Verdict
from moderation.spamfilter.engine.text import Material, TextAnalysis
from moderation.spamfilter.given import Given, read_given

# For each host and near-duplicate, at most this many decisions are read, newest first.
MAX_LOOKED_AT = 60
MAX_MARKS = 40
# Of a larger campaign, the rest appears when these are decided.
MAX_COPIES = 500


def checks() -> list[Check]:
    return [import_string(path) for path in settings.SPAM_CHECKS]


def pack_sketch(sketch: tuple[int, ...]) -> bytes:
    return struct.pack(f"<{len(sketch)}I", *sketch)


def unpack_sketch(packed: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(packed) // 4}I", packed)


class DecisionHistory:
    """The decisions of this site, queried from the tables."""

    def marks(self, marks: Iterable[str]) -> list[MarkRecord]:
        wanted = [mark for mark in marks if mark][:MAX_MARKS]
        if not wanted:
            return []
        rows = (
            TracedMark.objects.filter(mark__in=wanted, assessment__sample__isnull=False)
            .order_by("-pk")
            .values_list(
                "mark", "assessment__sample__is_spam", "assessment__comment__author_id", "assessment_id"
            )[: MAX_LOOKED_AT * len(wanted)]
        )
        people: dict[str, tuple[set[str], set[str]]] = {}
        for mark, is_spam, author, assessment in rows:
            people.setdefault(mark, (set(), set()))[is_spam].add(
                f"member {author}" if author else f"guest {assessment}"
            )
        return [
            MarkRecord(mark, len(people[mark][False]), len(people[mark][True]))
            for mark in wanted
            if mark in people
        ]

    def nearest(self, analysis: TextAnalysis) -> Nearest:
        sketch = sketch_of(analysis)
        rows = _decided_near.rows(keys=sketch[:KEYS]) if sketch else []
        return nearest_of(sketch, ((unpack_sketch(bytes(packed)), is_spam) for packed, is_spam, _pk in rows))


# With the primary key, which is their order.
_decided_near: Prepared[Assessment] = Prepared(
    lambda keys: (
        Assessment.objects.filter(keys__key__in=keys, sample__isnull=False)
        .order_by("-pk")
        .values_list("sketch", "sample__is_spam", "pk")
        .distinct()[:MAX_LOOKED_AT]
    ),
    keys=NUMBERS,
)


# --- reading the state ------------------------------------------------------------

_loaded: tuple[int, spam.Learner] | None = None


def _learner_of(state: LearnerState) -> spam.Learner:
    prior = spam.Weights.unpack(bytes(state.prior), spam.PRIOR_MAX_DUAL) if state.prior else None
    return spam.Learner(
        spam.Weights.unpack(bytes(state.own)),
        prior,
        state.decisions,
        state.spam_decisions,
        state.caution,
        state.shape_caution,
    )


def current_learner() -> spam.Learner:
    """The classifier from the database."""
    return _learned(read_given().learned)


def _learned(version: int | None) -> spam.Learner:
    """Cached by version, so that it is reloaded after training only."""
    global _loaded
    if version is None:
        return spam.untaught()
    if _loaded is None or _loaded[0] != version:
        _loaded = (version, _learner_of(LearnerState.objects.get(pk=1)))
    return _loaded[1]


def current_scorer(given: Given | None = None) -> Scorer:
    """given: the thresholds and version if they have just been read."""
    given = given or read_given()
    history = DecisionHistory() if given.has_samples else NoHistory()
    return Scorer(checks(), _learned(given.learned), history, given.thresholds)


# --- storing assessments --------------------------------------------------------


def keep_assessment(verdict: Verdict, comment: Comment | None = None, **fields: Any) -> Assessment:
    """Store the assessment and the fingerprints that find the comment again."""
    values = {
        "score": verdict.score,
        "outcome": verdict.outcome,
        "reasons": [
            signal.reason
            | {"weight": round(signal.weight, 3), "hard": signal.is_hard, "marks": list(signal.marks)[:10]}
            for signal in verdict.signals
        ],
        "model_version": f"{spam.MODEL_VERSION}.{verdict.decisions}",
        "sketch": pack_sketch(sketch_of(verdict.analysis)),
        "created_at": timezone.now(),
    } | fields
    if comment is None or comment.is_new:  # it has no rows yet
        assessment = Assessment(comment=comment, **values)
        _insert_assessment(assessment)
    else:
        assessment, is_first = Assessment.objects.update_or_create(comment=comment, defaults=values)
        if not is_first:
            _forget_traces(assessment)
    _add_traces(assessment, verdict.analysis)
    return assessment


_insert_assessment = PreparedInsert(Assessment)
_insert_marks, _insert_keys = PreparedInsert(TracedMark), PreparedInsert(TracedKey)


def keep_traces(assessment: Assessment, analysis: TextAnalysis) -> None:
    """Store the links, names and hashes of a comment's current text, replacing earlier ones."""
    assessment.sketch = pack_sketch(sketch_of(analysis))
    assessment.save(update_fields=["sketch"])
    _forget_traces(assessment)
    _add_traces(assessment, analysis)


def _forget_traces(assessment: Assessment) -> None:
    assessment.marks.all().delete()
    assessment.keys.all().delete()


def _add_traces(assessment: Assessment, analysis: TextAnalysis) -> None:
    _insert_marks(*(TracedMark(assessment=assessment, mark=mark) for mark in analysis.marks[:MAX_MARKS]))
    _insert_keys(*(TracedKey(assessment=assessment, key=key) for key in sketch_of(analysis)[:KEYS]))


# --- learning -----------------------------------------------------------------------


class OpenLearner:
    """The locked classifier, saved at the end. Needs a transaction."""

    # Whether the weights are still those of fitting.settle; False once a sample is added or removed.
    is_settled = False

    def __enter__(self) -> "OpenLearner":
        LearnerState.objects.get_or_create(pk=1, defaults={"model_version": spam.MODEL_VERSION})
        self.state = lock_row(LearnerState.objects, 1)
        if self.state.model_version != spam.MODEL_VERSION:
            raise OutdatedModel
        self.learner = _learner_of(self.state)
        return self

    def __exit__(self, error: type[BaseException] | None, *_rest: object) -> None:
        if error is None:
            LearnerState.objects.filter(pk=1).update(
                own=self.learner.own.pack(),
                prior=self.learner.prior.pack() if self.learner.prior else b"",
                decisions=self.learner.decisions,
                spam_decisions=self.learner.spam_decisions,
                caution=self.learner.caution,
                shape_caution=self.learner.shape_caution,
                is_settled=self.is_settled,
                version=secrets.randbits(62),
            )


class OutdatedModel(Exception):
    """The classifier was trained with other features. `manage.py spam_train --from-decisions` retrains it."""


def teach(assessment: Assessment, verdict: Verdict, is_spam: bool, decision: Any = None) -> TrainingSample:
    """Train with one decision. An earlier decision's sample of the same comment is removed first."""
    with transaction.atomic(), OpenLearner() as opened:
        _take_back(opened.learner, TrainingSample.objects.filter(assessment=assessment))
        sample = verdict.sample(is_spam)
        rows, known = _rehearsed(is_spam, opened.learner.decisions)
        opened.learner.learn(sample, known)
        _keep_stakes(rows, known)
        return TrainingSample.objects.create(
            assessment=assessment,
            decision=decision,
            is_spam=is_spam,
            offset=sample.offset,
            dual=sample.dual,
            features=sample.pack(),
        )


def _rehearsed(is_spam: bool, seed: int) -> tuple[list[TrainingSample], list[spam.Sample]]:
    """Older samples to refit, and their rows."""
    kinds = dict(TrainingSample.objects.order_by("pk").values_list("pk", "is_spam"))
    rows = list(TrainingSample.objects.filter(pk__in=choose_for_rehearsal(kinds, is_spam, seed)))
    return rows, [sample_of(row) for row in rows]


def _keep_stakes(rows: list[TrainingSample], samples: list[spam.Sample]) -> None:
    for row, sample in zip(rows, samples, strict=True):
        row.dual = sample.dual
    TrainingSample.objects.bulk_update(rows, ["dual"])


def teach_many(verdicts: Iterable[tuple[Verdict, bool]]) -> int:
    """Train with decisions about this site from a file. Returns how many. Call fitting.settle afterwards."""
    with transaction.atomic(), OpenLearner() as opened:
        count = 0
        for verdict, is_spam in verdicts:
            sample = verdict.sample(is_spam)
            opened.learner.learn(sample)
            assessment = keep_assessment(verdict)
            TrainingSample.objects.create(
                assessment=assessment,
                is_spam=is_spam,
                offset=sample.offset,
                dual=sample.dual,
                features=sample.pack(),
            )
            count += 1
    return count


def teach_prior(verdicts: Iterable[tuple[Verdict, bool]]) -> int:
    """Train with material of other sites, kept separate from this site's decisions. Returns its size."""
    with transaction.atomic(), OpenLearner() as opened:
        samples = opened.learner.learn_prior((verdict.features, is_spam) for verdict, is_spam in verdicts)
    return samples


def unteach(comment: Comment) -> bool:
    """Remove the training sample of this comment exactly. Returns False if there is none."""
    taught = TrainingSample.objects.filter(assessment__comment=comment)
    if not taught.exists():
        return False
    with transaction.atomic(), OpenLearner() as opened:
        return _take_back(opened.learner, taught.all())


def _take_back(learner: spam.Learner, rows: Iterable[TrainingSample]) -> bool:
    done = False
    for row in rows:
        learner.unlearn(sample_of(row))
        row.delete()
        done = True
    if done:
        others, known = _rehearsed(is_spam=True, seed=learner.decisions)
        learner.own.rehearse(known)
        _keep_stakes(others, known)
    return done


def sample_of(row: TrainingSample) -> spam.Sample:
    return spam.Sample(spam.Sample.unpack(bytes(row.features)), row.is_spam, row.offset, row.dual)


def is_outdated() -> bool:
    """Whether the classifier was trained with other features than the current ones."""
    return LearnerState.objects.filter(pk=1).exclude(model_version=spam.MODEL_VERSION).exists()


def forget_everything() -> None:
    """Reset the classifier. Decisions and comments stay, so it can be retrained from them."""
    with transaction.atomic():
        TrainingSample.objects.all().delete()
        Assessment.objects.filter(comment=None).delete()
        LearnerState.objects.filter(pk=1).update(
            own=b"",
            prior=b"",
            decisions=0,
            spam_decisions=0,
            caution=0.0,
            shape_caution=0.0,
            is_settled=True,
            version=secrets.randbits(62),
            model_version=spam.MODEL_VERSION,
        )


class Copy(NamedTuple):
    """A near-duplicate, with only what is needed to count and choose."""

    pk: int
    status: str


def near_copies(comment: Comment, above: float = 0.5) -> list[Copy]:
    """Near-duplicates by any author: held ones first, then the newest. One query.

    At most MAX_COPIES are compared, by their fingerprints. Members whom the spam filter does not check have
    none, so their comments are not included unless someone decided about them.
    """
    sketch = sketch_of(TextAnalysis(Material(text=comment.body)))
    traces = TracedKey.objects.filter(key__in=sketch[:KEYS]).values("assessment")
    near = Assessment.objects.filter(pk__in=traces).exclude(comment=None).exclude(comment=comment)
    waits_first = Case(When(comment__status=Comment.Status.HELD, then=0), default=1)
    rows = near.order_by(waits_first, "-pk").values_list("comment", "comment__status", "sketch")[:MAX_COPIES]
    return [
        Copy(pk, status)
        for pk, status, packed in rows
        if similarity(sketch, unpack_sketch(bytes(packed))) > above
    ]
