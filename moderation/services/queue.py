"""The moderation queue, and the data of one case in it."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple, Self

from django.conf import settings
from django.db.models import Case as CaseWhen
from django.db.models import (
    Count,
    Exists,
    F,
    Max,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    When,
)
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from comments.models import Comment, CommentRevision
from comments.models.querysets import CommentQuerySet
from core.markup.links import Link, links_in
from core.utils.comparison import Comparison, Piece
from core.utils.pagination import Cursor
from moderation.models import Assessment, Decision, Report
from moderation.services.groups import Group, groups_of
from moderation.services.trust import Trust, trust_of
from moderation.spamfilter import training

RECENT_COMMENTS = 5
COMMENTS_BEFORE, COMMENTS_AFTER = 2, 3
SIMILAR_SHOWN = 3
# How much of each text is compared side by side.
SIMILAR_CHARACTERS = 700


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
    rows: list[Comment]
    next: Cursor | None


def page(after: Cursor | None = None, kind: str = Kind.ALL) -> Page:
    """The next REVIEW_PER_PAGE comments, longest wait first, each with its `open_reports`.

    Held and reported ones are queried separately and merged here, so that each half is read by index,
    whatever its length.
    """
    found: list[Comment] = []
    for rows in _halves(kind):
        rows = (
            rows.select_related("author", "post")
            .prefetch_related(_open_reports())
            .order_by("waiting_since", "pk")
        )
        if after is not None:
            rows = rows.filter(after.rows_after("waiting_since"))
        found += rows[: settings.REVIEW_PER_PAGE + 1]
    found.sort(key=attrgetter("waiting_since", "pk"))
    shown = found[: settings.REVIEW_PER_PAGE]
    return Page(shown, Cursor(shown[-1].waiting_since, shown[-1].pk) if len(found) > len(shown) else None)


def _halves(kind: str) -> list[QuerySet[Comment]]:
    held = Comment.objects.annotate(waiting_since=F("created_at"))
    reports = Report.objects.open().filter(comment=OuterRef("pk"))
    # "Not any other status" instead of "public": otherwise SQLite without statistics would scan all public
    # comments by their index.
    not_public = [status for status in Comment.Status if status != Comment.Status.PUBLIC]
    reported = Comment.objects.exclude(status__in=not_public).filter(
        pk__in=Report.objects.open().order_by().values("comment")
    )
    reported = reported.annotate(waiting_since=Subquery(reports.oldest_first().values("created_at")[:1]))
    halves = {
        Kind.ALL: [held.held(), reported],
        Kind.HELD: [held.awaited()],
        Kind.REPORTED: [reported],
        Kind.TURNED_AWAY: [held.turned_away()],
    }
    return halves[Kind(kind)]


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


def _open_reports() -> Prefetch:
    return Prefetch(
        "reports",
        queryset=Report.objects.open().select_related("reporter").oldest_first(),
        to_attr="open_reports",
    )


class History(NamedTuple):
    """An author's other comments, counted by status."""

    stand: int
    waiting: int
    removed: int
    spam: int
    withdrawn: int


class Similar(NamedTuple):
    """A near-duplicate, and its differences from the reviewed comment."""

    comment: Comment
    pieces: list[Piece]


@dataclass(frozen=True)
class Case:
    """One comment with its context."""

    comment: Comment
    # None if the spam filter did not check it.
    assessment: Assessment | None
    reports: list[Report]
    decisions: list[Decision]
    links: list[Link]
    # None for a guest, who has no account.
    history: History | None
    standing: Trust | None
    recent: list[Comment]
    before: list[Comment]
    after: list[Comment]
    similar: list[Similar]
    groups: list[Group]

    @property
    def is_waiting(self) -> bool:
        return self.comment.is_held or (
            self.comment.is_public and any(report.decision_id is None for report in self.reports)
        )

    @property
    def marks(self) -> list[str]:
        """Words and hosts behind the reasons, strongest first."""
        return [mark for reason in self.against for mark in reason["marks"]]

    @property
    def against(self) -> list[dict[str, Any]]:
        return [reason for reason in self._reasons if reason["weight"] > 0]

    @property
    def in_favour(self) -> list[dict[str, Any]]:
        return [reason for reason in reversed(self._reasons) if reason["weight"] <= 0]

    @property
    def score_percent(self) -> int:
        return round(100 * self.assessment.score) if self.assessment else 0

    @property
    def _reasons(self) -> list[dict[str, Any]]:
        return self.assessment.reasons if self.assessment else []


