"""The weekly email: at most three discussions worth returning to; no email if there are none."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from closer.models import Choice
from closer.services.choices import LETTER, next_email_at
from closer.services.contacts import contacts_of
from comments.models import Comment, ThreadVisit
from core.parts import is_on
from core.tasks.periodic import is_stopping, periodic
from core.utils.urls import absolute_url
from notifications.email.system import about, send_system_mail
from notifications.models import Notification, ThreadSubscription
from notifications.services.timing import quiet_until
from posts.models import Post

logger = logging.getLogger(__name__)

MAX_DISCUSSIONS = 3
NAMES_SHOWN = 3
# A single comment by strangers is no reason to return.
MIN_OF_STRANGERS = 2
MEMBERS_AT_ONCE = 20
WEEK = timedelta(weeks=1)
# The discussions that the member visited last, and the newest comments in them.
VISITS_LOOKED_AT, COMMENTS_LOOKED_AT = 500, 2_000


@dataclass(frozen=True)
class Discussion:
    """post: one with new comments. first: the first new comment, for the link. names: known people first."""

    post: Post
    first: Comment
    names: tuple[str, ...]
    has_more: bool


class NewActivity(NamedTuple):
    """A new comment, by keys: all that is needed to choose discussions."""

    pk: int
    post: int
    author: int | None
    published_at: datetime


def new_activity(member: User, since: datetime) -> list[Discussion]:
    """Discussions with comments since the member's last visit and since `since`, regular contacts first.

    Never what the member may not see, has muted, has read or was emailed about. A constant number of queries.
    """
    known = set(contacts_of(member))
    fresh = _fresh(member, since)
    by_post: dict[int, list[NewActivity]] = {}
    for row in fresh:
        by_post.setdefault(row.post, []).append(row)
    worth = {
        post: rows
        for post, rows in by_post.items()
        if len(rows) >= MIN_OF_STRANGERS or any(row.author in known for row in rows)
    }
    best = sorted(worth, key=lambda post: (-_people(worth[post], known), -len(worth[post]), -post))
    return _discussions({post: worth[post] for post in best[:MAX_DISCUSSIONS]}, known)


def _people(rows: Collection[NewActivity], known: Collection[int]) -> int:
    return len({row.author for row in rows if row.author in known})


def _fresh(member: User, since: datetime) -> list[NewActivity]:
    """New comments, oldest first."""
    visits = ThreadVisit.objects.filter(member=member).order_by("-looked_at")
    looked_at = dict(visits.values_list("post", "looked_at")[:VISITS_LOOKED_AT])
    muted = ThreadSubscription.objects.filter(member=member, level=ThreadSubscription.Level.MUTED)
    posts = Post.objects.listed_for(member).filter(pk__in=looked_at).exclude(pk__in=muted.values("post"))
    comments = Comment.objects.public().filter(
        published_at__gt=since, post__in=list(posts.values_list("pk", flat=True))
    )
    comments = (
        comments.exclude(author=member).exclude(author__in=member.muted_ids).order_by("-published_at", "-pk")
    )
    found = [
        NewActivity(*row)
        for row in comments.values_list("pk", "post", "author", "published_at")[:COMMENTS_LOOKED_AT]
    ]
    notified = Notification.objects.filter(
        member=member, comment__in=[row.pk for row in found], state=Notification.State.IN_LETTER
    )
    known = set(notified.values_list("comment", flat=True))
    return [row for row in reversed(found) if row.published_at > looked_at[row.post] and row.pk not in known]


def _discussions(found: dict[int, list[NewActivity]], known: Collection[int]) -> list[Discussion]:
    keys = [row.pk for rows in found.values() for row in rows]
    comments = Comment.objects.select_related("author", "post").defer("body", "html").in_bulk(keys)
    made = []
    for rows in found.values():
        here = [comments[row.pk] for row in rows if row.pk in comments]
        by_known = [*(one for one in reversed(here) if one.author_id in known), *reversed(here)]
        names = list(dict.fromkeys(comment.author_name for comment in by_known))
        made.append(Discussion(here[0].post, here[0], tuple(names[:NAMES_SHOWN]), len(names) > NAMES_SHOWN))
    return made


@periodic(every=timedelta(minutes=10))
def send_weekly_emails() -> int:
    """Send due emails in batches. Returns how many."""
    if not is_on("closer"):
        return 0
    due = Choice.objects.filter(letter_due_at__lte=timezone.now()).order_by("letter_due_at")
    made = 0
    for pk in list(due.values_list("pk", flat=True)[:MEMBERS_AT_ONCE]):
        if is_stopping():
            break
        try:
            made += send_weekly_email(pk)
        except Exception:
            # One that always fails must not block those behind it.
            logger.exception("The weekly email for member %s failed; it will be retried next week.", pk)
            still_wanted = Choice.objects.filter(pk=pk, letter_due_at__isnull=False)
            still_wanted.update(letter_due_at=timezone.now() + WEEK)
    return made


@transaction.atomic
def send_weekly_email(member_pk: int) -> bool:
    """Send one member's email, if there is anything. Of two workers, the second finds nothing due."""
    now = timezone.now()
    due = Choice.objects.filter(pk=member_pk, letter_due_at__lte=now).select_related("member")
    choice = due.select_for_update(skip_locked=True, of=("self",)).first()
    if choice is None:
        return False
    member = choice.member
    if quiet := quiet_until([member_pk]).get(member_pk):
        Choice.objects.filter(pk=member_pk).update(letter_due_at=quiet)
        return False
    found = new_activity(member, choice.letter_sent_at or now - WEEK) if member.is_active else []
    sent_at = {"letter_sent_at": now} if found else {}
    Choice.objects.filter(pk=member_pk).update(
        letter_due_at=next_email_at(member, now + timedelta(days=1)), **sent_at
    )
    if found:
        rows = [{"discussion": one, "url": absolute_url(one.first.get_absolute_url())} for one in found]
        send_system_mail(
            "new_activity",
            to=member,
            opt_out=LETTER,
            subject=about(_("Worth going back to at %(site)s")),
            rows=rows,
            read_url=rows[0]["url"],
            button=_("Read on"),
        )
    return bool(found)
