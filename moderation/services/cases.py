"""One comment with all that a moderator needs to decide about it."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from accounts.models import User
from accounts.models.querysets import set_moderator_flags
from comments.models import Comment, CommentRevision
from comments.models.querysets import SEEN_BY_MODERATORS, CommentQuerySet
from comments.thread.pagination import LARGEST_KEY
from core.markup.links import Link, links_in
from core.prepared import A_NUMBER, NO_NUMBER, Prepared
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

    published: int = 0
    waiting: int = 0
    removed: int = 0
    spam: int = 0
    deleted: int = 0


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
    trust: Trust | None
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


def open_case(comment: Comment) -> Case:
    """Load the context of a comment for a moderator, with a constant number of queries."""
    author = comment.author
    copies = training.near_copies(comment)
    comparison = Comparison()
    set_moderator_flags([author])  # its trust level depends on it
    return Case(
        comment=comment,
        assessment=_assessment.first(comment=comment.pk),
        reports=_reports.all(comment=comment.pk),
        decisions=_decisions.all(comment=comment.pk),
        links=links_in(comment.html),
        history=_history_without(comment, author) if author else None,
        trust=trust_of(author, without=comment) if author else None,
        recent=_recent.all(author=author.pk, comment=comment.pk) if author else [],
        before=_comments_before(comment),
        after=_comments_after(comment),
        similar=[
            Similar(
                copy, comparison.pieces(comment.body[:SIMILAR_CHARACTERS], copy.body[:SIMILAR_CHARACTERS])
            )
            for copy in _most_informative(copies)
        ],
        groups=groups_of(comment, copies),
    )


def _history_without(comment: Comment, author: User) -> History:
    return History(*next(iter(_history.rows(author=author.pk, comment=comment.pk)), ()))


def _most_informative(copies: list[training.Copy]) -> list[Comment]:
    """The most informative near-duplicates: decided ones first, then the newest."""
    status = Comment.Status
    ranked = sorted(
        (copy for copy in copies if copy.status != status.DELETED),
        key=lambda copy: copy.status == status.HELD,
    )[:SIMILAR_SHOWN]
    found = Comment.objects.select_related("author", "post").in_bulk([copy.pk for copy in ranked])
    return [found[copy.pk] for copy in ranked if copy.pk in found]


def _comments_before(comment: Comment) -> list[Comment]:
    """The comments right before it in the thread, without its parent, which the page shows anyway."""
    return list(reversed(_before.all(parent=comment.parent_id or NO_NUMBER, **_place_of(comment))))


def _comments_after(comment: Comment) -> list[Comment]:
    return _after.all(**_place_of(comment))


def _place_of(comment: Comment) -> dict[str, int]:
    return {"post": comment.post_id, "tree": comment.tree_id, "lft": comment.lft}


def _rows_before(post: int, tree: int, lft: int, parent: int) -> CommentQuerySet:
    is_before = Q(tree_id=tree, lft__lt=lft) | Q(tree_id__lt=tree)
    is_before &= Q(tree_id__lte=tree)  # redundant, but it is where the index can start
    rows = _comments_around(post).filter(is_before).exclude(pk=parent)
    return rows.order_by("-tree_id", "-lft")[:COMMENTS_BEFORE]


def _rows_after(post: int, tree: int, lft: int) -> CommentQuerySet:
    is_after = Q(tree_id=tree, lft__gt=lft) | Q(tree_id__gt=tree)
    is_after &= Q(tree_id__gte=tree)  # as above
    return _comments_around(post).filter(is_after).in_reading_order()[:COMMENTS_AFTER]


def _comments_around(post: int) -> CommentQuerySet:
    return Comment.objects.filter(SEEN_BY_MODERATORS, post=post).select_related("author")


def openable_by(moderator: User) -> QuerySet[Comment]:
    """Comments that can be opened as a case: all except those deleted by their authors."""
    return _with_context(Comment.objects.visible_to(moderator))


def openable(pk: int) -> Comment | None:
    """One of these, for a moderator."""
    return _openable.first(pk=pk) if pk <= LARGEST_KEY else None


def _with_context(comments: QuerySet[Comment]) -> QuerySet[Comment]:
    earlier = CommentRevision.objects.filter(comment=OuterRef("pk"))
    found = comments.annotate(has_earlier_words=Exists(earlier))
    return found.select_related("author", "post", "parent__author")


def _others(author: int, comment: int) -> CommentQuerySet:
    return Comment.objects.filter(author=author).exclude(pk=comment)


def _history_of(author: int, comment: int) -> Any:
    status = Comment.Status
    counted = (status.PUBLIC, status.HELD, status.REMOVED, status.SPAM, status.DELETED)
    counts = {
        name: Count("pk", filter=Q(status=value))
        for name, value in zip(History._fields, counted, strict=True)
    }
    # One group: an `aggregate` cannot be prepared.
    rows = _others(author, comment).order_by().values("author").annotate(**counts)
    return rows.values_list(*History._fields)


def _reports_of(comment: int) -> QuerySet[Report]:
    rows = Report.objects.filter(comment=comment).select_related("reporter")
    return rows.order_by(F("decision").asc(nulls_first=True), "created_at", "pk")


def _decisions_of(comment: int) -> QuerySet[Decision]:
    rows = Decision.objects.filter(comment=comment).with_undoable()
    return rows.select_related("moderator").newest_first()


def _recent_of(author: int, comment: int) -> QuerySet[Comment]:
    rows = _others(author, comment).exclude(status=Comment.Status.DELETED)
    return rows.select_related("post").newest_first()[:RECENT_COMMENTS]


_openable: Prepared[Comment] = Prepared(
    lambda pk: _with_context(Comment.objects.filter(SEEN_BY_MODERATORS, pk=pk)), pk=A_NUMBER
)
_assessment: Prepared[Assessment] = Prepared(
    lambda comment: Assessment.objects.filter(comment=comment).defer("sketch", "outside"), comment=A_NUMBER
)
_reports: Prepared[Report] = Prepared(_reports_of, comment=A_NUMBER)
_decisions: Prepared[Decision] = Prepared(_decisions_of, comment=A_NUMBER)
_history: Prepared[Any] = Prepared(_history_of, author=A_NUMBER, comment=A_NUMBER)
_recent: Prepared[Comment] = Prepared(_recent_of, author=A_NUMBER, comment=A_NUMBER)
_before: Prepared[Comment] = Prepared(
    _rows_before, post=A_NUMBER, tree=A_NUMBER, lft=A_NUMBER, parent=A_NUMBER
)
_after: Prepared[Comment] = Prepared(_rows_after, post=A_NUMBER, tree=A_NUMBER, lft=A_NUMBER)
