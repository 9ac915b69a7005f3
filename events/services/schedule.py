"""When an event takes place: rules of repetition (RFC 5545) become times, on the clocks of its zone."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import recurring_ical_events
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from icalendar import Calendar, vRecur
from icalendar import Event as Component

MOST_TIMES = 400
LONGEST_YEARS = 5
FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
REPETITIONS = [
    ("", gettext_lazy("Once")),
    ("daily", gettext_lazy("Every day")),
    ("weekly", gettext_lazy("Every week")),
    ("fortnightly", gettext_lazy("Every two weeks")),
    ("monthly", gettext_lazy("Every month, on the same date")),
    ("weekday", gettext_lazy("Every month, on the same weekday")),
    ("yearly", gettext_lazy("Every year")),
    ("rule", gettext_lazy("By a rule (RRULE)")),
]


@dataclass(frozen=True)
class Schedule:
    """starts_at, ends_at: of the first time, with any zone. skipped: days on the clocks of `zone`."""

    starts_at: datetime
    ends_at: datetime
    zone: str
    rule: str = ""
    skipped: tuple[date, ...] = ()

    @property
    def begin(self) -> datetime:
        return self.starts_at.astimezone(ZoneInfo(self.zone))

    @property
    def end(self) -> datetime:
        return self.ends_at.astimezone(ZoneInfo(self.zone))


def rule_of(repetition: str, begin: datetime, until: date) -> str:
    """The rule for one of REPETITIONS but "rule". begin: on the clocks of the event. until: the last day on which it may start."""
    last = datetime.combine(until, time(23, 59, 59), begin.tzinfo).astimezone(UTC)
    parts = {
        "daily": "FREQ=DAILY",
        "weekly": "FREQ=WEEKLY",
        "fortnightly": "FREQ=WEEKLY;INTERVAL=2",
        "monthly": "FREQ=MONTHLY",
        "weekday": f"FREQ=MONTHLY;BYDAY={_which_weekday(begin.date())}",
        "yearly": "FREQ=YEARLY",
    }
    return f"{parts[repetition]};UNTIL={last:%Y%m%dT%H%M%SZ}"


def _which_weekday(day: date) -> str:
    """ "2TH" for the second Thursday of a month, "-1TH" for the last."""
    is_last = day.day + 7 > monthrange(day.year, day.month)[1]
    return f"{-1 if is_last else (day.day - 1) // 7 + 1}{WEEKDAYS[day.weekday()]}"


def read_rule(typed: str) -> str:
    """A rule as somebody typed it, tidied. Raises ValidationError that says what is wrong with it."""
    try:
        rule = vRecur.from_ical(typed.strip().removeprefix("RRULE:"))
        frequency = str(rule.get("FREQ", [""])[0]).upper()
        tidy: str = rule.to_ical().decode()
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        frequency, tidy = "", ""
    if frequency not in FREQUENCIES:
        raise ValidationError(
            _("This isn’t a rule that we understand. An example: FREQ=WEEKLY;BYDAY=TU;COUNT=10."),
            code="no_rule",
        )
    if "COUNT" not in rule and "UNTIL" not in rule:
        raise ValidationError(
            _("The rule has no end. Add COUNT (how often) or UNTIL (the last day)."), code="endless"
        )
    return tidy


def times_of(schedule: Schedule) -> list[tuple[datetime, datetime]]:
    """Begin and end of each time, in UTC. A clock change moves none of them on the clocks of the event's zone.

    Raises ValidationError for what takes place never, or more than MOST_TIMES in LONGEST_YEARS.
    """
    lasts = schedule.end - schedule.begin
    if not schedule.rule:
        return [(schedule.starts_at.astimezone(UTC), schedule.ends_at.astimezone(UTC))]
    component = Component()
    component.add("uid", "event")
    component.add("dtstart", schedule.begin)
    component.add("dtend", schedule.end)
    component.add("rrule", vRecur.from_ical(schedule.rule))
    calendar = Calendar()
    calendar.add_component(component)
    begin = schedule.begin
    last = begin.date() + timedelta(days=366 * LONGEST_YEARS)
    skipped, found = set(schedule.skipped), set()
    try:
        for count, one in enumerate(recurring_ical_events.of(calendar).after(begin.date())):
            start = one.start.astimezone(begin.tzinfo)
            if start.date() > last:
                break
            if count >= MOST_TIMES:
                raise ValidationError(_too_often(), code="too_often")
            if start >= begin and start.date() not in skipped:
                found.add(start.astimezone(UTC))
    except (ValueError, TypeError, OverflowError) as error:
        raise ValidationError(_("This rule gives no days. Check it."), code="no_rule") from error
    if not found:
        raise ValidationError(_("With this repetition, the event would never take place."), code="never")
    return [(start, start + lasts) for start in sorted(found)]


def _too_often() -> str:
    return _("That’s more than %(most)d times. Let it end earlier.") % {"most": MOST_TIMES}