def open_case(comment: Comment, moderator: User) -> Case:
    """Load the context of a comment from `cases()`, with a constant number of queries."""
    author = comment.author
    copies = training.near_copies(comment)
    comparison = Comparison()
    return Case(
        comment=comment,
        assessment=Assessment.objects.filter(comment=comment).defer("sketch", "outside").first(),
        reports=list(
            Report.objects.filter(comment=comment)
            .select_related("reporter")
            .order_by(F("decision").asc(nulls_first=True), "created_at", "pk")
        ),
        decisions=list(
            Decision.objects.filter(comment=comment)
            .with_undoable()
            .select_related("moderator")
            .newest_first()
        ),
        links=links_in(comment.html),
        history=_history(author, comment) if author else None,
        standing=trust_of(author, without=comment) if author else None,
        recent=list(
            _others(author, comment)
            .exclude(status=Comment.Status.DELETED)
            .select_related("post")
            .newest_first()[:RECENT_COMMENTS]
        )
        if author
        else [],
        before=_comments_before(comment, moderator),
        after=_comments_after(comment, moderator),
        similar=[
            Similar(
                copy, comparison.pieces(comment.body[:SIMILAR_CHARACTERS], copy.body[:SIMILAR_CHARACTERS])
            )
            for copy in _most_informative(copies)
        ],
        groups=groups_of(comment, copies),
    )


def _most_informative(copies: list[training.Copy]) -> list[Comment]:
    """The most informative near-duplicates: decided ones first, then the newest."""
    status = Comment.Status
    ranked = sorted(
        (copy for copy in copies if copy.status != status.DELETED),
        key=lambda copy: copy.status == status.HELD,
    )[:SIMILAR_SHOWN]
    found = Comment.objects.select_related("author", "post").in_bulk([copy.pk for copy in ranked])
    return [found[copy.pk] for copy in ranked if copy.pk in found]


def _comments_before(comment: Comment, moderator: User) -> list[Comment]:
    """The comments right before it in the thread, without its parent, which the page shows anyway."""
    is_before = Q(tree_id=comment.tree_id, lft__lt=comment.lft) | Q(tree_id__lt=comment.tree_id)
    is_before &= Q(tree_id__lte=comment.tree_id)  # redundant, but it is where the index can start
    rows = (
        _comments_around(comment, moderator)
        .filter(is_before)
        .exclude(pk=comment.parent_id)
        .order_by("-tree_id", "-lft")[:COMMENTS_BEFORE]
    )
    return list(reversed(rows))


def _comments_after(comment: Comment, moderator: User) -> list[Comment]:
    is_after = Q(tree_id=comment.tree_id, lft__gt=comment.lft) | Q(tree_id__gt=comment.tree_id)
    is_after &= Q(tree_id__gte=comment.tree_id)  # as above
    return list(_comments_around(comment, moderator).filter(is_after).in_reading_order()[:COMMENTS_AFTER])


def _comments_around(comment: Comment, moderator: User) -> CommentQuerySet:
    return Comment.objects.for_post(comment.post).visible_to(moderator).select_related("author")


def cases(moderator: User) -> QuerySet[Comment]:
    """Comments that can be opened as a case: all except those deleted by their authors."""
    earlier = CommentRevision.objects.filter(comment=OuterRef("pk"))
    found = Comment.objects.visible_to(moderator).annotate(has_earlier_words=Exists(earlier))
    return found.select_related("author", "post", "parent__author").prefetch_related("author__links")


def _others(author: User, comment: Comment) -> CommentQuerySet:
    return Comment.objects.by(author).exclude(pk=comment.pk)


def _history(author: User, comment: Comment) -> History:
    status = Comment.Status
    counts = {
        "stand": status.PUBLIC,
        "waiting": status.HELD,
        "removed": status.REMOVED,
        "spam": status.SPAM,
        "withdrawn": status.DELETED,
    }
    aggregates = {name: Count("pk", filter=Q(status=value)) for name, value in counts.items()}
    return History(**_others(author, comment).order_by().aggregate(**aggregates))
