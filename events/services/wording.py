"""The date and time of an event in words."""

from datetime import datetime

from django.utils.formats import get_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.utils.dates import date_format, time_format
from events.models import Occurrence


def _day(moment: datetime) -> str:
    """The date with its weekday in the format of the language."""
    # Translators: Django's letters for a date: l is Tuesday, j is 15, F is December, Y is 2026.
    form = pgettext("date format", "l, j F Y")
    return date_format(moment, form) if get_format("DATE_FORMAT") else ""


def in_words(begin: datetime, end: datetime) -> str:
    """From start to end in their time zone. The second day is named only if it differs."""
    values = {
        "day": _day(begin),
        "begin": time_format(begin),
        "end": time_format(end),
    }
    if begin.date() == end.date():
        return _("%(day)s, %(begin)s to %(end)s") % values
    return _("%(day)s, %(begin)s to %(last)s, %(end)s") % (values | {"last": _day(end)})


def when_there(occurrence: Occurrence) -> str:
    """The time in the event's time zone, with the name of its place."""
    zone = occurrence.event.clocks
    when = in_words(occurrence.starts_at.astimezone(zone), occurrence.ends_at.astimezone(zone))
    where = zone.key.rpartition("/")[2].replace("_", " ")
    return _("In %(place)s: %(when)s") % {"place": where, "when": when}
