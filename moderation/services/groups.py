"""Related comments to decide together: by the same author, with the same link or name, or near-duplicates."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, TextChoices, Value
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from comments.models import Comment
from comments.models.querysets import CommentQuerySet
from core.prepared import A_MOMENT, A_NUMBER, A_WORD, NUMBERS, Prepared
from moderation.models import Report, TracedMark
from moderation.spamfilter import training
from moderation.spamfilter.company import NAME_DAYS
from moderation.spamfilter.engine.hosts import is_shared_host
from moderation.spamfilter.training import Copy

# The kinds of marks that show a relation. What people repeat for many reasons does not
# (moderation.spamfilter.engine.text, TextAnalysis.marks).
KINDS_OF_MARKS = {
    "mail": gettext_lazy("With the email address %(mark)s"),
    "tel": gettext_lazy("With the phone number %(mark)s"),
    "handle": gettext_lazy("With the handle %(mark)s"),
    "name": gettext_lazy("With the name %(mark)s"),
    "called": gettext_lazy("With the name %(mark)s"),
}
MARKS_OFFERED = 4


class By(TextChoices):
    """What the comments of a group have in common."""

    COPIES = "copies"
    MARK = "mark"
    AUTHOR = "author"


class Group(NamedTuple):
    """Public and held comments, including the given one. waiting, public: the number of each."""

    by: str
    mark: str
    waiting: int
    public: int
    # There may be more: only the nearest ones were counted.
    is_cut: bool = False

    @property
    def total(self) -> int:
        return self.waiting + self.public

    @property
    def title(self) -> str:
        """What the comments have in common, for a heading."""
        if self.by == By.COPIES:
            return _("Near-identical text")
        if self.by == By.AUTHOR:
            return _("By the same author")
        kind, _blank, rest = self.mark.partition(" ")
        return (
            str(KINDS_OF_MARKS[kind]) % {"mark": rest}
            if kind in KINDS_OF_MARKS
            else _("With %(mark)s") % {"mark": self.mark}
        )


IS_REPORTED = Exists(Report.objects.open().filter(comment=OuterRef("pk")))
WAITS = Q(status=Comment.Status.HELD) | Q(is_reported=True)


def groups_of(comment: Comment, copies: Sequence[Copy]) -> list[Group]:
    """The groups with more than one member to which a comment belongs. Three queries.

    copies: its near-duplicates.
    """
    groups = [_count_copies(comment, copies)]
    groups += _marks_of(comment)
    if comment.author:
        groups.append(_count_of_author(comment.author))
    return [group for group in groups if group.total > 1 and group.waiting]


def _count_of_author(author: User) -> Group:
    return Group(By.AUTHOR, "", *_of_one(_by_author.rows(author=author.pk)))


def _count_copies(comment: Comment, copies: Sequence[Copy]) -> Group:
    found = _of_one(_among.rows(keys=_all_of(comment, copies)))
    return Group(By.COPIES, "", *found, is_cut=len(copies) >= training.MAX_COPIES)


def _all_of(comment: Comment, copies: Sequence[Copy]) -> list[int]:
    return [comment.pk, *(copy.pk for copy in copies)]


def _of_one(rows: list[Any]) -> tuple[int, int]:
    return next(iter(rows), (0, 0))


def _counted(comments: CommentQuerySet) -> Any:
    """The numbers of waiting and of public ones, as one group: an `aggregate` cannot be prepared."""
    rows = _in_force(comments).order_by().values(all=Value(1))
    counts = {"waiting": Count("pk", filter=WAITS), "public": Count("pk", filter=~WAITS)}
    return rows.annotate(**counts).values_list(*counts)


_by_author: Prepared[Any] = Prepared(
    lambda author: _counted(Comment.objects.filter(author=author)), author=A_NUMBER
)
_among: Prepared[Any] = Prepared(lambda keys: _counted(Comment.objects.filter(pk__in=keys)), keys=NUMBERS)
_with_mark: Prepared[Any] = Prepared(lambda mark: _counted(_marked(mark)), mark=A_WORD)


def _marked(mark: str) -> CommentQuerySet:
    return Comment.objects.filter(pk__in=TracedMark.objects.filter(mark=mark).values("assessment__comment"))


def _marks_of(comment: Comment) -> list[Group]:
    newest = timezone.now() - timedelta(days=NAME_DAYS)
    found = [
        Group(By.MARK, mark, waiting, public)
        for mark, waiting, public, older in _marks.rows(comment=comment.pk, newest=newest)
        # A name that older members mention too shows no relation.
        if is_informative(mark) and not (older and mark.startswith("called "))
    ]
    return [group for group in found if group.total > 1][:MARKS_OFFERED]


def _counted_marks(comment: int, newest: datetime) -> Any:
    own = TracedMark.objects.filter(assessment__comment=comment).values("mark")
    is_held = Q(assessment__comment__status=Comment.Status.HELD)
    reported = (
        Report.objects.open().filter(comment__status=Comment.Status.PUBLIC).order_by().values("comment_id")
    )
    waits = is_held | Q(assessment__comment__in=reported)
    shared = TracedMark.objects.filter(
        mark__in=own, assessment__comment__status__in=[Comment.Status.PUBLIC, Comment.Status.HELD]
    )
    return (
        shared.order_by()
        .values("mark")
        .annotate(
            waiting=Count("pk", filter=waits),
            public=Count("pk", filter=~waits),
            older=Count("pk", filter=Q(assessment__comment__author__date_joined__lte=newest)),
        )
        .order_by("-waiting", "mark")
        .values_list("mark", "waiting", "public", "older")
    )


_marks: Prepared[Any] = Prepared(_counted_marks, comment=A_NUMBER, newest=A_MOMENT)


def is_informative(mark: str) -> bool:
    """Whether a mark is a host, address, number or name that is not in common use."""
    kind, blank, _rest = mark.partition(" ")
    return kind in KINDS_OF_MARKS if blank else not is_shared_host(mark)


def _in_force(comments: CommentQuerySet) -> CommentQuerySet:
    # None of the other statuses: with "public or held", SQLite would read all of those instead of a few keys.
    gone = [Comment.Status.REMOVED, Comment.Status.SPAM, Comment.Status.DELETED]
    return comments.exclude(status__in=gone).annotate(is_reported=IS_REPORTED)


class Members(NamedTuple):
    """The members of a group: the oldest DECISION_MAX_COMMENTS, and their total number."""

    group: Group
    comments: list[Comment]

    @property
    def people(self) -> int:
        """The number of their authors, guests by name."""
        return len({comment.author_id or comment.guest_name for comment in self.comments})

    @property
    def public(self) -> int:
        return sum(comment.is_public for comment in self.comments)


def members_of(comment: Comment, by: str, mark: str = "", *, with_public: bool = False) -> Members | None:
    """The members of one group, or None if a comment cannot have such a group.

    with_public: include published comments.
    """
    if by == By.COPIES:
        copies = training.near_copies(comment)
        rows = Comment.objects.filter(pk__in=_all_of(comment, copies))
        group = _count_copies(comment, copies)
    elif by == By.AUTHOR and comment.author:
        rows = Comment.objects.by(comment.author)
        group = _count_of_author(comment.author)
    elif (
        by == By.MARK
        and is_informative(mark)
        and TracedMark.objects.filter(mark=mark, assessment__comment=comment).exists()
    ):
        rows = _marked(mark)
        group = Group(By.MARK, mark, *_of_one(_with_mark.rows(mark=mark)))
    else:
        return None
    shown = _in_force(rows) if with_public else _in_force(rows).filter(WAITS)
    return Members(
        group, list(shown.select_related("author", "post").oldest_first()[: settings.DECISION_MAX_COMMENTS])
    )
