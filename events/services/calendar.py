"""Events for one reader, in their time zone."""

from calendar import Calendar as Weeks
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from accounts.models import User
from core.prepared import A_MOMENT, Prepared
from core.utils.exists import ExistsForEach
from core.utils.pagination import Cursor
from events.models import Answer, Event, Occurrence
from events.services.planning import may_host
from events.services.wording import in_words, when_there
from posts.models import Post
from posts.services.home import READERS

AGENDA_SHOWS = 30
MONTH_SHOWS = 30
EVENT_SHOWS = 6
REPORTS_SHOWN = 12
ON_HOME = 2
NAMES_SHOWN = 12
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass
class Shown:
    """One date as a reader sees it.

    when: in their time zone; there: in that of the event, "" if it is the same time.
    """

    occurrence: Occurrence
    when: str
    there: str = ""
    day: date = date.min
    mine: Answer | None = None
    coming: list[User] = field(default_factory=list)
    coming_count: int = 0
    maybe_count: int = 0
    waiting_count: int = 0
    # Guests without an account, for hosts.
    guests: list[Answer] = field(default_factory=list)

    @property
    def event(self) -> Event:
        return self.occurrence.event

    @property
    def further(self) -> int:
        return self.coming_count - len(self.coming)


def show(
    occurrences: list[Occurrence], reader: User | AnonymousUser, *, with_names: bool = False
) -> list[Shown]:
    """Two queries for any number: attendance counts and the reader's responses; with names, for members, four."""
    keys = [one.pk for one in occurrences]
    counts = _counts(keys)
    coming: dict[int, list[User]] = defaultdict(list)
    mine: dict[int, Answer] = {}
    if isinstance(reader, User) and keys:
        mine = {one.occurrence_id: one for one in Answer.objects.filter(occurrence__in=keys, member=reader)}
        if with_names:
            coming |= _coming(keys, reader)
    return [
        Shown(
            one,
            *_on_both_clocks(one),
            timezone.localtime(one.starts_at).date(),
            mine.get(one.pk),
            coming[one.pk],
            *counts.get(one.pk, (0, 0, 0)),
        )
        for one in occurrences
    ]


def _coming(keys: list[int], reader: User) -> dict[int, list[User]]:
    """The first members to accept, by date. Two queries; the second reads only those members."""
    answers = Answer.objects.filter(
        occurrence__in=keys, says=Answer.Says.YES, is_waiting=False, member__isnull=False
    ).exclude(member__in=reader.muted_ids)
    order = [F("asked_at").asc(), F("pk").asc()]
    numbered = answers.annotate(number=Window(RowNumber(), partition_by="occurrence", order_by=order))
    first = numbered.filter(number__lte=2 * NAMES_SHOWN).order_by("number", "occurrence")
    rows = list(first.values_list("occurrence", "member")[: NAMES_SHOWN * 50])
    shown = User.objects.listed_for(reader).in_bulk({member for _occurrence, member in rows})
    found: dict[int, list[User]] = defaultdict(list)
    for occurrence, member in rows:
        if member in shown and len(found[occurrence]) < NAMES_SHOWN:
            found[occurrence].append(shown[member])
    return found


def _counts(keys: list[int]) -> dict[int, tuple[int, int, int]]:
    """How many accepted, responded “maybe”, and wait, by date. One query."""
    answers = Answer.objects.filter(occurrence__in=keys).order_by().values_list("occurrence")
    rows = answers.annotate(
        coming=Count("pk", filter=Q(says="yes", is_waiting=False)),
        maybe=Count("pk", filter=Q(says="maybe")),
        waiting=Count("pk", filter=Q(is_waiting=True)),
    )
    return {key: (coming, maybe, waiting) for key, coming, maybe, waiting in rows} if keys else {}


def _on_both_clocks(occurrence: Occurrence) -> tuple[str, str]:
    zone = occurrence.event.clocks
    begin, end = timezone.localtime(occurrence.starts_at), timezone.localtime(occurrence.ends_at)
    there = occurrence.starts_at.astimezone(zone)
    if there.utcoffset() == begin.utcoffset():
        return in_words(begin, end), ""
    return in_words(begin, end), when_there(occurrence)


def agenda(reader: User | AnonymousUser) -> list[Shown]:
    """The coming dates that this reader may see, the next one first."""
    return show(_to_come(reader.is_authenticated).all(now=timezone.now()), reader)


def on_home(reader: User | AnonymousUser) -> dict[str, Any]:
    """The next events for the home page, each once even if it repeats. One query."""
    first: dict[int, Occurrence] = {}
    for row in _approved_to_come(reader.is_authenticated).all(now=timezone.now()):
        first.setdefault(row.event_id, row)
    shown = [Shown(row, *_on_both_clocks(row)) for row in [*first.values()][:ON_HOME]]
    return {"shown": shown} if shown else {}


