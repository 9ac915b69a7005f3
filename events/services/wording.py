"""When an event takes place, in words."""

from datetime import datetime

from django.utils.formats import get_format
from django.utils.translation import gettext as _

from core.utils.dates import date_format, time_format
from events.models import Occurrence


def in_words(begin: datetime, end: datetime) -> str:
    """From when to when, on the clocks that these moments have: the second day is named only if it is another one."""
    values = {
        "day": date_format(begin, "l, j F Y") if get_format("DATE_FORMAT") else "",
        "begin": time_format(begin),
        "end": time_format(end),
    }
    if begin.date() == end.date():
        return _("%(day)s, %(begin)s to %(end)s") % values
    return _("%(day)s, %(begin)s to %(last)s, %(end)s") % (values | {"last": date_format(end, "l, j F Y")})


def when_there(occurrence: Occurrence) -> str:
    """On the clocks of the event, whose place is named."""
    zone = occurrence.event.clocks
    when = in_words(occurrence.starts_at.astimezone(zone), occurrence.ends_at.astimezone(zone))
    where = zone.key.rpartition("/")[2].replace("_", " ")
    return _("In %(place)s: %(when)s") % {"place": where, "when": when}
