"""The moderation queue: its list, counts and filters. cases.py has the data of one comment."""

from collections import defaultdict
from collections.abc import Container
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple, Self

from django.conf import settings
from django.db.models import Case as CaseWhen
from django.db.models import (
    Count,
    F,
    Max,
    Min,
    OuterRef,
    QuerySet,
    Subquery,
    TextChoices,
    When,
)
from django.utils.translation import gettext_lazy as _

from comments.models import Comment, CommentRevision
from core.prepared import A_MOMENT, A_NUMBER, NUMBERS, Prepared
from core.utils.pagination import Cursor
from moderation.models import Decision, Report


class Seen(NamedTuple):
    """What a moderator has seen: the newest decision and the newest edit when the page was rendered.

    It is part of the form, so that no one decides on a text, or overrides a colleague, unseen.
    """

    decision: int
    revision: int

    def __str__(self) -> str:
        return f"{self.decision}-{self.revision}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Parse the output of __str__, or return None."""
        decision, _dash, revision = text.partition("-")
        if not (
            decision.isascii()
            and decision.isdigit()
            and revision.isascii()
            and revision.isdigit()
            and len(decision) < 19 > len(revision)
        ):
            return None
        return cls(int(decision), int(revision))

    def is_outdated_for(self, comment: Comment) -> bool:
        """Whether the comment was edited, or someone decided about it, since."""
        return (
            Decision.objects.filter(comment=comment, pk__gt=self.decision).exists()
            or CommentRevision.objects.filter(comment=comment, pk__gt=self.revision).exists()
        )


def seen_now() -> Seen:
    """The current state. Read it before the rows, so that changes in between count as unseen."""
    newest_decision = Decision.objects.aggregate(newest=Max("pk"))["newest"]
    newest_revision = CommentRevision.objects.aggregate(newest=Max("pk"))["newest"]
    return Seen(newest_decision or 0, newest_revision or 0)


class Kind(TextChoices):
    """The filters of the queue.

    Comments blocked as spam are held too, but no one is expected to approve them.
    """

    ALL = "", _("All")
    HELD = "held", _("Held")
    REPORTED = "reported", _("Reported")
    TURNED_AWAY = "turned-away", _("Blocked")


def waiting() -> QuerySet[Comment]:
    """Held comments, and public ones with open reports. `waiting_since`: when written or first reported."""
    held = Comment.objects.held().order_by().values("pk")
    reported = (
        Report.objects.open().filter(comment__status=Comment.Status.PUBLIC).order_by().values("comment_id")
    )
    first_report = (
        Report.objects.open().filter(comment=OuterRef("pk")).oldest_first().values("created_at")[:1]
    )
    return Comment.objects.filter(pk__in=held.union(reported)).annotate(
        waiting_since=CaseWhen(
            When(status=Comment.Status.HELD, then=F("created_at")), default=Subquery(first_report)
        )
    )


class Summary(NamedTuple):
    """The number of comments awaiting review, the time of the oldest, and the numbers by kind."""

    awaiting: int
    oldest: datetime | None
    reported: int
    turned_away: int

    @property
    def held(self) -> int:
        return self.awaiting - self.reported

    @property
    def all(self) -> int:
        return self.awaiting + self.turned_away

    @property
    def kinds(self) -> list[tuple[Kind, int]]:
        """The kinds, with the number of comments in each."""
        return list(zip(Kind, (self.all, self.held, self.reported, self.turned_away), strict=True))


def summary() -> Summary:
    """Two queries, each by index: held comments, then reported ones."""
    held = Comment.objects.filter(held_as__in=[Comment.HeldAs.AWAITED, Comment.HeldAs.TURNED_AWAY])
    rows = held.order_by().values_list("held_as").annotate(count=Count("*"), oldest=Min("created_at"))
    counts = {held_as: (count, oldest) for held_as, count, oldest in rows}
    awaited, awaited_since = counts.get(Comment.HeldAs.AWAITED, (0, None))
    turned_away, _since = counts.get(Comment.HeldAs.TURNED_AWAY, (0, None))
    open_reports = Report.objects.open().filter(comment__status=Comment.Status.PUBLIC).order_by()
    reported = open_reports.aggregate(count=Count("comment", distinct=True), oldest=Min("created_at"))
    return Summary(
        awaiting=awaited + reported["count"],
        oldest=min(filter(None, (awaited_since, reported["oldest"])), default=None),
        reported=reported["count"],
        turned_away=turned_away,
    )


