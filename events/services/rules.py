"""Recurrence rules (RFC 5545, section 3.3.10), restricted to whole days.

Other libraries search for the next matching day, and some rules have none: FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30
ends in the year 9999, INTERVAL=0 never. Here each day of a limited period is tested once, whatever the rule
says.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from icalendar import vRecur

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MAX_INTERVAL = 100
ALWAYS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"}
# The other parts that a rule may contain, by frequency.
ALLOWED = {
    "DAILY": {"BYDAY", "BYMONTH"},
    "WEEKLY": {"BYDAY"},
    "MONTHLY": {"BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS"},
    "YEARLY": {"BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS"},
}
MAX_OF = {"BYMONTHDAY": 31, "BYSETPOS": 366}
DAY = re.compile(r"([+-]?[1-9][0-9]?)?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)


@dataclass(frozen=True)
class Rule:
    """weekdays: (number from Monday = 0, ordinal in the month or year; 0 for each)."""

    text: str
    frequency: str
    interval: int
    count: int | None
    until: date | None
    week_start: int
    weekdays: frozenset[tuple[int, int]]
    month_days: frozenset[int]
    months: frozenset[int]
    positions: frozenset[int]

    def is_over(self, start: datetime) -> bool:
        """Whether a date is after the end of the rule, which is a day or a moment (UNTIL)."""
        if not isinstance(self.until, datetime):
            return self.until is not None and start.date() > self.until
        return (start if self.until.tzinfo else start.replace(tzinfo=None)) > self.until

    def days(self, first: date, last: date) -> Iterator[date]:
        """The matching days in order.

        Parts that the rule leaves out, such as the day of the month, follow `first`.
        """
        start = date(first.year, 1, 1) - timedelta(days=7)
        every = (start + timedelta(days=number) for number in range((last - start).days + 366))
        first_period = self._period(first)
        for period, days in groupby(every, key=self._period):
            if period < first_period or (period - first_period) % self.interval:
                continue
            found = [day for day in days if self._matches(day, first)]
            if self.positions:
                wanted = {at - 1 if at > 0 else len(found) + at for at in self.positions}
                found = [day for number, day in enumerate(found) if number in wanted]
            yield from (day for day in found if first <= day <= last)

    def _period(self, day: date) -> int:
        """The number of the day, week, month or year, counted from a fixed date."""
        return {
            "DAILY": day.toordinal(),
            "WEEKLY": (day.toordinal() - 1 - self.week_start) // 7,
            "MONTHLY": day.year * 12 + day.month,
            "YEARLY": day.year,
        }[self.frequency]

    def _matches(self, day: date, first: date) -> bool:
        months, month_days = self.months, self.month_days
        if not self.weekdays and not month_days:
            if self.frequency == "WEEKLY":
                return day.weekday() == first.weekday()
            if self.frequency != "DAILY":
                month_days = frozenset({first.day})
            if self.frequency == "YEARLY":
                months = months or frozenset({first.month})
        left = days_left_in_month(day)
        return (
            (not months or day.month in months)
            and (not month_days or bool(month_days & {day.day, -left - 1}))
            and (not self.weekdays or self._is_weekday(day))
        )

    def _is_weekday(self, day: date) -> bool:
        if self.frequency == "YEARLY" and not self.months:
            before, left = day.timetuple().tm_yday - 1, (date(day.year, 12, 31) - day).days
        else:
            before, left = day.day - 1, days_left_in_month(day)
        which = {0, before // 7 + 1, -(left // 7) - 1}
        return any((day.weekday(), number) in self.weekdays for number in which)


def days_left_in_month(day: date) -> int:
    following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return (following - day).days - 1


def parse_rule(typed: str) -> Rule:
    """Parse a rule. Raises ValidationError with what is wrong."""
    try:
        parts = vRecur.from_ical(typed.strip().removeprefix("RRULE:"))
        frequency = str(parts.get("FREQ", [""])[0]).upper()
        text: str = parts.to_ical().decode()
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        frequency, text = "", ""
    if frequency not in ALLOWED:
        raise unsupported()
    if extra := {str(name).upper() for name in parts} - ALWAYS - ALLOWED[frequency]:
        raise ValidationError(
            _("A rule with FREQ=%(frequency)s can’t have %(part)s.")
            % {"frequency": frequency, "part": min(extra)[:40]},
            code="not_allowed",
        )
    interval, count, until = (_only(parts, name) for name in ("INTERVAL", "COUNT", "UNTIL"))
    if interval is not None and not 1 <= interval <= MAX_INTERVAL:
        raise ValidationError(
            _("INTERVAL is a number from 1 to %(most)d.") % {"most": MAX_INTERVAL}, code="interval"
        )
    if count is None and until is None:
        raise ValidationError(
            _("The rule has no end. Add COUNT (how often) or UNTIL (the last day)."), code="endless"
        )
    if (count is not None and count < 1) or not isinstance(until, date | None):
        raise unsupported()
    return Rule(
        text=text,
        frequency=frequency,
        interval=interval or 1,
        count=count,
        until=until,
        week_start=WEEKDAYS.index(str(_only(parts, "WKST") or "MO").upper()),
        weekdays=frozenset(_weekday(str(one), frequency) for one in parts.get("BYDAY", ())),
        month_days=_numbers(parts, "BYMONTHDAY"),
        months=frozenset(_month(one) for one in parts.get("BYMONTH", ())),
        positions=_numbers(parts, "BYSETPOS"),
    )


def unsupported() -> ValidationError:
    """The error for a rule that is invalid or uses parts of RFC 5545 that are not supported."""
    return ValidationError(
        _("This isn’t a rule that we understand. An example: FREQ=WEEKLY;BYDAY=TU;COUNT=10."), code="no_rule"
    )


def _only(parts: vRecur, name: str) -> Any:
    """The value of a part with a single value; None if it is missing."""
    found = parts.get(name, [])
    if len(found) > 1:
        raise unsupported()
    return found[0] if found else None


def _numbers(parts: vRecur, name: str) -> frozenset[int]:
    found = frozenset(map(int, parts.get(name, ())))
    if any(not 1 <= abs(number) <= MAX_OF[name] for number in found):
        raise unsupported()
    return found


def _month(value: Any) -> int:
    if value.leap or not 1 <= int(value) <= 12:
        raise unsupported()
    return int(value)


def _weekday(word: str, frequency: str) -> tuple[int, int]:
    """ "-1TU" as (1, -1). Only a month or a year has a last Tuesday."""
    found = DAY.fullmatch(word.upper())
    if found is None or (found[1] and frequency in {"DAILY", "WEEKLY"}):
        raise unsupported()
    return WEEKDAYS.index(found[2]), int(found[1] or 0)
