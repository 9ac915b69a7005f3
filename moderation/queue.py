"""What waits for a moderator, and what a moderator needs to know to decide about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Self

from django.conf import settings
from django.db.models import Case as CaseWhen
from django.db.models import Count, F, Max, Min, OuterRef, Prefetch, Q, QuerySet, Subquery, When

from accounts.models import User
from comments.models import Comment, CommentRevision
from core.markup import Link, links_in
from core.paging import Cursor
from moderation.models import Decision, Report

RECENT_COMMENTS = 5


class Seen(NamedTuple):
    """How far a moderator had read: the newest decision and the newest change of words when the page was made.

    It travels through the form, so that nobody decides about words, or over a colleague, that they never saw.
    """

    decision: int
    revision: int

    def __str__(self) -> str:
        return f"{self.decision}-{self.revision}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """What __str__ wrote, or None."""
        decision, _dash, revision = text.partition("-")
        if not (decision.isascii() and decision.isdigit() and revision.isascii() and revision.isdigit() and len(decision) < 19 > len(revision)):
            return None
        return cls(int(decision), int(revision))

    def is_outdated_for(self, comment: Comment) -> bool:
        return (
            Decision.objects.filter(comment=comment, pk__gt=self.decision).exists()
            or CommentRevision.objects.filter(comment=comment, pk__gt=self.revision).exists()
        )


def seen_now() -> Seen:
    """Ask for it before the rows are read: then what comes in between counts as not seen."""
    newest_decision = Decision.objects.aggregate(newest=Max("pk"))["newest"]
    newest_revision = CommentRevision.objects.aggregate(newest=Max("pk"))["newest"]
    return Seen(newest_decision or 0, newest_revision or 0)


def waiting() -> QuerySet[Comment]:
    """Comments that are held, and public ones with open reports. `waiting_since`: when written, or first reported."""
    held = Comment.objects.held().order_by().values("pk")
    reported = Report.objects.open().filter(comment__status=Comment.Status.PUBLIC).order_by().values("comment_id")
    first_report = Report.objects.open().filter(comment=OuterRef("pk")).oldest_first().values("created_at")[:1]
    return Comment.objects.filter(pk__in=held.union(reported)).annotate(
        waiting_since=CaseWhen(When(status=Comment.Status.HELD, then=F("created_at")), default=Subquery(first_report))
    )


class Summary(NamedTuple):
    count: int
    oldest: datetime | None


def summary() -> Summary:
    """How many comments wait, and since when the first of them."""
    return Summary(**waiting().order_by().aggregate(count=Count("pk"), oldest=Min("waiting_since")))


class Page(NamedTuple):
    rows: list[Comment]
    next: Cursor | None


def page(after: Cursor | None = None) -> Page:
    """The next REVIEW_PER_PAGE comments, oldest waiting first, each with its `open_reports`."""
    rows = waiting().select_related("author", "post").prefetch_related(_open_reports()).order_by("waiting_since", "pk")
    if after is not None:
        rows = rows.filter(after.rows_after("waiting_since"))
    found = list(rows[: settings.REVIEW_PER_PAGE + 1])
    shown = found[: settings.REVIEW_PER_PAGE]
    return Page(shown, Cursor(shown[-1].waiting_since, shown[-1].pk) if len(found) > len(shown) else None)


def _open_reports() -> Prefetch:
    return Prefetch("reports", queryset=Report.objects.open().select_related("reporter").oldest_first(), to_attr="open_reports")


class History(NamedTuple):
    """What else somebody wrote here, counted by what became of it."""

    stand: int
    waiting: int
    removed: int
    spam: int
    withdrawn: int


@dataclass(frozen=True)
class Case:
    """One comment with everything around it."""

    comment: Comment
    reports: list[Report]
    decisions: list[Decision]
    links: list[Link]
    # None and nothing for a guest, who has no account to look into.
    history: History | None
    recent: list[Comment]

    @property
    def is_waiting(self) -> bool:
        return self.comment.is_held or (self.comment.is_public and any(report.decision_id is None for report in self.reports))


def open_case(comment: Comment) -> Case:
    """Gather what belongs to a comment that came from `cases()`. The number of queries does not depend on it."""
    author = comment.author
    return Case(
        comment=comment,
        reports=list(
            Report.objects.filter(comment=comment).select_related("reporter").order_by(F("decision").asc(nulls_first=True), "created_at", "pk")
        ),
        decisions=list(Decision.objects.filter(comment=comment).with_undoable().select_related("moderator").newest_first()),
        links=links_in(comment.html),
        history=_history(author, comment) if author else None,
        recent=list(_others(author, comment).exclude(status=Comment.Status.DELETED).select_related("post").newest_first()[:RECENT_COMMENTS])
        if author
        else [],
    )


def cases(moderator: User) -> QuerySet[Comment]:
    """Comments that can be opened as a case: all but those that their authors took back."""
    return Comment.objects.visible_to(moderator).select_related("author", "post", "parent__author").prefetch_related("author__links")


def _others(author: User, comment: Comment) -> QuerySet[Comment]:
    return Comment.objects.by(author).exclude(pk=comment.pk)


def _history(author: User, comment: Comment) -> History:
    status = Comment.Status
    counts = {"stand": status.PUBLIC, "waiting": status.HELD, "removed": status.REMOVED, "spam": status.SPAM, "withdrawn": status.DELETED}
    aggregates = {name: Count("pk", filter=Q(status=value)) for name, value in counts.items()}
    return History(**_others(author, comment).order_by().aggregate(**aggregates))
