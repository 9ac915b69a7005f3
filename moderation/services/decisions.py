"""Moderation decisions. The queue and the admin both use these services."""

import uuid
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, NamedTuple

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from comments.models import Comment
from comments.services.moving import lock_branch, move_branch, refuse_draft, split_branch
from comments.services.writing import lock_comment, set_status
from moderation import tasks
from moderation.models import Decision, RemovalReason, Report, ReviewLock
from moderation.services.queue import Seen
from moderation.services.review_locks import locked_by_colleagues
from posts.models import Post
from posts.services.publishing import withdraw_post


def may_show(comment: Comment, user: User) -> bool:
    """Whether the user may approve the comment.

    Moderators do not approve their own; a colleague does. The host may.
    """
    return comment.author_id != user.pk or user.is_host


def _refuse_own(comment: Comment, status: str, by: User) -> None:
    if status == Comment.Status.PUBLIC and not may_show(comment, by):
        raise PermissionDenied(_("You can’t decide about your own comment. Ask another moderator."))


def decide(
    comment: Comment,
    action: str,
    *,
    by: User,
    note: str = "",
    text: RemovalReason | None = None,
    word: str = "",
    seen: Seen | None = None,
    batch: uuid.UUID | None = None,
) -> Decision | None:
    """Approve a comment, remove it or mark it as spam, and close its open reports.

    note: for moderators; text and word: for the author. seen: the state the moderator saw when deciding;
    without it the current state is used. batch: shared by everything decided together.

    Returns the decision, or None if there was nothing left to decide: a colleague was faster, or the author
    edited or deleted the comment. Raises PermissionDenied, with the reason, for moderators who approve
    themselves.
    """
    with transaction.atomic():
        try:
            _post, comment = lock_comment(comment)
        except ObjectDoesNotExist:  # purged with its post
            return None
        status = Decision.STATUS_AFTER[Decision.Action(action)]
        _refuse_own(comment, status, by)
        if seen is not None and seen.is_outdated_for(comment):
            return None
        reports = Report.objects.open().filter(comment=comment)
        if comment.status == Comment.Status.DELETED or (comment.status == status and not reports.exists()):
            return None
        decision = Decision.objects.create(
            comment=comment,
            moderator=by,
            action=action,
            status_before=comment.status,
            status_after=status,
            note=note,
            text=text,
            word=word,
            batch=batch,
        )
        reports.update(decision=decision, network="")
        ReviewLock.objects.filter(comment=comment).delete()
        set_status(comment, status)
        tasks.learn_decision.enqueue(decision.pk)
    return decision


def decide_many(
    comments: Iterable[Comment], action: str, *, by: User, seen: Seen | None = None, **why: Any
) -> list[Decision]:
    """Decide several comments alike. Those with nothing left to decide are not in the result.

    Each gets its own row in the log, joined by one `batch`. why: see `decide`. Raises PermissionDenied before
    anything is decided.
    """
    comments = list(comments)
    for comment in comments:
        _refuse_own(comment, Decision.STATUS_AFTER[Decision.Action(action)], by)
    batch = uuid.uuid4() if len(comments) > 1 else None
    made = (decide(comment, action, by=by, seen=seen, batch=batch, **why) for comment in comments)
    return [decision for decision in made if decision is not None]


class Outcome(NamedTuple):
    """The result of a form about several comments."""

    decisions: list[Decision]
    # Made by the same moderator since the page was rendered: the form was sent twice.
    repeated: list[Decision]
    # Left out: a colleague is reviewing them; a colleague was faster, or the author edited or deleted them.
    locks: list[ReviewLock]
    missed: list[Comment]


def decide_unlocked(
    comments: Iterable[Comment], action: str, *, by: User, seen: Seen | None = None, **why: Any
) -> Outcome:
    """`decide_many` for those comments that no colleague is reviewing.

    Raises PermissionDenied before anything is decided.
    """
    comments = list(comments)
    locks = locked_by_colleagues(comments, of=by)
    free = [comment for comment in comments if comment.pk not in locks]
    decisions = decide_many(free, action, by=by, seen=seen, **why)
    decided = {decision.comment_id for decision in decisions}
    missed = [comment for comment in free if comment.pk not in decided]
    repeated = _decided_before(missed, action, by, seen) if missed else []
    again = {decision.comment_id for decision in repeated}
    return Outcome(
        decisions, repeated, list(locks.values()), [comment for comment in missed if comment.pk not in again]
    )


def _decided_before(comments: list[Comment], action: str, by: User, seen: Seen | None) -> list[Decision]:
    """The same decisions that this moderator has made since the page was rendered."""
    mine = Decision.objects.filter(comment__in=comments, action=action, moderator=by)
    mine = mine.filter(pk__gt=seen.decision) if seen else mine.none()
    return list(mine.undoable().select_related("comment__author").newest_first())


