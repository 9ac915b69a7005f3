"""Comments that wait for the host's answer, from a constant number of queries."""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, OuterRef, Subquery

from accounts.models import ProfileLink, User
from accounts.models.querysets import NO_END
from comments.models import Comment, CommentMention, Thanks
from dashboard.models import NoAnswerNeeded, VisitedLink
from dashboard.services.waiting_rules import PublicComment, Wait, comments_awaiting_host
from moderation.models import Report
from notifications.models import AdditionalParent
from posts.models import KINDS_OF_HOST, Post

# Replies are newer than their parents, so the newest comments contain all replies to each other.
NEWEST = 500
SHOWN = 20
LINKS_SHOWN = 3
# The columns that the rules need. Comments that are shown are read again with all columns: with all columns
# of five hundred, the page took twice as long.
NEEDED = (
    "pk", "post_id", "parent_id", "author_id", "guest_name", "guest_email", "body", "created_at",
    "author__username", "author__display_name", "author__is_staff", "author__is_active", "author__silent_until",
    "post__kind", "post__author_id", "post__author__username", "post__author__display_name",
)  # fmt: skip
NOT_PUBLIC = sorted({*Comment.Status.values} - {Comment.Status.PUBLIC.value})
TAG = re.compile(r"<[^<>]{1,300}>")


@dataclass(frozen=True)
class Waiting:
    """A waiting comment as the dashboard shows it."""

    comment: Comment
    wait: Wait
    links: list[tuple[str, bool]]

    @property
    def months_inactive(self) -> int:
        return self.wait.away.days // 30 if self.wait.away else 0


@dataclass(frozen=True)
class WaitingList:
    """The comments that await a host's reply: the first ones, and how many there are."""

    shown: list[Waiting]
    count: int
    # Whether anyone but hosts has commented at all.
    has_comments: bool


def comments_for(host: User) -> Any:
    """The public comments this user is responsible for: all, or for an editor those on their own posts."""
    comments = Comment.objects.public_of_all().on_published_posts()
    if not host.is_host:
        own = Post.objects.filter(author=host, kind__in=KINDS_OF_HOST)
        comments = comments.filter(post__in=own.newest_first()[:50])
    return comments


def waiting_for(host: User) -> WaitingList:
    """The comments among the NEWEST that await this host's reply, without those marked as needing none."""
    rows = list(comments_for(host).newest(NEWEST).values_list(*NEEDED, named=True))
    by_pk = {row.pk: row for row in rows}
    names = {
        row.post__author__display_name or row.post__author__username
        for row in rows
        if row.post__kind in KINDS_OF_HOST
    }
    waits = comments_awaiting_host(_public_comments(rows), names | {host.get_display_name()})
    waits = [wait for wait in waits if _can_be_answered(by_pk[wait.comment.pk])]
    settled = set(
        NoAnswerNeeded.objects.filter(comment__in=[wait.comment.pk for wait in waits]).values_list(
            "comment", flat=True
        )
    )
    waits = [wait for wait in waits if wait.comment.pk not in settled]
    others = any(not row.author__is_staff for row in rows)
    return WaitingList(_shown(host, waits[:SHOWN]), len(waits), others)


def _public_comments(rows: list[Any]) -> list[PublicComment]:
    """Convert comments with the columns of NEEDED."""
    pks = [row.pk for row in rows]
    also: defaultdict[int, set[int]] = defaultdict(set)
    for comment, answered in AdditionalParent.objects.filter(comment__in=pks).values_list(
        "comment", "answered"
    ):
        also[comment].add(answered)
    mentioned: defaultdict[int, set[str]] = defaultdict(set)
    for comment, member in CommentMention.objects.filter(comment__in=pks).values_list("comment", "member"):
        mentioned[comment].add(f"member {member}")
    thanked = set(
        Thanks.objects.filter(comment__in=pks, member__is_staff=True).values_list("comment", flat=True)
    )
    earlier = _last_comments_before(rows)
    return [
        PublicComment(
            pk=row.pk,
            post=row.post_id,
            person=person_of(row),
            name=row.author__display_name or row.author__username or row.guest_name,
            text=TAG.sub(" ", row.body),
            at=row.created_at,
            by_host=_is_by_host(row),
            answers=frozenset(also[row.pk] | ({row.parent_id} if row.parent_id else set())),
            earlier_at=earlier.get(person_of(row)),
            mentions=frozenset(mentioned[row.pk]),
            thanked=row.pk in thanked,
        )
        for row in rows
    ]


