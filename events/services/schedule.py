"""Expands recurrence rules (RFC 5545) to dates in the event's time zone."""

import sys
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.services.rules import WEEKDAYS, Rule, parse_rule

MAX_TIMES = 400
LONGEST_YEARS = 5
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
    """starts_at, ends_at: the first date, in any zone. skipped: dates in the time zone `zone`."""

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
    """The rule for one of REPETITIONS except "rule".

    begin: in the time zone of the event. until: the last day on which a date may start.
    """
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


def last_day(first: date) -> date:
    """The last day on which a date of an event may start, given its first day."""
    return first + timedelta(days=366 * LONGEST_YEARS)


def _which_weekday(day: date) -> str:
    """ "2TH" for the second Thursday of a month, "-1TH" for the last."""
    is_last = day.day + 7 > monthrange(day.year, day.month)[1]
    return f"{-1 if is_last else (day.day - 1) // 7 + 1}{WEEKDAYS[day.weekday()]}"


def read_rule(typed: str) -> str:
    """A typed rule in normal form. Raises ValidationError with what is wrong."""
    return parse_rule(typed).text


def times_of(schedule: Schedule) -> list[tuple[datetime, datetime]]:
    """Start and end of each date in UTC. Local times do not change with daylight saving time.

    The first date is included even if the rule does not match it. Raises ValidationError if there are no
    dates, or more than MAX_TIMES in LONGEST_YEARS, and those of parse_rule.
    """
    begin, lasts = (
        schedule.begin,
        schedule.end - schedule.begin,
    )  # wall-clock arithmetic
    if not schedule.rule:
        return [(schedule.starts_at.astimezone(UTC), schedule.ends_at.astimezone(UTC))]
    starts = _starts(parse_rule(schedule.rule), begin)
    if starts and begin not in starts:
        starts = [begin, *starts]
    if len(starts) > MAX_TIMES:
        raise ValidationError(
            _("That’s more than %(most)d times. Choose an earlier end.") % {"most": MAX_TIMES},
            code="too_often",
        )
    found = {
        start.astimezone(UTC): (start + lasts).astimezone(UTC)
        for start in starts
        if start.date() not in schedule.skipped
    }
    if not found:
        raise ValidationError(_("With this repetition, the event would never take place."), code="never")
    # If the start is skipped by daylight saving time, the end may come before the adjusted start.
    return [(start, end if end > start else start + lasts) for start, end in sorted(found.items())]


def _starts(rule: Rule, begin: datetime) -> list[datetime]:
    """The starts by rule in the zone of `begin`, at most one more than MAX_TIMES."""
    days = rule.days(begin.date(), last_day(begin.date()))
    moments = (datetime.combine(day, begin.timetz()) for day in days)
    lasting = takewhile(lambda start: not rule.is_over(start), moments)
    return list(islice(lasting, min(rule.count or sys.maxsize, MAX_TIMES + 1)))
