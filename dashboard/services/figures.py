"""The statistics of a period, in a constant number of queries."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from statistics import median
from typing import Any

from django.db.models import Count, Exists, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from comments.models import Comment
from core.tasks.periodic import periodic
from dashboard.models import PageDay, ReferrerDay, SearchDay
from dashboard.services.kept import are_many, keep, kept
from dashboard.services.searches import top_searches
from dashboard.services.week import GUEST, Bar, answers_by_others, bars_of, counted_by_day, keep_week
from notifications.models import OutgoingEmail, Subscriber
from posts.models import Post

PERIODS = {"week": 7, "month": 30, "year": 365}
LABELS = {"week": _("Week"), "month": _("Month"), "year": _("Year")}
# For a year, the plot has one bar per week.
DAYS_A_BAR = {"week": 1, "month": 1, "year": 7}
SHOWN = 10
# On very busy sites only the waits of this many newest comments are measured.
COMMENTS_MEASURED = 5000


@dataclass(frozen=True)
class Series:
    """One figure per day, oldest first."""

    key: str
    label: Any
    by_day: list[tuple[date, int]]
    bars: list[Bar] = field(default_factory=list)
    total: int = 0

    @property
    def in_words(self) -> str:
        return ", ".join(str(bar.count) for bar in self.bars)


@dataclass(frozen=True)
class Figures:
    """What the page of figures shows for a period: readers, views, what was read, found and searched."""

    period: str
    since: date
    series: list[Series]
    posts: list[dict[str, Any]]
    referrers: list[dict[str, Any]]
    searches: list[dict[str, Any]]
    people: int
    answered: dict[str, int]
    median_wait: timedelta | None
    sent: int
    bounced: int
    # When the slow figures were computed on a large site; None: now.
    as_of: datetime | None = None
    # On a large site, False until the worker has counted: then only readers, views and searches are known.
    is_counted: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether all figures are zero."""
        return self.is_counted and not (
            any(series.total for series in self.series) or self.posts or self.sent
        )


def figures(period: str, *, waits: bool = False) -> Figures:
    """The figures of a period, a key of PERIODS, up to today.

    waits: on a large site, compute what the worker has not counted yet, which takes seconds.
    """
    days = PERIODS[period]
    since = timezone.localdate() - timedelta(days=days - 1)
    seen = list(PageDay.objects.filter(page=0, day__gte=since).values_list("day", "views", "readers"))
    searches = dict(SearchDay.objects.filter(words="", day__gte=since).values_list("day", "times"))
    found = _found(period, since, waits=waits)
    is_counted, found = found is not None, found or _NOTHING
    counted = [
        ("readers", _("Readers"), {day: readers for day, _views, readers in seen}),
        ("views", _("Views"), {day: views for day, views, _readers in seen}),
        ("comments", _("Comments"), found["comments"]),
        ("members", _("New members"), found["members"]),
        ("subscribers", _("New subscribers"), found["subscribers"]),
        ("searches", _("Searches"), searches),
    ]
    return Figures(
        period=period,
        since=since,
        series=[
            _series(key, label, by_day, since, days, DAYS_A_BAR[period])
            for key, label, by_day in counted
            if by_day is not None
        ],
        posts=_posts(found["most_read"]),
        referrers=found["referrers"],
        searches=top_searches(since),
        people=found["people"],
        answered=found["answered"],
        median_wait=found["median_wait"],
        sent=found["sent"],
        bounced=found["bounced"],
        as_of=found["as_of"],
        is_counted=is_counted,
    )


# --- figures that read every comment, email or page of the period -----------------------


_NOTHING: dict[str, Any] = {
    "comments": None, "members": None, "subscribers": None, "people": 0, "answered": {}, "median_wait": None,
    "sent": 0, "bounced": 0, "most_read": [], "referrers": [], "as_of": None,
}  # fmt: skip


def _found(period: str, since: date, *, waits: bool) -> dict[str, Any] | None:
    """The slow figures, computed now or, on a large site, within the last hours (as_of); None: not yet."""
    start = _start_of(since)
    if not _is_large(start, since):
        return _read(start, since) | {"as_of": None}
    found = kept(_key(period))
    return keep(_key(period), partial(_read, start, since)) if found is None and waits else found


def _is_large(start: datetime, since: date) -> bool:
    return are_many(
        Comment.objects.filter(created_at__gte=start).order_by(),
        PageDay.objects.filter(day__gte=since).order_by(),
        OutgoingEmail.objects.filter(created_at__gte=start).order_by(),
    )


