"""Events as iCalendar files (RFC 5545)."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, Max, Min, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, vRecur
from icalendar import Event as Component

from accounts.models import User
from core.markup.plain import plain_text
from core.models import SiteSettings
from core.utils.urls import mail_domain
from events.models import Answer, Event, Occurrence
from events.services.planning import schedule_of
from events.services.schedule import read_rule

# A member's calendar has this many events: the next ones, then the latest past ones.
MOST = 300
# Events that have been over for longer are left out of a member's calendar.
KEPT_DAYS = 365


def as_ics(events: Iterable[Event], name: str = "") -> bytes:
    """The events as an iCalendar file (RFC 5545). name: of the calendar, for those who subscribe to it."""
    calendar = Calendar()
    calendar.add("prodid", "-//Long Table//Events//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", timedelta(hours=2), parameters={"VALUE": "DURATION"})
    events = list(events)
    lasts = _last_starts(events)
    for event in events:
        calendar.add_component(_component(event, lasts.get(event.pk, event.starts_at)))
    calendar.add_missing_timezones(date(2000, 1, 1), date(timezone.now().year + 6, 1, 1))
    return calendar.to_ical()


def calendar_of(events: list[Event]) -> bytes:
    """The events as an iCalendar file named after the site (RFC 5545)."""
    return as_ics(events, _("Events on %(site)s") % {"site": SiteSettings.current().title})


def in_calendar(member: User) -> list[Event]:
    """The events a member may see, except those they declined: upcoming ones first, then past ones."""
    declined = Answer.objects.filter(occurrence=OuterRef("pk"), member=member, says=Answer.Says.NO)
    times = Occurrence.objects.shown_to(member).exclude(Exists(declined), event__rule="")
    to_come = times.to_come().order_by().values("event").annotate(first=Min("starts_at"))
    keys = list(to_come.order_by("first", "event").values_list("event", flat=True)[:MOST])
    if len(keys) < MOST:
        since = timezone.now() - timedelta(days=KEPT_DAYS)
        over = times.over().filter(ends_at__gt=since).order_by().values("event").annotate(last=Max("ends_at"))
        keys += over.order_by("-last", "-event").values_list("event", flat=True)[:MOST]
        keys = [*dict.fromkeys(keys)][:MOST]
    return list(Event.objects.filter(pk__in=keys).with_post().order_by("-starts_at", "pk"))


def facts(events: list[Event]) -> list[Any]:
    """Everything the calendar depends on: it is regenerated when this changes."""
    # Dates change with their event. `public_link` depends on the author, too.
    values = [
        (
            event.pk,
            event.changed_at,
            event.state,
            event.public_link,
            event.place,
            event.link,
            event.post.title,
            event.post.body,
            event.post.get_canonical_url(),
        )
        for event in events
    ]
    return [timezone.now().year, SiteSettings.current().title, values]


def _last_starts(events: list[Event]) -> dict[int, datetime]:
    """The start of the last date by event. One query."""
    rows = Occurrence.objects.filter(event__in=[event.pk for event in events if event.rule]).order_by()
    return dict(rows.values_list("event").annotate(Max("starts_at")))


def _add_times(component: Component, event: Event, last: datetime) -> None:
    """Add the rule with an explicit end, because other programs continue to the year 9999.

    If the rule would not be accepted today, add the dates instead.
    """
    try:
        rule = vRecur.from_ical(read_rule(event.rule))
    except ValidationError:
        times = event.occurrences.order_by("starts_at").values_list("starts_at", flat=True)
        component.add("rdate", [time.astimezone(event.clocks) for time in times])
        return
    rule.pop("COUNT", None)
    rule["UNTIL"] = [last.astimezone(UTC)]
    component.add("rrule", rule)


def _component(event: Event, last: datetime) -> Component:
    schedule, component = schedule_of(event), Component()
    page = event.post.get_canonical_url()
    component.add("uid", f"event-{event.pk}@{mail_domain()}")
    component.add("dtstamp", event.changed_at)
    component.add("last-modified", event.changed_at)
    component.add("summary", event.post.title)
    component.add("dtstart", schedule.begin)
    component.add("dtend", schedule.end)
    if event.rule:
        _add_times(component, event, last)
    for day in schedule.skipped:
        component.add("exdate", datetime.combine(day, schedule.begin.timetz(), schedule.begin.tzinfo))
    if where := event.place or event.link:
        component.add("location", where)
    component.add("url", event.public_link or page)
    component.add("description", f"{plain_text(event.post.body)}\n\n{page}".strip())
    component.add("status", "CANCELLED" if event.state == Event.State.CANCELLED else "CONFIRMED")
    return component
