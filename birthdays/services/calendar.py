"""Whose birthday is when, for one reader on their own clocks; and the same as a calendar for other programs."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from accounts.models import User
from accounts.models.querysets import know_moderators
from birthdays.models import celebrated_on, shown_to
from core.models import SiteSettings
from core.utils.urls import absolute_url, mail_domain

WEEK = 7
# A month names so many people at most; who is looking for somebody finds them in the directory.
MOST_IN_MONTH = 300
MOST_IN_CALENDAR = 5000
MONTHS = 12
ON_HOME = 5


@dataclass(frozen=True)
class Day:
    day: date
    members: list[User]


@dataclass(frozen=True)
class Month:
    first: date
    days: list[Day]
    is_cut: bool


def today_and_week(reader: User | AnonymousUser, today: date) -> tuple[list[User], list[Day]]:
    """Who celebrates today, and who on the six days after it. Two queries."""
    days = [today + timedelta(days=number) for number in range(WEEK)]
    members = list(shown_to(reader).filter(celebrated_on(days)).by_name()[:MOST_IN_MONTH])
    know_moderators(members)
    found = _by_day(members, days)
    return next((one.members for one in found if one.day == today), []), [
        one for one in found if one.day != today
    ]


def on_home(reader: User | AnonymousUser) -> dict[str, Any]:
    """Whose birthday is today, for the home page. One query."""
    members = list(shown_to(reader).filter(celebrated_on([timezone.localdate()])).by_name()[:ON_HOME])
    return {"celebrating": members} if members else {}


def month_of(reader: User | AnonymousUser, first: date) -> Month:
    """The birthdays of a calendar month. Two queries."""
    days = [
        day for day in (first + timedelta(days=number) for number in range(31)) if day.month == first.month
    ]
    members = list(shown_to(reader).filter(celebrated_on(days)).by_name()[: MOST_IN_MONTH + 1])
    know_moderators(members)
    return Month(first, _by_day(members[:MOST_IN_MONTH], days), len(members) > MOST_IN_MONTH)


def _by_day(members: list[User], days: list[date]) -> list[Day]:
    found = {day: [one for one in members if one.birthday_in(day.year) == day] for day in days}
    return [Day(day, there) for day, there in found.items() if there]


def as_ics(reader: User) -> bytes:
    """The birthdays that this member may see, each once a year (RFC 5545). Made anew at each fetch, so it forgets."""
    calendar = Calendar()
    calendar.add("prodid", "-//Long Table//Birthdays//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("Birthdays on %(site)s") % {"site": SiteSettings.current().title})
    calendar.add("refresh-interval", timedelta(hours=12), parameters={"VALUE": "DURATION"})
    for member in shown_to(reader).by_name()[:MOST_IN_CALENDAR]:
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
        # The 60th day of a year is 29 February or 1 March; the last of February is the 29th or the 28th.
        rule |= {"byyearday": 60} if member.birthday_in_march else {"bymonth": 2, "bymonthday": -1}
    event.add("rrule", rule)
    return event
