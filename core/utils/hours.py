"""Counting rows by day in the site's time zone.

By the hour as the database writes it in UTC, or by the minute if the offset is not in whole hours. On SQLite,
grouping by day would call a Python function for each row (0.9 s for a year of 100,000 comments, instead of
0.07 s).
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
    """The day in the site's time zone for a value of `hour_of`."""
    at = datetime.fromisoformat(hour if len(hour) > HOUR else f"{hour}:00").replace(tzinfo=UTC)
    return timezone.localdate(at)
