"""A comment that is being published: what is decided before its post is locked, and what under the lock."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet, Subquery
from django.utils import timezone

from accounts.models import User
from comments.models import Comment, Rules
from comments.models.submission import Submission
from comments.services.checks import Opinion, collect_opinions
from comments.services.discussion import ASKED_POLICY, hold_by_policy, rules_beside, with_choices
from comments.services.images import check_picture_count, has_pictures, hold_pictures
from comments.signals import comment_prepared
from core.prepared import A_MOMENT, A_NUMBER, Prepared
from core.utils.ratelimit import Rate, TooFast
from posts.models import Post

TWINS_LOOKED_AT = 50


@dataclass
class Draft:
    """A comment, rendered and checked as far as possible before the post is locked.

    Other writers wait for the lock, on SQLite even those of other posts, so it is held for as little as
    possible. A refusal is raised later, because it only counts if the post still takes comments and the
    text was not sent before.
    """

    comment: Comment
    author: User
    opinion: Opinion | None = None
    refusal: ValidationError | TooFast | None = None
    # The author's recent comments, the time since when, and the version of the thread before they were
    # read.
    recent: list[Recent] = field(default_factory=list)
    since: datetime = field(default_factory=timezone.now)
    version: int = 0

    @classmethod
    def of(cls, comment: Comment, author: User, body: str, submission: Submission | None, link: str) -> Self:
        """Before the lock is taken: read what decides on the comment, and ask the checks if possible."""
        comment.author = author
        draft = cls(comment, author, version=comment.post.thread_version)
        draft.since = begin_of_recent(author)
        draft.recent = recent_of(author, draft.since)
        comment.is_new = True
        if has_pictures(body):  # lock them first, so that no one else sends or deletes them
            comment.body = body
            return draft
        comment.set_body(body)
        if comment.post.is_published and comment.post.comments_open:
            draft.check(submission, link)
        return draft

    def check(self, submission: Submission | None, link: str) -> None:
        """Ask the checks, and keep what they say or refuse until the lock is held."""
        try:
            self.opinion = collect_opinions(self.comment, submission, link)
        except (ValidationError, TooFast) as refusal:
            self.refusal = refusal
        else:
            if not self.opinion.reasons:
                comment_prepared.send(sender=Comment, comment=self.comment)

    def lock(self) -> Post:
        """Lock the post and return its current state.

        Also updates the author, who may have been suspended since.
        """
        post = _locked.first(post=self.comment.post.pk, author=self.author.pk, since=self.since)
        if post is None:
            raise Post.DoesNotExist
        beside = vars(post)
        self.author.is_active, self.author.silent_until = bool(beside["may_sign_in"]), beside["silent_until"]
        self.comment.post = post
        return post

    def is_thread_the_same(self, post: Post) -> bool:
        """Whether nothing in the thread changed since the draft was begun. post: the locked row."""
        return post.thread_version == self.version

    def rules_now(self, post: Post, there: Comment | None) -> Rules | None:
        """The current rules, or None if they must be read.

        post: the locked row. there: the current row of the parent.
        """
        row = post if self.is_thread_the_same(post) else there
        return None if row is None else rules_beside(row, post)

    def recent_now(self, post: Post) -> list[Recent]:
        """The author's recent comments.

        post: the locked row, with the author's newest comment under any post.
        """
        newest = self.recent[0].pk if self.recent else None
        is_known = self.is_thread_the_same(post) and vars(post)["newest_of_author"] == newest
        return self.recent if is_known else recent_of(self.author, self.since)

    def settle(self, submission: Submission | None, link: str, rules: Rules) -> Opinion:
        """Attach the pictures and return the result of the checks, under the lock.

        Raises what refuses the comment.
        """
        if self.opinion is None and self.refusal is None:
            hold_pictures(self.author, self.comment.body)
            self.comment.set_body(self.comment.body)
        check_picture_count(self.comment)
        if self.opinion is None and self.refusal is None:
            self.check(submission, link)
        if self.refusal is not None:
            raise self.refusal
        opinion = self.opinion or Opinion()
        if vars(self.comment).get(ASKED_POLICY, rules.policy) == rules.policy:
            return opinion
        late = [reason for reason in hold_by_policy(self.comment).reasons if reason not in opinion.reasons]
        return replace(opinion, reasons=[*opinion.reasons, *late])


def _lock_post_with_rules(post: int, author: int, since: datetime) -> QuerySet[Post]:
    """The post, to be locked, with all that a decision needs and the version of its thread does not cover.

    That is the author's newest comment, whether they may write, and the rules, which depend on the site's
    defaults.
    """
    person = User.objects.filter(pk=author)
    theirs = Comment.objects.filter(author=author, created_at__gt=since).newest_first()
    rows = Post.objects.select_for_update(no_key=True, of=("self",)).order_by().filter(pk=post)
    return with_choices(rows).annotate(
        may_sign_in=Subquery(person.values("is_active")),
        silent_until=Subquery(person.values("silent_until")),
        newest_of_author=Subquery(theirs.values("pk")[:1]),
    )


_locked: Prepared[Post] = Prepared(_lock_post_with_rules, post=A_NUMBER, author=A_NUMBER, since=A_MOMENT)


class Recent(NamedTuple):
    """One of the author's comments of the last hour or so."""

    created_at: datetime
    pk: int
    post_id: int
    parent_id: int | None
    status: str
    body: str


def rates_of(author: User) -> list[Rate]:
    """How fast a member may comment. While they are new, also how much in a day: a new account costs nothing."""
    rates: dict[str, list[Rate]] = settings.COMMENT_RATES
    if author.is_host or author.is_moderator:
        return rates["host"]
    return rates["member"] if author.is_known else rates.get("newcomer", rates["member"])


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


def begin_of_recent(author: User) -> datetime:
    """The earliest time of comments that count for rate limits and repetitions."""
    seconds = [seconds for _count, seconds in rates_of(author)]
    return timezone.now() - timedelta(seconds=max([settings.COMMENT_DUPLICATE_MINUTES * 60, *seconds]))


def recent_of(author: User, since: datetime) -> list[Recent]:
    """The author's recent comments for rate limits and repetitions, newest first, deleted ones included.

    One query.
    """
    most = max([TWINS_LOOKED_AT, *(count for count, _seconds in rates_of(author))])
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
