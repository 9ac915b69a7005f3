"""Birthdays for one reader, in their time zone; and as a calendar feed."""

from calendar import isleap, monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, Q, When
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from accounts.models import User
from accounts.models.querysets import set_moderator_flags
from birthdays.models import celebrated_on, shown_to
from core.models import SiteSettings
from core.utils.urls import absolute_url, mail_domain

WEEK = 7
# The most names in each list. The rest of a month is on a further page.
MAX_NAMED = 100
# A calendar feed contains the next ones. Calendar apps fetch it twice a day, so none is missed.
MAX_IN_CALENDAR = 500
MONTHS = 12
FEBRUARY, MARCH = 2, 3
ON_HOME = 5


@dataclass(frozen=True)
class Day:
    """The members whose birthday is on a day."""

    day: date
    members: list[User]


@dataclass(frozen=True)
class Month:
    """`next`: the day of the month on which the next page starts. is_rest: this is a later page."""

    first: date
    days: list[Day]
    next: int | None = None
    is_rest: bool = False


def today_and_week(reader: User | AnonymousUser, today: date) -> tuple[list[User], list[Day]]:
    """Who celebrates today, and who on the following six days. Two queries."""
    days = [today + timedelta(days=number) for number in range(WEEK)]
    nearest = Case(*(When(celebrated_on([day]), then=number) for number, day in enumerate(days)))
    people = shown_to(reader).filter(celebrated_on(days)).order_by(nearest, "name_key", "pk")
    members = list(people[:MAX_NAMED])
    set_moderator_flags(members)
    found = _by_day(members, days)
    return next((one.members for one in found if one.day == today), []), [
        one for one in found if one.day != today
    ]


def on_home(reader: User | AnonymousUser) -> dict[str, Any]:
    """Today's birthdays, for the home page. One query."""
    members = list(shown_to(reader).filter(celebrated_on([timezone.localdate()])).by_name()[:ON_HOME])
    return {"celebrating": members} if members else {}


def month_of(reader: User | AnonymousUser, first: date, begin: int = 1) -> Month:
    """The birthdays of a calendar month from a day on. Two queries, in March three.

    Whole days, as many as fit.
    """
    people = shown_to(reader).filter(birthday_month=first.month, birthday_day__gte=begin)
    if first.month == FEBRUARY and not isleap(first.year):
        people = people.exclude(birthday_day=29, birthday_in_march=True)
    members = list(people.order_by("birthday_day", "name_key", "pk")[: MAX_NAMED + 1])
    if first.month == MARCH and begin == 1 and not isleap(first.year):
        leap = shown_to(reader).filter(birthday_month=FEBRUARY, birthday_day=29, birthday_in_march=True)
        members = [*leap.by_name()[: MAX_NAMED + 1], *members]
    members, following = _whole_days(members, first.year)
    set_moderator_flags(members)
    days = [first.replace(day=day + 1) for day in range(monthrange(first.year, first.month)[1])]
    return Month(
        first, _by_day(members, days), following if following and following <= len(days) else None, begin > 1
    )


def _whole_days(members: list[User], year: int) -> tuple[list[User], int | None]:
    """The members to list, and the day of the month with the next ones."""

    def day_of(member: User) -> int:
        day = member.birthday_in(year)
        return day.day if day else 0

    if len(members) <= MAX_NAMED:
        return members, None
    following = day_of(members[MAX_NAMED])
    # If one day exceeds the limit by itself, the first ones of it are listed.
    if whole := [member for member in members if day_of(member) < following]:
        return whole, following
    return members[:MAX_NAMED], following + 1


def _by_day(members: list[User], days: list[date]) -> list[Day]:
    found: dict[date, list[User]] = {day: [] for day in days}
    for member in members:
        for year in {days[0].year, days[-1].year}:
            if (day := member.birthday_in(year)) in found:
                found[day].append(member)
    return [
        Day(day, sorted(there, key=lambda one: (one.name_key, one.pk)))
        for day, there in found.items()
        if there
    ]


def in_calendar(reader: User) -> list[User]:
    """The members in this member's calendar feed: those they may see, the next first. One query or two."""
    today, people = timezone.localdate(), shown_to(reader).order_by("birthday_month", "birthday_day", "pk")
    is_over = Q(birthday_month=today.month, birthday_day__lt=today.day)
    to_come = people.filter(birthday_month__gte=today.month).exclude(is_over)
    found = list(to_come[:MAX_IN_CALENDAR])
    if len(found) < MAX_IN_CALENDAR:
        over = people.filter(birthday_month__lte=today.month).filter(
            Q(birthday_month__lt=today.month) | is_over
        )
        found += over[: MAX_IN_CALENDAR - len(found)]
    return found


def facts(members: list[User]) -> list[Any]:
    """Everything the feed depends on: it is regenerated when this changes."""
    values = [
        (one.pk, one.get_display_name(), one.username, one.birthday_month, one.birthday_day, one.birthday_in_march)
        for one in members
    ]  # fmt: skip
    return [timezone.now().year, SiteSettings.current().title, values]


def as_ics(members: list[User]) -> bytes:
    """Birthdays as iCalendar, each repeating yearly (RFC 5545)."""
    calendar = Calendar()
    calendar.add("prodid", "-//Long Table//Birthdays//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("Birthdays on %(site)s") % {"site": SiteSettings.current().title})
    calendar.add("refresh-interval", timedelta(hours=12), parameters={"VALUE": "DURATION"})
    for member in members:
        calendar.add_component(_event_of(member))
    return calendar.to_ical()


def _event_of(member: User) -> Event:
    event, year = Event(), timezone.now().year
    first = member.birthday_in(year)
    event.add("uid", f"birthday-{member.pk}@{mail_domain()}")
    event.add("dtstamp", timezone.now())
    event.add("summary", _("%(name)s’s birthday") % {"name": member.get_display_name()})
    event.add("url", absolute_url(member.get_absolute_url()))
    event.add("dtstart", first)
    event.add("transp", "TRANSPARENT")
    rule: dict[str, str | int] = {"freq": "yearly"}
    if (member.birthday_month, member.birthday_day) == (2, 29):
        # The 60th day of a year is 29 February or 1 March; the last day of February is the 29th or the 28th.
        rule |= {"byyearday": 60} if member.birthday_in_march else {"bymonth": 2, "bymonthday": -1}
    event.add("rrule", rule)
    return event
