"""Pauses of months in a discussion: "five months later" beside the date of the comment that continued it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.contrib.humanize.templatetags.humanize import apnumber
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.models import Comment

# Shorter pauses are visible from the dates.
MONTHS_SAID = 2
MONTHS_OF_A_YEAR = 12
# Less than two months in any time zone. Calendar arithmetic for each comment would cost as much as reading
# them.
MIN_TWO_MONTHS = timedelta(days=58)


def months_between(earlier: datetime, later: datetime) -> int:
    """Whole calendar months, in the reader's time zone. Negative if `later` is earlier."""
    begin, end = timezone.localtime(earlier), timezone.localtime(later)
    months = MONTHS_OF_A_YEAR * (end.year - begin.year) + end.month - begin.month
    return months - ((end.day, end.time()) < (begin.day, begin.time()))


def pause_in_words(months: int) -> str:
    """ "five months later", "a year later"; "" for a short pause. From a year on in years, rounded."""
    if months < MONTHS_SAID:
        return ""
    if months < MONTHS_OF_A_YEAR:
        text = ngettext("%(number)s month later", "%(number)s months later", months)
        return text % {"number": apnumber(months)}
    years = (months + MONTHS_OF_A_YEAR // 2) // MONTHS_OF_A_YEAR
    if years == 1:
        return _("a year later")
    return ngettext("%(number)s year later", "%(number)s years later", years) % {"number": apnumber(years)}


def pauses_of(
    rows: Sequence[Comment], shown: Collection[int], known: Mapping[int, Comment], *, in_order: bool
) -> dict[int, str]:
    """The comments of a page that came after a pause, and its length as words.

    A reply is compared with the last comment under its parent (or the parent), a top-level comment with the
    one above it on the page. Comments that the reader does not see don't count.

    rows: in reading order. shown: keys of those with a text. known: parents that are on another page.
    in_order: whether top-level comments are sorted by age.
    """
    latest: dict[int, datetime] = {}  # the time of the last comment of each open branch, and (0) of all
    around: list[Comment] = []
    found = {}
    for comment in rows:
        while around and not (around[-1].tree_id == comment.tree_id and comment.lft < around[-1].rght):
            _join(latest, around.pop())
        if comment.pk in shown:
            if text := _pause(comment, latest, known, in_order):
                found[comment.pk] = text
            latest[comment.pk] = comment.created_at
        around.append(comment)
    return found


def _pause(
    comment: Comment, latest: dict[int, datetime], known: Mapping[int, Comment], in_order: bool
) -> str:
    if comment.parent_id is None:
        before = latest.get(0) if in_order else None
    else:
        above = known.get(comment.parent_id)
        before = latest.get(comment.parent_id) or (above.created_at if above and above.is_public else None)
    if before is None or comment.created_at - before < MIN_TWO_MONTHS:
        return ""
    return pause_in_words(months_between(before, comment.created_at))


def _join(latest: dict[int, datetime], done: Comment) -> None:
    """Use the time of the last comment of a finished branch for the one above it, if it is later."""
    if last := latest.pop(done.pk, None):
        above = done.parent_id or 0
        latest[above] = max(last, latest.get(above, last))
