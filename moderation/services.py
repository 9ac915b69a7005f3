"""What moderators decide. The queue, the admin and the tests all come through here."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from comments.models import Comment
from comments.services import lock_comment, set_status
from core.ratelimit import check_rates
from moderation.models import Decision, Report

STATUS_AFTER = {
    Decision.Action.APPROVE: Comment.Status.PUBLIC,
    Decision.Action.REMOVE: Comment.Status.REMOVED,
    Decision.Action.SPAM: Comment.Status.SPAM,
}


def report_comment(comment: Comment, *, reporter: User, reason: str, note: str = "") -> Report:
    """Ask the moderators to look. A second report by the same member while the first is open gives back the first.

    Raises TooFast.
    """
    with transaction.atomic():
        open_report = Report.objects.open().filter(comment=comment, reporter=reporter).first()
        if open_report is not None:
            return open_report
        check_rates(Report.objects.filter(reporter=reporter), settings.REPORT_RATES)
        report, _created = Report.objects.get_or_create(comment=comment, reporter=reporter, decision=None, defaults={"reason": reason, "note": note})
        return report


def decide(comment: Comment, action: str, *, by: User, note: str = "") -> Decision | None:
    """Approve a comment, remove it or mark it as spam, and close its open reports.

    Returns the decision, or None if there was nothing left to decide: a colleague was faster, or the author took the
    words back.
    """
    with transaction.atomic():
        _post, comment = lock_comment(comment)
        status = STATUS_AFTER[Decision.Action(action)]
        reports = Report.objects.open().filter(comment=comment)
        if comment.status == Comment.Status.DELETED or (comment.status == status and not reports.exists()):
            return None
        decision = Decision.objects.create(comment=comment, moderator=by, action=action, status_before=comment.status, status_after=status, note=note)
        reports.update(decision=decision)
        set_status(comment, status, by=by)
    return decision


def decide_many(comments: list[Comment], action: str, *, by: User, note: str = "") -> list[Decision]:
    """The same decision on several comments; those that were decided meanwhile are left out of the answer."""
    return [decision for comment in comments if (decision := decide(comment, action, by=by, note=note)) is not None]


def undo(decision: Decision, *, by: User) -> Decision | None:
    """Take a decision back: the comment is as before, its reports are open again.

    Returns None if somebody did so already, or decided again since, or the author withdrew the comment.
    """
    with transaction.atomic():
        _post, comment = lock_comment(decision.comment)
        latest = Decision.objects.filter(comment=comment).newest_first().first()
        if latest != decision or decision.action == Decision.Action.UNDO or comment.status != decision.status_after:
            return None
        undone = Decision.objects.create(
            comment=comment,
            moderator=by,
            action=Decision.Action.UNDO,
            status_before=comment.status,
            status_after=decision.status_before,
            undoes=decision,
            created_at=timezone.now(),
        )
        for report in decision.reports.all():
            if not Report.objects.open().filter(comment=comment, reporter=report.reporter_id).exists():
                Report.objects.filter(pk=report.pk).update(decision=None)
        set_status(comment, Comment.Status(decision.status_before), by=by)
    return undone
