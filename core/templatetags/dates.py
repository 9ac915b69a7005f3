"""Dates and times in the host's style, in every template without `{% load %}` (TEMPLATES, builtins).

`date` and `time` replace Django's own.
"""

from datetime import datetime
from typing import Any

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.template import Library, defaultfilters
from django.utils.html import format_html

from core.utils.dates import date_format, styled

register = Library()


@register.filter(expects_localtime=True, is_safe=False)
def date(value: Any, form: str = "DATE_FORMAT") -> str:
    return str(defaultfilters.date(value, styled(form)))


@register.filter(expects_localtime=True, is_safe=False)
def time(value: Any, form: str = "TIME_FORMAT") -> str:
    return str(defaultfilters.time(value, styled(form)))


@register.filter(expects_localtime=True, is_safe=False)
def with_zone(moment: datetime | None) -> str:
    """Date, time and time zone: "10 Jun 2026, 12:20 p.m. CEST". For texts that are read elsewhere too."""
    return f"{date_format(moment, 'DATETIME_FORMAT')} {moment:%Z}" if moment else ""


@register.filter(expects_localtime=True, is_safe=True)
def ago(moment: datetime | None) -> str:
    """How long ago it was, with the full time as its title: "2 hours ago"."""
    if not moment:
        return ""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), with_zone(moment), naturaltime(moment)
    )
