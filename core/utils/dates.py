"""Dates and times as the host wants them written (SiteSettings.date_style), in the language of the page."""

from datetime import date, datetime, time
from typing import Any

from django.utils import formats

from core.models import SiteSettings

Style = SiteSettings.DateStyle

# Instead of the language's own: another format of it, or one of Django's own letters.
INSTEAD: dict[str, dict[str, str]] = {
    Style.LONG: {},
    Style.SHORT: {"DATE_FORMAT": "SHORT_DATE_FORMAT", "DATETIME_FORMAT": "SHORT_DATETIME_FORMAT"},
    Style.ISO: {
        "DATE_FORMAT": "Y-m-d",
        "SHORT_DATE_FORMAT": "Y-m-d",
        "DATETIME_FORMAT": "Y-m-d H:i",
        "SHORT_DATETIME_FORMAT": "Y-m-d H:i",
        "TIME_FORMAT": "H:i",
    },
}


def styled(name: str, style: str | None = None) -> str:
    """The format that stands for this one. style None: the host's. A format in letters ("c", "Y") stays what it is."""
    return INSTEAD.get(style or SiteSettings.current().date_style, {}).get(name, name)


def date_format(value: date | datetime, name: str = "DATE_FORMAT", style: str | None = None) -> str:
    """As django.utils.formats.date_format, in the host's style. A moment is taken as it is: `localtime` it before."""
    return formats.date_format(value, styled(name, style))


def time_format(value: time | datetime, name: str = "TIME_FORMAT") -> str:
    return formats.time_format(value, styled(name))


def before_stop(said: str) -> str:
    """A time as the end of a sentence, whose full stop follows: after "8 a.m." there is none to add."""
    return said.removesuffix(".")


def date_styles(example: date) -> list[tuple[str, Any]]:
    """(style, the example written in it), for a form."""
    return [(style.value, date_format(example, "DATE_FORMAT", style)) for style in Style]
