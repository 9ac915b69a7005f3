"""Statistics for the host: waiting times, accuracy of the spam filter, and spam by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from comments.models import Comment
from core.utils.hours import day_of, hour_of
from moderation.models import Decision, Report

PERIODS = (30, 90, 365)
# Longer periods are shown by week, so that bars can be told apart.
MAX_BARS = 92
# On very busy sites only this many of the newest waits are measured.
WAITS_MEASURED = 5_000

# The viewBox of the plot, which is stretched to the width of the page.
PLOT_WIDTH, PLOT_HEIGHT = 640, 200


@dataclass(frozen=True)
class Bar:
    """One day, or the week that begins with it.

    caught: spam that was held or blocked; missed: spam that was published.
    """

    day: date
    caught: int
    missed: int

    @property
    def spam(self) -> int:
        return self.caught + self.missed


@dataclass(frozen=True)
class Piece:
    """A rectangle of the plot, in units of its viewBox."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Plot:
    """A bar chart of spam over time, in units of its viewBox."""

    bars: list[Bar]

    @property
    def most(self) -> int:
        """The value of the top gridline: a round number that no bar exceeds."""
        highest = max((bar.spam for bar in self.bars), default=0)
        size = 1
        while True:
            for step in (1, 2, 5):
                if size * step >= highest:
                    return max(size * step, 2)
            size *= 10

    @property
    def width(self) -> int:
        return PLOT_WIDTH

    @property
    def height(self) -> int:
        return PLOT_HEIGHT

    @property
    def first(self) -> date:
        return self.bars[0].day

    @property
    def last(self) -> date:
        return self.bars[-1].day

    @property
    def pieces(self) -> list[Piece]:
        """The rectangles of the chart: caught spam below, missed spam above it."""
        step, found = PLOT_WIDTH / len(self.bars), []
        for place, bar in enumerate(self.bars):
            x, width = place * step + step * 0.1, step * 0.8
            caught, missed = (PLOT_HEIGHT * number / self.most for number in (bar.caught, bar.missed))
            if bar.caught:
                found.append(
                    Piece(
                        "caught",
                        round(x, 1),
                        round(PLOT_HEIGHT - caught, 1),
                        round(width, 1),
                        round(caught, 1),
                    )
                )
            if bar.missed:
                found.append(
                    Piece(
                        "missed",
                        round(x, 1),
                        round(PLOT_HEIGHT - caught - missed, 1),
                        round(width, 1),
                        round(missed, 1),
                    )
                )
        return found


@dataclass(frozen=True)
class Figures:
    """The figures of one period. A share is None if it would be a share of nothing."""

    days: int
    median: timedelta | None
    ninety: timedelta | None
    measured: int
    held_right: int
    held_wrong: int
    missed: int
    plot: Plot
    by_week: bool

    @property
    def held(self) -> int:
        return self.held_right + self.held_wrong

    @property
    def right_percent(self) -> int | None:
        """The share of held comments that moderators did not approve; None if none was held."""
        return round(100 * self.held_right / self.held) if self.held else None

    @property
    def spam(self) -> int:
        return sum(bar.spam for bar in self.plot.bars)


def stats_of(days: int) -> Figures:
    """Statistics of the last `days` days in the site's time zone. Always two queries."""
    first = timezone.localdate() - timedelta(days=days - 1)
    status, action = Comment.Status, Decision.Action
    decisions = Decision.objects.filter(
        created_at__gte=timezone.make_aware(datetime.combine(first, time.min)),
        action__in=[action.APPROVE, action.REMOVE, action.SPAM],
        undone_by=None,
    ).order_by()
    waited = Q(status_before=status.HELD)
    rows = list(
        decisions.annotate(hour=hour_of("created_at"))
        .values("hour")
        .annotate(
            right=Count("pk", filter=waited & ~Q(action=action.APPROVE)),
            wrong=Count("pk", filter=waited & Q(action=action.APPROVE)),
            caught=Count("pk", filter=waited & Q(action=action.SPAM)),
            missed=Count("pk", filter=Q(status_before=status.PUBLIC, action=action.SPAM)),
        )
    )
    by_day: dict[date, tuple[int, int]] = {}
    for row in rows:
        day = day_of(row["hour"])
        caught, missed = by_day.get(day, (0, 0))
        by_day[day] = (caught + row["caught"], missed + row["missed"])
    by_week = days > MAX_BARS
    waits = _waits(decisions)
    return Figures(
        days=days,
        median=waits[len(waits) // 2] if waits else None,
        ninety=waits[min(len(waits) - 1, len(waits) * 9 // 10)] if waits else None,
        measured=len(waits),
        held_right=sum(row["right"] for row in rows),
        held_wrong=sum(row["wrong"] for row in rows),
        missed=sum(row["missed"] for row in rows),
        plot=Plot(_bars(by_day, first, days, 7 if by_week else 1)),
        by_week=by_week,
    )


def _waits(decisions: QuerySet[Decision]) -> list[timedelta]:
    """How long each comment waited for its decision.

    Since its first report, or since it was written if it was held at once.
    """
    reports = Report.objects.filter(decision=OuterRef("pk")).order_by("created_at")
    # A subquery for each decision, newest first. A GROUP BY would sort the whole period.
    rows = decisions.filter(Q(status_before=Comment.Status.HELD) | Q(Exists(reports)))
    rows = rows.annotate(reported=Subquery(reports.values("created_at")[:1])).order_by("-created_at", "-pk")
    times = rows.values_list("comment__created_at", "reported", "created_at")[:WAITS_MEASURED]
    return sorted(
        max(timedelta(0), decided_at - (reported or written)) for written, reported, decided_at in times
    )


def _bars(by_day: dict[date, tuple[int, int]], first: date, days: int, step: int) -> list[Bar]:
    bars = []
    for start in range(0, days, step):
        inside = [
            by_day[day]
            for offset in range(start, min(start + step, days))
            if (day := first + timedelta(days=offset)) in by_day
        ]
        bars.append(
            Bar(
                first + timedelta(days=start),
                sum(caught for caught, _missed in inside),
                sum(missed for _caught, missed in inside),
            )
        )
    return bars
