"""Words for the queue."""

from collections.abc import Iterable

from django import template
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
