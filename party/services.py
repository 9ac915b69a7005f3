"""How the site is decorated today (settings.PAGE_DRESS)."""

import time
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from birthdays.models import celebrated_on
from core.parts import is_on
from core.utils.cookies import cookie_name
from events.models import Occurrence
from party.models import Dress, PartyDay

NO_PARTY_COOKIE = "no_party"
KEPT_SECONDS = 30.0
"""How long a process caches the decoration, so that pages need no query."""

# By day: the decoration, and when it was read. For the last few days that were the current date of any
# reader.
_known: dict[date, tuple[str, float]] = {}


def dress_for(request: HttpRequest, reader: Any = None) -> str:
    """The decoration of this reader's pages today in their time zone; "" for none, or if they opted out."""
    if not is_on("party"):
        return ""
    dress = dress_of(timezone.localdate())
    if not dress or request.COOKIES.get(cookie_name(NO_PARTY_COOKIE)):
        return ""
    reader = reader or getattr(request, "user", None)
    return dress if getattr(reader, "wants_party", True) else ""


def dress_of(day: date) -> str:
    """The host's choice for that day, or the full one if there is something to celebrate.

    Without a database there is none.
    """
    known, now = _known.get(day), time.monotonic()
    if known is not None and now - known[1] < KEPT_SECONDS:
        return known[0]
    try:
        dress = _read(day)
    except DatabaseError:
        dress = ""
    if len(_known) > 4:
        _known.clear()
    _known[day] = dress, now
    return dress


def forget() -> None:
    """Clear the cache of this process."""
    _known.clear()


def _read(day: date) -> str:
    chosen = PartyDay.objects.filter(day=day).values_list("dress", flat=True).first()
    if chosen is not None:
        return "" if chosen == Dress.NONE else str(chosen)
    return Dress.FULL.value if _is_celebrated(day) else ""


def _is_celebrated(day: date) -> bool:
    """Whether there is a birthday that everyone may see, or an event."""
    people = User.objects.listed().filter(celebrated_on([day]), birthday_seen_by=User.SeenBy.ALL)
    if is_on("birthdays") and people.filter(birthday_day__isnull=False).exists():
        return True
    if not is_on("events"):
        return False
    begin = datetime.combine(day, time_of_day(), timezone.get_current_timezone())
    times = Occurrence.objects.shown_to(AnonymousUser()).between(begin, begin + timedelta(days=1))
    return times.filter(event__state="approved").exists()