def _start_of(since: date) -> datetime:
    return timezone.make_aware(datetime.combine(since, time.min))


def _key(period: str) -> str:
    """Where the worker's figures are kept. After midnight those of yesterday are shown until it counts again."""
    return f"figures:{period}"


@periodic(every=timedelta(hours=1))
def read_figures() -> int:
    """Compute the slow figures of a large site in the worker. Returns the number of periods."""
    count = 0
    for period, days in PERIODS.items():
        since = timezone.localdate() - timedelta(days=days - 1)
        if _is_large(_start_of(since), since):
            keep(_key(period), partial(_read, _start_of(since), since))
            count += 1
    keep_week()
    return count


def _read(start: datetime, since: date) -> dict[str, Any]:
    comments = Comment.objects.public().filter(created_at__gte=start).order_by()
    members = User.objects.filter(date_joined__gte=start, is_active=True).order_by()
    subscribers = Subscriber.objects.filter(confirmed_at__gte=start).order_by()
    emails = OutgoingEmail.objects.filter(created_at__gte=start).order_by()
    answered = _answered(comments)
    people = answered.pop("members") + answered.pop("guests")
    most_read = PageDay.objects.filter(day__gte=since).exclude(page=0).values("page")
    referrers = ReferrerDay.objects.filter(day__gte=since).values("host")
    return {
        "comments": counted_by_day(comments, "created_at"),
        "members": counted_by_day(members, "date_joined"),
        "subscribers": counted_by_day(subscribers, "confirmed_at"),
        "people": people,
        "answered": answered,
        "median_wait": _median_wait(comments),
        **emails.aggregate(
            sent=Count("pk", filter=Q(state=OutgoingEmail.State.SENT)), bounced=Count("came_back_at")
        ),
        "most_read": list(
            most_read.annotate(all_views=Sum("views"), all_readers=Sum("readers")).order_by(
                "-all_views", "page"
            )[:SHOWN]
        ),
        "referrers": list(referrers.annotate(total=Sum("views")).order_by("-total", "host")[:SHOWN]),
    }


def _series(key: str, label: Any, found: dict[date, int], since: date, days: int, days_a_bar: int) -> Series:
    by_day = [(since + timedelta(days=number), 0) for number in range(days)]
    by_day = [(day, found.get(day, 0)) for day, _zero in by_day]
    grouped: Counter[date] = Counter()
    for number, (_day, count) in enumerate(by_day):
        grouped[by_day[number - number % days_a_bar][0]] += count
    return Series(key, label, by_day, bars_of(list(grouped.items())), sum(count for _day, count in by_day))


def _posts(most: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The most viewed posts: {title, address, views, readers}. readers: the sum over the days."""
    posts = Post.objects.in_bulk([row["page"] for row in most])
    return [
        {
            "title": posts[row["page"]].title,
            "address": posts[row["page"]].get_absolute_url(),
            "views": row["all_views"],
            "readers": row["all_readers"],
        }
        for row in most
        if row["page"] in posts
    ]


def _answered(comments: QuerySet[Comment]) -> dict[str, int]:
    """How many members and guests wrote, and how many comments got replies.

    Of comments not by hosts: their number, how many got a reply, and how many got one by a host.
    """
    replies = answers_by_others()
    by_host = replies.filter(author__is_staff=True)
    others = Q(author=None) | Q(author__is_staff=False)
    found: dict[str, int] = comments.annotate(
        is_answered=Exists(replies), is_answered_by_host=Exists(by_host)
    ).aggregate(
        members=Count("author", distinct=True),
        guests=Count(GUEST, distinct=True, filter=Q(author=None)),
        all=Count("pk", filter=others),
        answered=Count("pk", filter=others & Q(is_answered=True)),
        by_host=Count("pk", filter=others & Q(is_answered_by_host=True)),
    )
    return found


def _median_wait(comments: QuerySet[Comment]) -> timedelta | None:
    """The median time to the first reply, over the newest comments that got one."""
    # COALESCE hides the column from PostgreSQL, which without statistics would scan all comments by time for
    # each reply.
    first = answers_by_others().order_by(Coalesce("created_at", "created_at")).values("created_at")[:1]
    newest = comments.order_by("-created_at", "-pk").annotate(answered_at=Subquery(first))
    found = [
        (answered - created_at).total_seconds()
        for created_at, answered in newest.values_list("created_at", "answered_at")[:COMMENTS_MEASURED]
        if answered is not None
    ]
    return timedelta(seconds=round(median(found))) if found else None
