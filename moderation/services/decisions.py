"""Moderation decisions. The queue, the admin and the tests all use these services."""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services.permissions import why_not_write
from comments.models import Comment
from comments.services.moving import lock_branch, move_branch, split_branch
from comments.services.writing import lock_comment, set_status
from core.utils.ratelimit import check_rates
from moderation.models import Assessment, Claim, Decision, RefusalText, Report
from moderation.services.queue import Seen
from moderation.services.reports import hide_if_reported_enough
from moderation.signals import decided
from moderation.spamfilter import training
from moderation.spamfilter.checks import material_of
from moderation.spamfilter.form_token import network_of
from posts.models import Post
from posts.services import withdraw_post

STATUS_AFTER = {
    Decision.Action.APPROVE: Comment.Status.PUBLIC,
    Decision.Action.REMOVE: Comment.Status.REMOVED,
    Decision.Action.SPAM: Comment.Status.SPAM,
}


def report_comment(comment: Comment, *, reporter: User, reason: str, note: str = "", address: str = "") -> Report:
    """Report a comment. A second report by the same member while the first is open returns the first.

    address: where it came from, if that is known; kept as a hash of its block. Enough reports of trusted members let the
    comment wait (moderation.reporting). Raises PermissionDenied, with a sentence, for members who may not write, and TooFast.
    """
    if why := why_not_write(reporter):
        raise PermissionDenied(why)
    with transaction.atomic():
        _post, comment = lock_comment(comment)
        open_report = Report.objects.open().filter(comment=comment, reporter=reporter).first()
        if open_report is not None:
            return open_report
        check_rates(Report.objects.filter(reporter=reporter), settings.REPORT_RATES)
        report = Report.objects.create(comment=comment, reporter=reporter, reason=reason, note=note, network=network_of(address))
        hide_if_reported_enough(comment)
        return report


def may_show(comment: Comment, user: User) -> bool:
    """Moderators do not approve their own comments: that is for a colleague. The host may."""
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
    text: RefusalText | None = None,
    word: str = "",
    seen: Seen | None = None,
    batch: uuid.UUID | None = None,
) -> Decision | None:
    """Approve a comment, remove it or mark it as spam, and close its open reports.

    note: for moderators; text and word: for the author. seen: the state the moderator had seen when they decided; without it
    the current state is used. batch: the same for all that is decided together.

    Returns the decision, or None if there was nothing left to decide: a colleague was faster, or the author edited
    or deleted it. Raises PermissionDenied, with the reason, for moderators who approve themselves.
    """
    with transaction.atomic():
        _post, comment = lock_comment(comment)
        status = STATUS_AFTER[Decision.Action(action)]
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
        Claim.objects.filter(comment=comment).delete()
        set_status(comment, status, by=by)
        decided.send(sender=Decision, decision=decision)
    return decision


def decide_many(comments: Iterable[Comment], action: str, *, by: User, seen: Seen | None = None, **why: Any) -> list[Decision]:
    """The same decision on several comments; those with nothing left to decide are not in the result. why: see `decide`.

    Each has a row of its own in the log; one `batch` joins them. Raises PermissionDenied before anything is
    decided.
    """
    comments = list(comments)
    for comment in comments:
        _refuse_own(comment, STATUS_AFTER[Decision.Action(action)], by)
    batch = uuid.uuid4() if len(comments) > 1 else None
    made = (decide(comment, action, by=by, seen=seen, batch=batch, **why) for comment in comments)
    return [decision for decision in made if decision is not None]


def move(comment: Comment, *, to_post: Post, to_parent: Comment | None = None, by: User, note: str = "", seen: Seen | None = None) -> Decision | None:
    """Move a comment and all its replies to another post or another comment.

    seen: the state the moderator had seen. Returns None if a colleague was faster or the text changed since.
    Raises ValidationError and PermissionDenied, as move_branch does.
    """
    with transaction.atomic():
        _post, before = lock_branch(comment, to_post)
        if seen is not None and seen.is_outdated_for(before):
            return None
        after = move_branch(before, to_post=to_post, to_parent=to_parent, by=by)
        return _write_down(before, after, Decision.Action.MOVE, by=by, note=note)


