"""Estimates the effect of other thresholds on this site's comments, from their original scores."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any, NamedTuple, Self

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone

from comments.models import Comment
from moderation.models import Assessment, Decision, Report

# Figures are shown from this many comments of each kind: with fewer, one comment would change them too much.
ENOUGH = 20
# The number of comments that are read, newest first.
MAX_LOOKED_AT = 3000
STEPS = range(5, 100)


class Share(NamedTuple):
    """A percentage with its 95 % confidence interval (Wilson 1927)."""

    value: int
    low: int
    high: int

    @classmethod
    def of(cls, count: int, number: int) -> Self:
        if not number:
            return cls(0, 0, 100)
        share, z = count / number, 1.96
        middle = (share + z * z / (2 * number)) / (1 + z * z / number)
        spread = (
            z * math.sqrt(share * (1 - share) / number + z * z / (4 * number * number)) / (1 + z * z / number)
        )
        value = round(100 * share)
        # A few are not 0 %, and nearly all are not 100 %.
        value = max(value, 1) if count else 0
        value = min(value, 99) if count < number else 100
        return cls(
            value, max(math.floor(100 * (middle - spread)), 0), min(math.ceil(100 * (middle + spread)), 100)
        )


class Step(NamedTuple):
    """One threshold: what it would have held and what it would have published."""

    percent: int
    waited: Share
    appeared: Share


class RejectStep(NamedTuple):
    """One threshold for blocking, which needs hard evidence as well."""

    percent: int
    genuine: Share
    spam: Share


@dataclass(frozen=True)
class Record:
    """Scores of comments whose true class is known, each from before anyone decided."""

    genuine: Sequence[float]
    spam: Sequence[float]
    # Only those with hard evidence.
    genuine_hard: Sequence[float] = field(default_factory=list)
    spam_hard: Sequence[float] = field(default_factory=list)
    # How many of the genuine ones were approved; the others are public without reports.
    approved: int = 0

    @property
    def is_enough(self) -> bool:
        return min(len(self.genuine), len(self.spam)) >= ENOUGH

    def step(self, percent: int) -> Step:
        waited = _from(self.genuine, percent)
        return Step(
            percent,
            Share.of(waited, len(self.genuine)),
            Share.of(len(self.spam) - _from(self.spam, percent), len(self.spam)),
        )

    def reject_step(self, percent: int) -> RejectStep:
        found = [
            0 if percent >= 100 else _from(scores, percent) for scores in (self.genuine_hard, self.spam_hard)
        ]
        return RejectStep(percent, Share.of(found[0], len(self.genuine)), Share.of(found[1], len(self.spam)))

    @cached_property
    def steps(self) -> list[Step]:
        return [self.step(percent) for percent in STEPS]


def _from(scores: Sequence[float], percent: int) -> int:
    """The number of sorted scores that reach a threshold."""
    return len(scores) - bisect_left(scores, percent / 100)


def read_record() -> Record:
    """One query. Genuine: approved by a moderator, or public for SETTLED_DAYS without reports.

    Trusted members are not checked, so their comments have no scores and are not included. Scores from after
    the decision are left out: the comment's own sample influenced them.
    """
    last = Decision.objects.filter(
        comment=OuterRef("comment"), undone_by=None, action__in=["approve", "spam", "remove"]
    ).order_by("-pk")
    reported = Report.objects.filter(comment=OuterRef("comment"))
    rows = (
        Assessment.objects.exclude(comment=None)
        .annotate(
            last=Subquery(last.values("action")[:1]),
            last_at=Subquery(last.values("created_at")[:1]),
            was_reported=Exists(reported),
        )
        .filter(
            Q(last__in=["approve", "spam"], last_at__gt=F("created_at"))
            | Q(
                last=None,
                was_reported=False,
                comment__status=Comment.Status.PUBLIC,
                created_at__lt=timezone.now() - timedelta(days=settings.SETTLED_DAYS),
            )
        )
        .order_by("-pk")
        .values_list("score", "last", "reasons")[:MAX_LOOKED_AT]
    )
    genuine: list[tuple[float, bool]] = []
    spam: list[tuple[float, bool]] = []
    approved = 0
    for score, action, reasons in rows:
        (spam if action == Decision.Action.SPAM else genuine).append((score, _is_hard(reasons)))
        approved += action == Decision.Action.APPROVE
    return Record(
        genuine=sorted(score for score, _hard in genuine),
        spam=sorted(score for score, _hard in spam),
        genuine_hard=sorted(score for score, hard in genuine if hard),
        spam_hard=sorted(score for score, hard in spam if hard),
        approved=approved,
    )


def _is_hard(reasons: list[dict[str, Any]]) -> bool:
    return any(reason["hard"] for reason in reasons)
