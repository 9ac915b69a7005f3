"""Words for the queue."""

from collections.abc import Iterable
from datetime import timedelta

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from moderation.models import Report

register = template.Library()


@register.filter
def reports_in_short(reports: Iterable[Report]) -> str:
    """How many members reported it, and why: "Reported by 2: It is unkind, or attacks somebody"."""
    reports = list(reports)
    reasons = "; ".join(dict.fromkeys(str(report.get_reason_display()) for report in reports))
    return ngettext("Reported by one member: %(reasons)s", "Reported by %(count)d: %(reasons)s", len(reports)) % {
        "count": len(reports),
        "reasons": reasons,
    }


@register.filter
def in_words(time: timedelta) -> str:
    """A length of time in one unit: "under a minute", "42 minutes", "3 hours", "5 days"."""
    minutes = round(time.total_seconds() / 60)
    if minutes < 1:
        return _("under a minute")
    if minutes < 120:
        return ngettext("%d minute", "%d minutes", minutes) % minutes
    if minutes < 48 * 60:
        return ngettext("%d hour", "%d hours", round(minutes / 60)) % round(minutes / 60)
    return ngettext("%d day", "%d days", round(minutes / 1440)) % round(minutes / 1440)
