"""Polls and proposals for tests, opened through the service."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from decisions.models import Decision, make_key
from decisions.services.asking import Plan, open_decision
from posts.models import Post
from tests.factories import make_host, make_post


def make_poll(*options: str, post: Post | None = None, by: User | None = None, **fields: Any) -> Decision:
    """Open a poll, for a week by default."""
    by = by or make_host()
    week = timezone.now() + timedelta(days=7)
    plan = Plan(**{
        "kind": "poll", "title": "Which day suits you?", "options": list(options or ("Monday", "Tuesday", "Friday")),
        "method": "single", "closes_at": week, **fields,
    })  # fmt: skip
    return open_decision(plan, post=post or make_post(), by=by, key=make_key())


def make_proposal(post: Post | None = None, by: User | None = None, **fields: Any) -> Decision:
    plan = Plan(
        **{
            "kind": "proposal",
            "title": "A shorter table",
            "text": "Twelve seats.",
            "stage": "decide",
            **fields,
        }
    )
    return open_decision(plan, post=post or make_post(), by=by or make_host(), key=make_key())
