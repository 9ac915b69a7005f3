"""Template tags of the moderation pages."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.template import Library
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from comments.models import Comment
from core.utils.punctuation import with_semicolons
from core.utils.reasons import reason_sentence, reason_text
from moderation.models import Report
from moderation.services import queue

register = Library()


@register.filter
def reports_in_short(reports: Iterable[Report]) -> str:
    """The number of reporters and their reasons: "Reported by 2: It is unkind, or attacks somebody"."""
    reports = list(reports)
    reasons = with_semicolons(dict.fromkeys(str(report.get_reason_display()) for report in reports))
    return ngettext(
        "Reported by one member: %(reasons)s", "Reported by %(count)d: %(reasons)s", len(reports)
    ) % {
        "count": len(reports),
        "reasons": reasons,
    }


@register.simple_tag(takes_context=True)
def waiting_count(context: dict[str, Any]) -> str:
    """The number of comments awaiting review. A page that has counted them already does not count again."""
    summary = context.get("summary")
    if isinstance(summary, queue.Summary):
        return str(summary.awaiting)
    count = queue.count_in_short()
    return f"{queue.MAX_COUNTED - 1}+" if count == queue.MAX_COUNTED else str(count)


register.filter("reason_sentence", reason_sentence)


@register.filter
def strongest_reason(comment: Comment) -> str:
    """The strongest reason against a held comment."""
    return next(
        (reason_text(reason) for reason in comment.hold_reasons if reason["code"] != "turned_away"), ""
    )


@register.filter
def get_item(mapping: dict[Any, Any], key: Any) -> Any:
    return mapping.get(key)


@register.filter
def level_in_words(level: int) -> str:
    """The description of a trust level for moderators (moderation.services.trust)."""
    return str(LEVELS[level])


LEVELS = [
    gettext_lazy("Level 0 of 3: new, every comment is checked"),
    gettext_lazy("Level 1 of 3: has had a comment published for a while"),
    gettext_lazy("Level 2 of 3: known for days, no longer checked"),
    gettext_lazy("Level 3 of 3: known for months, or on the team"),
]


@register.filter
def age(since: datetime) -> str:
    """The time since then, in one unit."""
    return in_words(timezone.now() - since)


@register.filter
def in_words(time: timedelta) -> str:
    """A duration in one unit: "under a minute", "42 minutes", "3 hours", "5 days"."""
    minutes = round(time.total_seconds() / 60)
    if minutes < 1:
        return _("less than a minute")
    if minutes < 120:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    hours, days = round(minutes / 60), round(minutes / 1440)
    if minutes < 48 * 60:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
