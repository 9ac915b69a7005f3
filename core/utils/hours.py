"""Counting rows by day on the site's clocks.

By the hour as the database writes it in UTC, by the minute where clocks are not set by the hour: on SQLite a day would be a
function of Python for each row (0.9 s for a year of 100,000 comments; so 0.07).
"""

from datetime import UTC, date, datetime, timedelta

from django.db.models import CharField
from django.db.models.functions import Cast, Substr
from django.utils import timezone

HOUR, MINUTE = len("2026-06-01 12"), len("2026-06-01 12:30")


def hour_of(moment: str) -> Substr:
    """The hour or minute of a field, to group by."""
    offset = timezone.localtime().utcoffset() or timedelta()
    return Substr(
        Cast(moment, CharField()), 1, HOUR if offset % timedelta(hours=1) == timedelta() else MINUTE
    )


def day_of(hour: str) -> date:
    """The day on the site's clocks of what `hour_of` gave."""
    at = datetime.fromisoformat(hour if len(hour) > HOUR else f"{hour}:00").replace(tzinfo=UTC)
    return timezone.localdate(at)
