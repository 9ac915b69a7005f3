"""Actions of the host and moderators on a discussion or a comment in it, each recorded in the public log."""

from django.db import transaction

from accounts.models import User
from comments.models import Comment, Discussion
from comments.services import highlights
from comments.services.discussion import choose_rules
from moderation.models import DiscussionAction
from posts.models import Post

Action = DiscussionAction.Action


def highlight(comment: Comment, action: str, *, by: User) -> bool:
    """PIN, UNPIN, CHOOSE, UNCHOOSE, CLOSE or REOPEN. Returns False if nothing changed.

    Raises ValidationError.
    """
    with transaction.atomic():
        match action:
            case Action.PIN:
                changed = highlights.pin(comment)
            case Action.UNPIN:
                changed = highlights.unpin(comment)
            case Action.CHOOSE:
                changed = highlights.choose(comment, by=by)
            case Action.UNCHOOSE:
                changed = highlights.unchoose(comment)
            case _:
                changed = highlights.close_branch(comment, is_closed=action == Action.CLOSE)
        if changed:
            note(comment.post, action, by=by)
    return changed


def correct(comment: Comment, *, body: str, by: User, seen: str = "") -> Comment:
    """Correct a comment (see highlights.correct_comment). Raises ValidationError."""
    with transaction.atomic():
        before = comment.body
        corrected = highlights.correct_comment(comment, body=body, by=by, seen=seen)
        if corrected.body != before:
            note(corrected.post, Action.CORRECT, by=by)
    return corrected


def slow_down(post: Post, *, minutes: int, by: User) -> None:
    """Slow mode: one comment per person in this many minutes; 0 switches it off."""
    with transaction.atomic():
        before = Discussion.objects.filter(pk=post.pk).values_list("slow_minutes", flat=True).first() or 0
        choose_rules(post, slow_minutes=minutes)
        if minutes != before:
            note(post, Action.SLOW, by=by, minutes=minutes)


def note(post: Post, action: str, *, by: User, minutes: int = 0) -> None:
    """Record an action in the public log. minutes: of slow mode."""
    DiscussionAction.objects.create(post=post, action=action, moderator=by, minutes=minutes)