def split(comment: Comment, *, title: str, by: User, note: str = "", seen: Seen | None = None) -> Decision | None:
    """Split a comment and all its replies off as a post: the decision's `to_post`.

    seen: the state the moderator had seen. Returns None if a colleague was faster or the text changed since.
    Raises ValidationError, as split_branch does.
    """
    with transaction.atomic():
        _post, before = lock_comment(comment)
        if seen is not None and seen.is_outdated_for(before):
            return None
        split_branch(before, title=title, by=by)
        return _write_down(before, Comment.objects.get(pk=before.pk), Decision.Action.SPLIT, by=by, note=note)


def _write_down(before: Comment, after: Comment, action: str, *, by: User, note: str = "", undoes: Decision | None = None) -> Decision:
    """A decision about a move: the comment before, and after."""
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
    """Undo a decision: the comment is as before, or where it was before, and its reports are open again.

    Returns None if somebody did so already, or decided again since, or the comment changed in another way: its author
    deleted it, or the old position is gone. Raises PermissionDenied for moderators who would restore their own comment, and
    for a draft that they may not write.
    """
    with transaction.atomic():
        _post, comment = lock_comment(decision.comment, *([decision.from_post] if decision.from_post else []))
        if not Decision.objects.filter(pk=decision.pk).with_undoable().filter(is_undoable=True).exists():  # type: ignore[misc]
            return None
        if decision.is_about_a_place:
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
        set_status(comment, Comment.Status(decision.status_before), by=by)
        decided.send(sender=Decision, decision=undone)
    return undone


def _go_back(decision: Decision, comment: Comment, by: User) -> Decision | None:
    """Move a branch back. A post that was created for it, and contains nothing else, becomes a draft."""
    stood, stands = decision.from_post, decision.to_post
    if stood is None or stands is None:
        return None
    try:
        back = move_branch(comment, to_post=stood, to_parent=decision.from_parent, by=by, back=True)
    except ValidationError:  # its old parent is inside the branch itself by now
        return None
    if decision.action == Decision.Action.SPLIT and not Comment.objects.for_post(stands).exists():
        withdraw_post(stands)
    return _write_down(comment, back, Decision.Action.UNDO, by=by, undoes=decision)


def undo_many(decisions: Iterable[Decision], *, by: User) -> list[Decision]:
    """Undo several decisions one by one; those that can no longer be undone are not in the result.

    Raises PermissionDenied before anything is undone.
    """
    decisions = list(decisions)
    for decision in decisions:
        if decision.status_before != decision.status_after:
            _refuse_own(decision.comment, decision.status_before, by)
    return [undone for decision in decisions if (undone := undo(decision, by=by)) is not None]


# --- review locks ---------------------------------------------------------


def claim(comment: Comment, *, by: User, and_take_over: bool = False) -> Claim | None:
    """Record that this moderator reviews the comment now, and no longer another. Returns the lock that is then valid.

    A colleague's lock is valid until it expires, unless it is taken over. Of two at the same moment the constraint
    lets one have it. None: both are gone again already.
    """
    now = timezone.now()
    free = Q() if and_take_over else Q(moderator=by) | Q(expires_at__lte=now)
    # Without a transaction: with one, two moderators who swap comments could deadlock.
    Claim.objects.filter(Q(moderator=by) | Q(comment=comment) & free).delete()
    mine = Claim(comment=comment, moderator=by, created_at=now, expires_at=now + timedelta(minutes=settings.CLAIM_MINUTES))
    Claim.objects.bulk_create([mine], ignore_conflicts=True)
    return Claim.objects.filter(comment=comment).select_related("moderator").first()


