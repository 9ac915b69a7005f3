"""Helpers for the tests of notifications: guests, followers, and the clock."""

from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import time_machine
from django.utils import timezone

from accounts.models import User
from comments.forms.comment import CommentForm
from comments.models import Comment
from notifications.email.delivery import fan_out_next, gather, send_some
from notifications.models import FanOut, Notification, OutgoingEmail
from posts.models import Post
from tests.factories import put_comment


def make_guest_comment(post: Post, name: str = "Debbie", email: str = "", **fields: Any) -> Comment:
    """Create a comment as the import does: no member, optionally an address. No one is notified."""
    comment = put_comment(post, **fields)
    Comment.objects.filter(pk=comment.pk).update(author=None, guest_name=name, guest_email=email)
    comment.refresh_from_db()
    return comment


def write(
    author: User,
    post: Post,
    body: str = "Words.",
    parent: Comment | None = None,
    also: list[Comment] | None = None,
) -> Comment:
    """Post a comment through the form, as a browser does."""
    from django.http import QueryDict  # noqa: PLC0415

    data = QueryDict(mutable=True)
    data.update({"body": body, "parent": str(parent.pk) if parent else ""})
    data.setlist("also", [str(comment.pk) for comment in also or []])
    form = CommentForm(data, post=post, author=author, parent=parent)
    assert form.is_valid(), form.errors
    return form.save()


def forget_what_was_announced() -> None:
    """Delete earlier notifications, so that only those of the test's own comment remain."""
    Notification.objects.all().delete()
    FanOut.objects.all().delete()
    OutgoingEmail.objects.all().delete()


@contextmanager
def later(**delta: float):
    """Travel in time."""
    with time_machine.travel(timezone.now() + timedelta(**delta), tick=False) as clock:
        yield clock


def work() -> None:
    """Run all tasks that are due."""
    while fan_out_next() + gather() + send_some():
        pass


def told(comment: Comment) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the outbox rows of a comment: recipient, channel, reasons."""
    return {
        row.member.username if row.member else row.guest_email: (row.way, tuple(row.reasons))
        for row in Notification.objects.of_publication(comment).select_related("member")
    }
