"""Where a discussion rested for months: "five months later" beside the date of the comment that went on with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.contrib.humanize.templatetags.humanize import apnumber
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.models import Comment

# Shorter pauses are what the dates say.
MONTHS_SAID = 2
MONTHS_OF_A_YEAR = 12
# Less than two months on any clocks. Asking the calendar about each comment would cost as much as reading them.
SURELY_SHORT = timedelta(days=58)


def months_between(earlier: datetime, later: datetime) -> int:
    """Whole months by the calendar, on the reader's clocks. Negative where it is the other way round."""
    begin, end = timezone.localtime(earlier), timezone.localtime(later)
    months = MONTHS_OF_A_YEAR * (end.year - begin.year) + end.month - begin.month
    return months - ((end.day, end.time()) < (begin.day, begin.time()))


def pause_in_words(months: int) -> str:
    """ "five months later", "a year later"; "" for what needs no words. From a year on in years, to the nearest."""
    if months < MONTHS_SAID:
        return ""
    if months < MONTHS_OF_A_YEAR:
        said = ngettext("%(number)s month later", "%(number)s months later", months)
        return said % {"number": apnumber(months)}
    years = (months + MONTHS_OF_A_YEAR // 2) // MONTHS_OF_A_YEAR
    if years == 1:
        return _("a year later")
    return ngettext("%(number)s year later", "%(number)s years later", years) % {"number": apnumber(years)}


def pauses_of(
    rows: Sequence[Comment], shown: Collection[int], known: Mapping[int, Comment], *, in_order: bool
) -> dict[int, str]:
    """Of the comments of a page that came after a pause, how long it was.

    A reply is compared with what was said last under its parent, parent included; a top-level comment with what stands
    above it on the page. Comments that the reader does not see are no part of it.

    rows: in reading order. shown: keys of those with a text. known: the parents that are on another page.
    in_order: top-level comments are sorted by age.
    """
    latest: dict[int, datetime] = {}  # in each branch that is open, and (0) in all
    around: list[Comment] = []
    found = {}
    for comment in rows:
        while around and not (around[-1].tree_id == comment.tree_id and comment.lft < around[-1].rght):
            _join(latest, around.pop())
        if comment.pk in shown:
            if said := _pause(comment, latest, known, in_order):
                found[comment.pk] = said
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
    if before is None or comment.created_at - before < SURELY_SHORT:
        return ""
    return pause_in_words(months_between(before, comment.created_at))


def _join(latest: dict[int, datetime], done: Comment) -> None:
    """What was said last in a branch that ends here was said last above it, too, if that was later."""
    if last := latest.pop(done.pk, None):
        above = done.parent_id or 0
        latest[above] = max(last, latest.get(above, last))