MAX_COUNTED = 100


def count_in_short() -> int:
    """The number of held comments for the page header.

    At most MAX_COUNTED, so that a flood does not slow down every page.
    """
    held = Comment.objects.awaited().order_by()[:MAX_COUNTED].count()
    reported = (
        Report.objects.open()
        .filter(comment__status=Comment.Status.PUBLIC)
        .order_by()
        .values("comment")
        .distinct()
    )
    return min(held + reported[:MAX_COUNTED].count(), MAX_COUNTED)


class Page(NamedTuple):
    """Comments of the queue, and where the next ones begin."""

    rows: list[Comment]
    next: Cursor | None


def page(after: Cursor | None = None, kind: str = Kind.ALL) -> Page:
    """The next REVIEW_PER_PAGE comments, longest wait first, each with its `open_reports`.

    Held and reported ones are queried separately and merged here, so that each half is read by index,
    whatever its length.
    """
    found: list[Comment] = []
    for half in _HALVES[Kind(kind)]:
        rows = _rows(half, settings.REVIEW_PER_PAGE + 1, continues=after is not None)
        found += rows.all(at=after.at, pk=after.pk) if after else rows.all()
    found.sort(key=attrgetter("waiting_since", "pk"))
    shown = found[: settings.REVIEW_PER_PAGE]
    _add_open_reports(shown)
    return Page(shown, Cursor(shown[-1].waiting_since, shown[-1].pk) if len(found) > len(shown) else None)


def _add_open_reports(rows: list[Comment]) -> None:
    by_comment: dict[int, list[Report]] = defaultdict(list)
    for report in _open_reports.all(keys=[row.pk for row in rows]) if rows else []:
        by_comment[report.comment_id].append(report)
    for row in rows:
        row.__dict__["open_reports"] = by_comment[row.pk]


_open_reports: Prepared[Report] = Prepared(
    lambda keys: Report.objects.open().filter(comment__in=keys).oldest_first(), keys=NUMBERS
)


@cache
def _rows(half: str, size: int, *, continues: bool) -> Prepared[Comment]:
    """The first `size` comments of a half; with `continues`, of those after a row (at, pk)."""

    def make(**after: Any) -> QuerySet[Comment]:
        rows = _half(half).select_related("author", "post").order_by("waiting_since", "pk")
        return (rows.filter(Cursor(**after).rows_after("waiting_since")) if after else rows)[:size]

    return Prepared(make, at=A_MOMENT, pk=A_NUMBER) if continues else Prepared(make)


_HALVES = {
    Kind.ALL: ["held", "reported"],
    Kind.HELD: ["awaited"],
    Kind.REPORTED: ["reported"],
    Kind.TURNED_AWAY: ["turned_away"],
}


def _half(name: str) -> QuerySet[Comment]:
    held = Comment.objects.annotate(waiting_since=F("created_at"))
    reports = Report.objects.open().filter(comment=OuterRef("pk"))
    # "Not any other status" instead of "public": otherwise SQLite without statistics would scan all public
    # comments by their index.
    not_public = [status for status in Comment.Status if status != Comment.Status.PUBLIC]
    reported = Comment.objects.exclude(status__in=not_public).filter(
        pk__in=Report.objects.open().order_by().values("comment")
    )
    reported = reported.annotate(waiting_since=Subquery(reports.oldest_first().values("created_at")[:1]))
    halves = {"reported": reported, "held": held.held(), "awaited": held.awaited()}
    return halves.get(name, held.turned_away())


class CaseNeighbours(NamedTuple):
    """The neighbours of a comment in the list; None at its ends."""

    previous: int | None = None
    next: int | None = None


def beside(page: Page, comment: Comment | None, passing: Container[int] = ()) -> CaseNeighbours:
    """The neighbours of a comment. passing: ids to skip."""
    keys = [row.pk for row in page.rows if row.pk not in passing or row == comment]
    if comment is None or comment.pk not in keys:
        return CaseNeighbours(next=keys[0] if keys else None)
    at = keys.index(comment.pk)
    return CaseNeighbours(keys[at - 1] if at else None, keys[at + 1] if at + 1 < len(keys) else None)