# Prepared: building the query took a quarter of the home page's time.
@cache
def _to_come(is_member: bool) -> Prepared[Occurrence]:
    return Prepared(
        lambda now: Occurrence.objects.shown_to(READERS[is_member], now).to_come(now).first_of(AGENDA_SHOWS),
        now=A_MOMENT,
    )


@cache
def _approved_to_come(is_member: bool) -> Prepared[Occurrence]:
    def make(now: datetime) -> QuerySet[Occurrence]:
        approved = Event.objects.filter(pk=OuterRef("event"), state=Event.State.APPROVED)
        shown = Occurrence.objects.shown_to(READERS[is_member], now).filter(ExistsForEach(approved))
        return shown.to_come(now).first_of(AGENDA_SHOWS)

    return Prepared(make, now=A_MOMENT)


def next_times(event: Event, reader: User | AnonymousUser, after: int = 0) -> list[Shown]:
    """The future dates of an event, or its last one.

    after: the id of the date after which the list starts.
    """
    rows = event.occurrences.to_come()
    if after:
        rows = rows.filter(starts_at__gt=event.occurrences.filter(pk=after).values("starts_at")[:1])
    found = list(rows[:EVENT_SHOWS]) or list(event.occurrences.order_by("-starts_at")[:1])
    for row in found:
        row.event = event
    shown = show(found, reader, with_names=True)
    if may_host(reader):
        _add_guests(shown)
    return shown


def _add_guests(shown: list[Shown]) -> None:
    """Add the guests. One query."""
    by_key = {one.occurrence.pk: one for one in shown}
    rows = Answer.objects.filter(occurrence__in=by_key, member=None).exclude(guest_name="").exclude(says="no")
    for answer in rows.order_by("asked_at", "pk")[: NAMES_SHOWN * 50]:
        by_key[answer.occurrence_id].guests.append(answer)


def has_later(event: Event, shown: list[Shown]) -> bool:
    """Whether there are dates after those shown."""
    return bool(shown) and event.occurrences.filter(starts_at__gt=shown[-1].occurrence.starts_at).exists()


def reports_on(event: Event, reader: User | AnonymousUser) -> list[Post]:
    """Reports on the event, newest first."""
    posts = Post.objects.discoverable_by(reader).filter(reported_occurrence__event=event)
    return list(
        posts.select_related("reported_occurrence").order_by("-reported_occurrence__starts_at")[
            :REPORTS_SHOWN
        ]
    )


@dataclass(frozen=True)
class Month:
    """weeks: lists of days with their events; None for a day of another month.

    next: after which date the next page of the month continues; None if there is none.
    """

    first: date
    weeks: list[list[tuple[date, list[Shown]] | None]]
    shown: list[Shown]
    next: Cursor | None = None

    @property
    def before(self) -> date | None:
        """The first day of the month before; None before FIRST_YEAR."""
        before = (self.first - timedelta(days=1)).replace(day=1)
        return before if before.year >= FIRST_YEAR else None

    @property
    def after(self) -> date | None:
        """The first day of the month after; None after LAST_YEAR."""
        after = (self.first + timedelta(days=32)).replace(day=1)
        return after if after.year <= LAST_YEAR else None


def read_month(typed: str) -> date | None:
    """Parse "2026-07" as the first day of that month."""
    try:
        first = date.fromisoformat(f"{typed}-01") if len(typed) == 7 else None
    except ValueError:
        return None
    return first if first and FIRST_YEAR <= first.year <= LAST_YEAR else None


def month_of(first: date, reader: User | AnonymousUser, continues: Cursor | None = None) -> Month:
    """A month that begins on `first`, in the current time zone: weeks of days with what this reader may see.

    At most MONTH_SHOWS dates. continues: the last one of the page before.
    """
    zone = timezone.get_current_timezone()
    after = (first + timedelta(days=32)).replace(day=1)
    begin, end = (datetime.combine(day, time(), zone) for day in (first, after))
    found = Occurrence.objects.shown_to(reader).between(begin, end)
    if continues is not None:
        found = found.filter(continues.rows_after("starts_at"))
    rows = list(found.first_of(MONTH_SHOWS + 1))
    shown = show(rows[:MONTH_SHOWS], reader)
    by_day: dict[date, list[Shown]] = defaultdict(list)
    for one in shown:
        by_day[max(one.day, first)].append(one)
    weeks: list[list[Any]] = [
        [(day, by_day[day]) if day.month == first.month else None for day in week]
        for week in Weeks().monthdatescalendar(first.year, first.month)
    ]
    last = rows[MONTH_SHOWS - 1] if len(rows) > MONTH_SHOWS else None
    return Month(first, weeks, shown, Cursor(last.starts_at, last.pk) if last else None)
