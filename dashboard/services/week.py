"""The last seven days, for the dashboard."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone

from accounts.models import User
from comments.models import Comment
from core.utils.hours import day_of, hour_of
from dashboard.models import PageDay
from dashboard.services.kept import are_many, keep, kept
from dashboard.services.waiting import NOT_PUBLIC

DAYS = 7
# Where the worker's counts are kept. After midnight those of yesterday are shown until it counts again.
KEY = "this-week"
_NOTHING: dict[str, Any] = {
    "days": {}, "members": 0, "guests": 0, "new_members": 0, "answered": 0, "all": 0,
}  # fmt: skip
# What identifies a guest: the email address, or without one the name.
GUEST = Coalesce(NullIf("guest_email", Value("")), "guest_name")
# The viewBox of a small plot.
WIDTH, HEIGHT = 120.0, 40.0
# The gap, as a share of each bar's room; and the narrowest bar, in units of the viewBox.
GAP, NARROWEST = 0.18, 0.2


@dataclass(frozen=True)
class Bar:
    """A rectangle of the plot in units of its viewBox, and the value behind it."""

    x: float
    y: float
    width: float
    height: float
    day: date
    count: int


@dataclass(frozen=True)
class Week:
    """The last days, for the dashboard. by_others: comments not by hosts; answered: those with a reply."""

    since: date
    readers: int
    views: int
    comments: int
    people: int
    new_members: int
    answered: int
    by_others: int
    bars: list[Bar]
    # When the slow counts were made on a large site; None: now.
    as_of: datetime | None = None
    # On a large site, False until the worker has counted: then all numbers except readers and views are 0.
    is_counted: bool = True

    @property
    def answered_percent(self) -> int | None:
        return round(100 * self.answered / self.by_others) if self.by_others else None

    @property
    def per_day(self) -> str:
        return ", ".join(str(bar.count) for bar in self.bars)


def this_week() -> Week:
    """Five queries, each over a week of rows; on a large site two, plus the worker's cached counts."""
    start = _start()
    found = kept(KEY) if _is_large(start) else _read(start)
    is_counted, found = found is not None, found or _NOTHING
    since, days = start.date(), found["days"]
    by_day = [(since + timedelta(days=n), days.get(since + timedelta(days=n), 0)) for n in range(DAYS)]
    seen = PageDay.objects.filter(page=0, day__gte=since).aggregate(
        readers=Sum("readers"), views=Sum("views")
    )
    return Week(
        since=since,
        readers=seen["readers"] or 0,
        views=seen["views"] or 0,
        comments=sum(count for _day, count in by_day),
        people=found["members"] + found["guests"],
        new_members=found["new_members"],
        answered=found["answered"],
        by_others=found["all"],
        bars=bars_of(by_day),
        as_of=found.get("as_of"),
        is_counted=is_counted,
    )


def keep_week() -> None:
    """Compute the counts of a large site in the worker."""
    start = _start()
    if _is_large(start):
        keep(KEY, partial(_read, start))


def _start() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS - 1)


def _is_large(start: datetime) -> bool:
    return are_many(Comment.objects.filter(created_at__gte=start).order_by())


def _read(start: datetime) -> dict[str, Any]:
    comments = Comment.objects.public().filter(created_at__gte=start).order_by()
    others = Q(author=None) | Q(author__is_staff=False)
    counts = comments.annotate(is_answered=Exists(answers_by_others())).aggregate(
        members=Count("author", distinct=True),
        guests=Count(GUEST, distinct=True, filter=Q(author=None)),
        all=Count("pk", filter=others),
        answered=Count("pk", filter=others & Q(is_answered=True)),
    )
    members = User.objects.filter(date_joined__gte=start, is_active=True).order_by()
    return counts | {"days": counted_by_day(comments, "created_at"), "new_members": members.count()}


def answers_by_others() -> QuerySet[Comment]:
    """The public replies to the outer query's comment by anyone except its author; for a guest's, by anyone.

    "None of the other statuses" instead of "public": with that, SQLite would read all public comments for
    each.
    """
    replies = Comment.objects.filter(parent=OuterRef("pk")).exclude(status__in=NOT_PUBLIC)
    return replies.exclude(author=Coalesce(OuterRef("author"), 0))


def counted_by_day(rows: QuerySet[Any], moment: str) -> dict[date, int]:
    """The number of rows by day in the site's time zone."""
    days: Counter[date] = Counter()
    for hour, count in rows.annotate(hour=hour_of(moment)).values_list("hour").annotate(Count("pk")):
        days[day_of(hour)] += count
    return dict(days)


def bars_of(counts: list[tuple[date, int]]) -> list[Bar]:
    """A bar for each day.

    Gaps are proportional, so that many bars become narrow but do not vanish.
    """
    most = max([count for _day, count in counts] + [1])
    step = WIDTH / max(len(counts), 1)
    width = round(max(step * (1 - GAP), NARROWEST), 2)
    bars = []
    for number, (day, count) in enumerate(counts):
        height = round((HEIGHT - 4) * count / most, 1)
        x = round((number + GAP / 2) * step, 2)
        bars.append(Bar(x, HEIGHT - 1 - height, width, height, day, count))
    return bars
