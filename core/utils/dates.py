"""Dates and times in the host's style (SiteSettings.date_style) and the language of the page."""

from datetime import date, datetime, time
from typing import Any

from django.utils import formats

from core.models import SiteSettings

Style = SiteSettings.DateStyle

# Replacements for a language's formats: another of its formats, or a format string.
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
    """The format to use instead of this one. style None: the host's.

    Format strings ("c", "Y") stay as they are.
    """
    return INSTEAD.get(style or SiteSettings.current().date_style, {}).get(name, name)


def date_format(value: date | datetime, name: str = "DATE_FORMAT", style: str | None = None) -> str:
    """Like django.utils.formats.date_format, in the host's style. Times must be in local time."""
    return formats.date_format(value, styled(name, style))


def time_format(value: time | datetime, name: str = "TIME_FORMAT") -> str:
    return formats.time_format(value, styled(name))


def before_stop(text: str) -> str:
    """A time before a full stop: the stop of "8 a.m." is removed."""
    return text.removesuffix(".")


def date_styles(example: date) -> list[tuple[str, Any]]:
    """Pairs of style and formatted example, for a form."""
    return [(style.value, date_format(example, "DATE_FORMAT", style)) for style in Style]
