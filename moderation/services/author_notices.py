"""Emails to authors whose comments were removed, or approved after being held.

Each author gets one email for all of them, after a delay in which decisions can be undone.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from comments.models import Comment
from core.tasks.periodic import periodic
from core.utils.locks import lock_row
from moderation.models import Decision
from moderation.signals import author_concerned, comments_approved

FORGET_AFTER = timedelta(days=2)


@periodic(every=timedelta(minutes=1))
def notify_authors() -> int:
    """Email the authors of removed comments. Returns the number of authors.

    Authors of spam with nothing else published are not emailed; their account status page shows it.
    """
    authors = list(_not_notified().order_by().values_list("comment__author", flat=True).distinct()[:200])
    return sum(_email_removals(author) for author in authors)


def _not_notified() -> QuerySet[Decision]:
    now = timezone.now()
    due = Decision.objects.filter(
        created_at__gt=now - FORGET_AFTER,
        created_at__lte=now - timedelta(seconds=settings.ALERT_WAIT_SECONDS),
    )
    taken = due.filter(
        action__in=[Decision.Action.REMOVE, Decision.Action.SPAM], told_at=None, undone_by=None
    )
    return taken.exclude(comment__author=None)


def _email_removals(author: int) -> bool:
    """Lock the author's row, so that two workers send one email."""
    with transaction.atomic():
        member: User = lock_row(User.objects, author)
        not_notified = (
            _not_notified()
            .filter(comment__author=member)
            .select_related("text", "comment__author", "comment__post", "undone_by")
        )
        rows = list(not_notified.order_by("created_at", "pk"))
        Decision.objects.filter(pk__in=[row.pk for row in rows]).update(told_at=timezone.now())
        is_known = Comment.objects.by(member).public().exists()
        decisions = [
            row for row in rows if row.can_be_appealed and (is_known or row.action == Decision.Action.REMOVE)
        ]
        if decisions:
            author_concerned.send(sender=Decision, member=member, decisions=decisions)
    return bool(decisions)


@periodic(every=timedelta(minutes=1))
def notify_of_approvals() -> int:
    """Email the authors of approved comments. Returns the number of authors."""
    authors = list(_approved().order_by().values_list("comment__author", flat=True).distinct()[:200])
    return sum(_email_approval(author) for author in authors)


def _approved() -> QuerySet[Decision]:
    now = timezone.now()
    due = Decision.objects.filter(
        created_at__gt=now - FORGET_AFTER,
        created_at__lte=now - timedelta(seconds=settings.ALERT_WAIT_SECONDS),
    )
    approved = due.filter(
        action=Decision.Action.APPROVE, status_before=Comment.Status.HELD, told_at=None, undone_by=None
    )
    return approved.exclude(comment__author=None)


def _email_approval(author: int) -> bool:
    """Lock the author's row, so that two workers send one email."""
    with transaction.atomic():
        member: User = lock_row(User.objects, author)
        rows = list(
            _approved()
            .filter(comment__author=member)
            .select_related("comment__post")
            .order_by("created_at", "pk")
        )
        Decision.objects.filter(pk__in=[row.pk for row in rows]).update(told_at=timezone.now())
        comments = list(
            {
                row.comment_id: row.comment
                for row in rows
                if row.comment.is_public and row.comment.post.is_published
            }.values()
        )
        if comments:
            comments_approved.send(sender=Decision, member=member, comments=comments)
    return bool(comments)
