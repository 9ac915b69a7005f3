"""Helpers for the tests of moderation."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from comments.models import Comment
from moderation.models import ModerationSettings, Report
from tests.factories import make_comment, make_member, put_comment

LINK = "Look at https://lantern.example/deals?ref=table now."


def make_held(**fields: Any) -> Comment:
    """Create a new member's comment with a link, held by the real checks; the host reviews first links."""
    ModerationSettings.objects.update_or_create(pk=1, defaults={"first_link_waits": True})
    fields = {"author": make_member(date_joined=timezone.now()), "body": LINK} | fields
    return make_comment(**fields)


def make_report(
    comment: Comment | None = None, reporter: User | None = None, hours_ago: float = 0, **fields: Any
) -> Report:
    comment = comment or put_comment()
    fields = {
        "reason": Report.Reason.UNKIND,
        "created_at": timezone.now() - timedelta(hours=hours_ago),
    } | fields
    return Report.objects.create(comment=comment, reporter=reporter or make_member(), **fields)
