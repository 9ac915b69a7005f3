"""Dates and times, in every template without `{% load %}` (TEMPLATES, builtins)."""

from datetime import datetime

from django.template import Library
from django.utils.formats import date_format

register = Library()


@register.filter(expects_localtime=True, is_safe=False)
def with_zone(moment: datetime | None) -> str:
    """Date, time and the zone of the clocks: "10 Jun 2026, 12:20 p.m. CEST". Where it must be understood elsewhere, too."""
    return f"{date_format(moment, 'DATETIME_FORMAT')} {moment:%Z}" if moment else ""
