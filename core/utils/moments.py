"""Times as users enter them: a date and a time in some time zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.utils.dates import date_format, time_format

# Within these, no time zone leads out of the calendar.
YEARS = (1970, 2999)


def moment_in_zone(naive: datetime, name: str) -> datetime:
    """The time at which clocks in that zone show this date and time.

    Raises ValidationError for a time that a clock change skips or repeats, and for a year outside YEARS.
    """
    if not YEARS[0] <= naive.year <= YEARS[1]:
        raise ValidationError(
            _("Choose a year from %(first)d to %(last)d."),
            code="year",
            params={"first": YEARS[0], "last": YEARS[1]},
        )
    zone = ZoneInfo(name)
    first, second = naive.replace(tzinfo=zone), naive.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first
    values = {
        "zone": name,
        "date": date_format(naive, "DATE_FORMAT"),
        "time": time_format(naive, "TIME_FORMAT"),
    }
    change = abs((first.utcoffset() or timedelta()) - (second.utcoffset() or timedelta()))
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != naive:
        values["later"] = time_format(naive + change, "TIME_FORMAT")
        raise ValidationError(
            _(
                "On %(date)s clocks in %(zone)s go forward, so %(time)s doesn’t exist. Choose %(later)s, for example."
            )
            % values,
            code="skipped",
        )
    raise ValidationError(
        _(
            "On %(date)s clocks in %(zone)s go back, so %(time)s happens twice. Choose another time, or enter it in UTC."
        )
        % values,
        code="twice",
    )