def move(
    comment: Comment,
    *,
    to_post: Post,
    to_parent: Comment | None = None,
    by: User,
    note: str = "",
    seen: Seen | None = None,
) -> Decision | None:
    """Move a comment and all its replies to another post or another comment.

    seen: the state the moderator saw. Returns None if a colleague was faster or the text has changed. Raises
    ValidationError and PermissionDenied, as move_branch does.
    """
    with transaction.atomic():
        _post, before = lock_branch(comment, to_post)
        if seen is not None and seen.is_outdated_for(before):
            return None
        after = move_branch(before, to_post=to_post, to_parent=to_parent, by=by)
        return _write_down(before, after, Decision.Action.MOVE, by=by, note=note)


def split(
    comment: Comment, *, title: str, by: User, note: str = "", seen: Seen | None = None
) -> Decision | None:
    """Split a comment and all its replies off into a post: the decision's `to_post`.

    seen: the state the moderator saw. Returns None if a colleague was faster or the text has changed. Raises
    ValidationError, as split_branch does.
    """
    with transaction.atomic():
        _post, before = lock_comment(comment)
        if seen is not None and seen.is_outdated_for(before):
            return None
        split_branch(before, title=title, by=by)
        return _write_down(before, Comment.objects.get(pk=before.pk), Decision.Action.SPLIT, by=by, note=note)


def _write_down(
    before: Comment, after: Comment, action: str, *, by: User, note: str = "", undoes: Decision | None = None
) -> Decision:
    """Create the decision about a move, from the comment before and after."""
    return Decision.objects.create(
        comment=after,
        moderator=by,
        action=action,
        status_before=before.status,
        status_after=after.status,
        note=note,
        from_post_id=before.post_id,
        from_parent_id=before.parent_id,
        to_post_id=after.post_id,
        to_parent_id=after.parent_id,
        undoes=undoes,
    )


def undo(decision: Decision, *, by: User) -> Decision | None:
    """Undo a decision: restore the comment's status or position, and reopen its reports.

    Returns None if it was undone already or decided again, or if the comment has changed in another way: its
    author deleted it, or the old position is gone. Raises PermissionDenied for moderators who would restore
    their own comment, and for a draft that they may not edit.
    """
    with transaction.atomic():
        try:
            _post, comment = lock_comment(
                decision.comment, *([decision.from_post] if decision.from_post else [])
            )
        except ObjectDoesNotExist:  # purged with its post
            return None
        if not Decision.objects.filter(pk=decision.pk).undoable().exists():
            return None
        if decision.is_move:
            return _go_back(decision, comment, by)
        if decision.status_before != decision.status_after:
            _refuse_own(comment, decision.status_before, by)
        undone = Decision.objects.create(
            comment=comment,
            moderator=by,
            action=Decision.Action.UNDO,
            status_before=comment.status,
            status_after=decision.status_before,
            undoes=decision,
        )
        for report in decision.reports.all():
            if not Report.objects.open().filter(comment=comment, reporter=report.reporter_id).exists():
                Report.objects.filter(pk=report.pk).update(decision=None)
        set_status(comment, Comment.Status(decision.status_before))
        tasks.learn_decision.enqueue(undone.pk)
    return undone


def _go_back(decision: Decision, comment: Comment, by: User) -> Decision | None:
    """Move a branch back. A post that was created for it and contains nothing else becomes a draft."""
    from_post, to_post = decision.from_post, decision.to_post
    if from_post is None or to_post is None:
        return None
    try:
        back = move_branch(comment, to_post=from_post, to_parent=decision.from_parent, by=by, back=True)
    except ValidationError:  # its old parent is now inside the branch itself
        return None
    if decision.action == Decision.Action.SPLIT and not Comment.objects.for_post(to_post).exists():
        withdraw_post(to_post)
    return _write_down(comment, back, Decision.Action.UNDO, by=by, undoes=decision)


def undo_many(decisions: Iterable[Decision], *, by: User) -> list[Decision]:
    """Undo several decisions one by one. Those that can no longer be undone are not in the result.

    Raises PermissionDenied before anything is undone. What is refused later, because an undo before it made
    the post a draft, can no longer be undone either.
    """
    decisions = list(decisions)
    for decision in decisions:
        _refuse_undo(decision, by)
    undone = []
    for decision in decisions:
        with suppress(PermissionDenied):
            undone.append(undo(decision, by=by))
    return [one for one in undone if one is not None]


def _refuse_undo(decision: Decision, by: User) -> None:
    """Raise PermissionDenied where `undo` would."""
    if decision.status_before != decision.status_after:
        _refuse_own(decision.comment, decision.status_before, by)
    if (
        decision.is_move
        and decision.from_post
        and Decision.objects.filter(pk=decision.pk).undoable().exists()
    ):
        refuse_draft(decision.from_post, by)
