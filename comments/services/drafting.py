"""What is decided about a new comment around the lock of its post: before it all that needs the text alone, under it the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from comments.models import Comment
from comments.models.submission import Submission
from comments.services.checks import Opinion, ask_checks
from comments.services.images import check_picture_count, has_pictures, hold_pictures
from comments.signals import comment_prepared
from core.prepared import A_MOMENT, A_NUMBER, Prepared
from core.utils.ratelimit import Rate, TooFast
from posts.models import Post

TWINS_LOOKED_AT = 50


@dataclass
class Draft:
    """A comment as far as it can be made before the post is locked: rendered, and checked.

    Others wait for the lock, and on SQLite all others: what only needs the text is done before it. A refusal counts only when
    the post still takes the comment and it was not sent before, so it is raised later.
    """

    comment: Comment
    author: User
    opinion: Opinion | None = None
    refusal: ValidationError | TooFast | None = None
    # What the author wrote lately, and the version of the thread before that was read.
    recent: list[Recent] = field(default_factory=list)
    version: int = 0

    @classmethod
    def of(cls, comment: Comment, author: User, body: str, submission: Submission | None, link: str) -> Self:
        comment.author = author
        draft = cls(comment, author, version=comment.post.thread_version)
        draft.recent = recent_of(author)
        comment.is_new = True
        if has_pictures(body):  # they are held first, so that nobody else sends or deletes them
            comment.body = body
            return draft
        comment.set_body(body)
        if comment.post.is_published and comment.post.comments_open:
            draft.check(submission, link)
        return draft

    def check(self, submission: Submission | None, link: str) -> None:
        try:
            self.opinion = ask_checks(self.comment, submission, link)
        except (ValidationError, TooFast) as refusal:
            self.refusal = refusal
        else:
            if not self.opinion.reasons:
                comment_prepared.send(sender=Comment, comment=self.comment)

    def recent_now(self, post: Post) -> list[Recent]:
        """What the author wrote lately. post: as it was locked. Under it nothing was written since, if its version is the same."""
        return self.recent if post.thread_version == self.version else recent_of(self.author)

    def settle(self, submission: Submission | None, link: str) -> Opinion:
        """Under the lock: pictures, and what the checks said. Raises what refuses the comment."""
        if self.opinion is None and self.refusal is None:
            hold_pictures(self.author, self.comment.body)
            self.comment.set_body(self.comment.body)
        check_picture_count(self.comment)
        if self.opinion is None and self.refusal is None:
            self.check(submission, link)
        if self.refusal is not None:
            raise self.refusal
        return self.opinion or Opinion()


class Recent(NamedTuple):
    """One of an author's comments of the last hour or so."""

    created_at: datetime
    pk: int
    post_id: int
    parent_id: int | None
    status: str
    body: str


def rates_of(author: User) -> list[Rate]:
    return settings.COMMENT_RATES["host" if author.is_host or author.is_moderator else "member"]


def _recent(count: int) -> Prepared[Comment]:
    return Prepared(
        lambda author, since: (
            Comment.objects.filter(author=author, created_at__gt=since)
            .newest_first()
            .values_list(*Recent._fields)[:count]
        ),
        author=A_NUMBER,
        since=A_MOMENT,
    )


_prepared_for = cache(_recent)


def recent_of(author: User) -> list[Recent]:
    """All that rates and repetitions are decided on, in one query: the newest first, gone ones included."""
    rates = rates_of(author)
    seconds = max([settings.COMMENT_DUPLICATE_MINUTES * 60, *(seconds for _count, seconds in rates)])
    since = timezone.now() - timedelta(seconds=seconds)
    most = max([TWINS_LOOKED_AT, *(count for count, _seconds in rates)])
    return [Recent(*row) for row in _prepared_for(most).rows(author=author.pk, since=since)]


def twin_of(comment: Comment, body: str, recent: list[Recent]) -> Comment | None:
    """The author's recent comment with the same parent and the same text, ignoring white space."""
    since = timezone.now() - timedelta(minutes=settings.COMMENT_DUPLICATE_MINUTES)
    place, words = (comment.post_id, comment.parent_id), body.split()
    same = (
        row.pk
        for row in recent
        if (row.post_id, row.parent_id) == place
        and row.created_at > since
        and row.status in {Comment.Status.PUBLIC, Comment.Status.HELD}
        and row.body.split() == words
    )
    pk = next(same, None)
    return None if pk is None else Comment.objects.get(pk=pk)