def held_by_colleagues(comments: Iterable[Comment], *, of: User) -> dict[int, Claim]:
    """Claims of others on these comments, by the comment's key."""
    claims = Claim.objects.live().filter(comment__in=comments).exclude(moderator=of)
    return {found.comment_id: found for found in claims.select_related("moderator")}


# --- training -----------------------------------------------------------


def learn_from(decision: Decision) -> None:
    """Train the classifier with the latest decision about this comment: spam, genuine, or nothing.

    Removing says nothing about spam: an unkind comment is not spam. Safe to run twice, and in any order with later decisions
    about the same comment: the latest decision in the log counts, whichever caused this call.
    """
    with transaction.atomic():
        _post, comment = lock_comment(decision.comment)
        if comment.is_erased:  # there is nothing left to learn from; what was learned stays
            return
        last = last_word(comment)
        if last is None or last.action == Decision.Action.REMOVE:
            training.unteach(comment)
            return
        judge = training.current_judge()
        assessment = Assessment.objects.filter(comment=comment).first()
        if assessment is not None and hasattr(assessment, "lesson") and assessment.lesson.decision_id == last.pk:
            return
        training.unteach(comment)
        verdict = judge.judge(material_of(comment))
        if assessment is None:
            assessment = training.keep_assessment(verdict, comment)
        else:
            training.keep_traces(assessment, verdict.reading)
        training.teach(assessment, verdict, last.action == Decision.Action.SPAM, last)


def last_word(comment: Comment) -> Decision | None:
    """The newest decision about a comment's publication that was not undone."""
    return Decision.objects.filter(comment=comment, undone_by=None, action__in=STATUS_AFTER).order_by("-pk").first()


def teach_from_decisions() -> int:
    """Train the classifier again with all decisions of the log, oldest first. Returns how many were used."""
    learned = 0
    for decision in Decision.objects.filter(undone_by=None, action__in=STATUS_AFTER).select_related("comment").order_by("pk").iterator():
        learn_from(decision)
        learned += 1
    training.refit()
    return learned


def learn_anew_if_outdated() -> bool:
    """After an update that changed the features: forget, and train again from the log. Returns whether that was necessary.

    One sample at a time, so that the database stays writable. If the worker is stopped in the middle,
    `manage.py spam_train --from-decisions` does the rest.
    """
    if not training.is_outdated():
        return False
    training.forget_everything()
    teach_from_decisions()
    return True


def look_at_authors_week(decision: Decision) -> int:
    """After confirmed spam, hold its author's recent comments, unless a moderator approved them. Returns how many.

    Undoing the decision releases what only it had held.
    """
    is_undo = decision.action == Decision.Action.UNDO
    cause = decision.undoes if is_undo else decision
    author = decision.comment.author
    if cause is None or cause.action != Decision.Action.SPAM or author is None or author.is_host or author.is_moderator:
        return 0
    others = Comment.objects.by(author).exclude(pk=decision.comment_id).filter(decisions=None)
    if is_undo:
        found = [comment for comment in others.held() if any(reason.get("decision") == cause.pk for reason in comment.hold_reasons)]
    else:
        found = list(others.public().filter(created_at__gt=timezone.now() - timedelta(days=settings.SPAM_LOOK_BACK_DAYS)))
    moved = 0
    for comment in sorted(found, key=lambda comment: (comment.post_id, comment.pk)):
        with transaction.atomic():
            _post, locked = lock_comment(comment)
            expected = Comment.Status.HELD if is_undo else Comment.Status.PUBLIC
            if locked.status != expected or Decision.objects.filter(comment=locked).exists():
                continue
            locked.hold_reasons = [] if is_undo else [{"code": "author_spam", "decision": cause.pk}]
            locked.save(update_fields=["hold_reasons"])
            moved += set_status(locked, Comment.Status.PUBLIC if is_undo else Comment.Status.HELD, by=None)
    return moved