def _is_by_host(row: Any) -> bool:
    """Comment.is_by_host for a row with NEEDED. Comments of former hosts still count as the host's."""
    is_by_author = row.author_id == row.post__author_id and row.post__kind in KINDS_OF_HOST
    return row.author_id is not None and (row.author__is_staff or is_by_author)


def person_of(row: Any) -> str:
    """A key that is the same for all comments of one member, or one guest (by address or name)."""
    return f"member {row.author_id}" if row.author_id else f"guest {row.guest_email or row.guest_name}"


def _last_comments_before(comments: list[Any]) -> dict[str, datetime]:
    """When each author last wrote before the oldest of these. Two queries, or none if these are all."""
    if len(comments) < NEWEST:
        return {}
    before = Comment.objects.public().filter(created_at__lt=comments[-1].created_at).order_by()
    members = {comment.author_id for comment in comments if comment.author_id}
    guests = {comment.guest_email for comment in comments if not comment.author_id and comment.guest_email}
    # The first row of an index per author: the maximum would read all their comments. "None of the other
    # statuses" instead of "public", or SQLite would use the index on the status instead of that on the
    # author.
    theirs = Comment.objects.exclude(status__in=NOT_PUBLIC).filter(author=OuterRef("pk"))
    earlier = theirs.filter(created_at__lt=comments[-1].created_at)
    newest = earlier.order_by("-created_at").values("created_at")[:1]
    found = User.objects.filter(pk__in=members).order_by().annotate(last_at=Subquery(newest))
    last = {f"member {author}": at for author, at in found.values_list("pk", "last_at") if at is not None}
    of_guests = before.filter(author=None, guest_email__in=guests).exclude(guest_email="")
    return last | {
        f"guest {email}": at for email, at in of_guests.values_list("guest_email").annotate(Max("created_at"))
    }


def _can_be_answered(row: Any) -> bool:
    is_banned = row.author__silent_until is not None and row.author__silent_until >= NO_END
    return row.author_id is None or (row.author__is_active and not is_banned)


def _shown(host: User, waits: list[Wait]) -> list[Waiting]:
    whole = Comment.objects.select_related("author", "post").in_bulk([wait.comment.pk for wait in waits])
    waits = [wait for wait in waits if wait.comment.pk in whole]
    comments = [whole[wait.comment.pk] for wait in waits]
    authors = {comment.author_id for comment in comments if comment.author_id}
    links: defaultdict[int, list[str]] = defaultdict(list)
    for author, address in ProfileLink.objects.filter(user__in=authors).values_list("user", "url"):
        links[author].append(address)
    addresses = {
        comment.pk: links[comment.author_id][:LINKS_SHOWN]
        if comment.author_id
        else [address for address in [comment.guest_link] if address]
        for comment in comments
    }
    wanted = {address for each in addresses.values() for address in each}
    visited = set(VisitedLink.objects.filter(host=host, address__in=wanted).values_list("address", flat=True))
    return [
        Waiting(comment, wait, [(address, address in visited) for address in addresses[comment.pk]])
        for comment, wait in zip(comments, waits, strict=True)
    ]


def mark_no_reply_needed(comment: Comment, *, by: User) -> None:
    """Take a comment off the list of those that wait for the host."""
    NoAnswerNeeded.objects.get_or_create(comment=comment, defaults={"said_by": by})


def unmark_no_reply_needed(comment: Comment) -> None:
    NoAnswerNeeded.objects.filter(comment=comment).delete()


def set_visited(host: User, address: str, *, is_visited: bool) -> None:
    """Note that the host has looked at a member's link, or forget it."""
    if is_visited:
        VisitedLink.objects.get_or_create(host=host, address=address[:300])
    else:
        VisitedLink.objects.filter(host=host, address=address[:300]).delete()


@dataclass(frozen=True)
class ToReview:
    """A comment for moderators: held, or public and reported."""

    comment: Comment
    is_reported: bool


def to_review(host: User, limit: int = 5) -> list[ToReview]:
    """The newest held or reported comments, for users who may moderate. Two queries."""
    if not host.is_moderator:
        return []
    held = Comment.objects.awaited().select_related("author").newest_first()[:limit]
    reports = Report.objects.open().filter(comment__status=Comment.Status.PUBLIC)
    newest = reports.select_related("comment__author").order_by("-created_at", "-pk")[: 3 * limit]
    reported = {report.comment_id: ToReview(report.comment, is_reported=True) for report in newest}
    return [*(ToReview(comment, is_reported=False) for comment in held), *[*reported.values()][:limit]]
