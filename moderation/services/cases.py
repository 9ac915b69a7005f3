"""One comment with all that a moderator needs to decide about it."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import (
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
)

from accounts.models import User
from comments.models import Comment, CommentRevision
from comments.models.querysets import CommentQuerySet
from core.markup.links import Link, links_in
from core.utils.comparison import Comparison, Piece
from moderation.models import Assessment, Decision, Report
from moderation.services.groups import Group, groups_of
from moderation.services.trust import Trust, trust_of
from moderation.spamfilter import training

RECENT_COMMENTS = 5
COMMENTS_BEFORE, COMMENTS_AFTER = 2, 3
SIMILAR_SHOWN = 3
# How much of each text is compared side by side.
SIMILAR_CHARACTERS = 700


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


def openable_by(moderator: User) -> QuerySet[Comment]:
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
