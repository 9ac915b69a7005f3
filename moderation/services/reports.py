"""Reports of comments. Enough trusted members can hide one until it is reviewed (docs/decisions/0039)."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import User
from accounts.services.permissions import why_not_write
from comments.models import Comment, CommentRevision
from comments.services.writing import lock_comment, set_status
from core.utils.ratelimit import check_rates
from moderation.models import Decision, ModerationSettings, Report
from moderation.services.trust import trust_of
from moderation.signals import comment_reported
from moderation.spamfilter.form_token import network_of


def report_comment(
    comment: Comment, *, reporter: User, reason: str, note: str = "", address: str = ""
) -> Report:
    """Report a comment. While a report by the same member is open, it is returned.

    address: the reporter's, if known; stored as a hash of its network. Enough reports of trusted members hold
    the comment. Raises PermissionDenied, with a message, for members who may not write, and TooFast.
    """
    if why := why_not_write(reporter):
        raise PermissionDenied(why)
    with transaction.atomic():
        _post, comment = lock_comment(comment)
        open_report = Report.objects.open().filter(comment=comment, reporter=reporter).first()
        if open_report is not None:
            return open_report
        check_rates(Report.objects.filter(reporter=reporter), settings.REPORT_RATES)
        report = Report.objects.create(
            comment=comment, reporter=reporter, reason=reason, note=note, network=network_of(address)
        )
        comment_reported.send(sender=Report, report=report)
        hide_if_reported_enough(comment)
        return report


def weight_of(reporter: User) -> float:
    """How much a report of this member counts towards hiding a comment: 0 to 1.

    Members below REPORT_TRUST_LEVEL count 0. For others, 1 means that moderators mostly agreed with their
    reports. Each wrong report lowers it, each right one raises it again.
    """
    if not reporter.may_write or trust_of(reporter).level < settings.REPORT_TRUST_LEVEL:
        return 0.0
    since = timezone.now() - timedelta(days=settings.REPORT_MEMORY_DAYS)
    answered = Report.objects.filter(
        reporter=reporter, decision__isnull=False, created_at__gt=since
    ).order_by()
    found = answered.aggregate(
        right=Count("pk", filter=~Q(decision__action="approve")),
        wrong=Count("pk", filter=Q(decision__action="approve")),
    )
    return min(1.0, (found["right"] + 2) / (found["right"] + found["wrong"] + 2))


def hide_if_reported_enough(comment: Comment) -> bool:
    """Hold a public comment that enough trusted members reported. Its post must be locked.

    Comments of the host and of moderators stay public, and so do those a moderator has approved since the
    last edit.
    """
    enough = ModerationSettings.current().hide_after_reports
    reports = list(Report.objects.open().filter(comment=comment).select_related("reporter"))
    if not enough or not comment.is_public or len(reports) < enough or _is_exempt(comment):
        return False
    weights: dict[str | int, float] = {}
    for report in reports:
        # Reports from one network count once: several accounts are easy to get, several networks are not.
        place = report.network or report.pk
        weights[place] = max(weights.get(place, 0.0), weight_of(report.reporter))
    # Half a report is tolerated, so that one old mistake does not turn three reports into two.
    if sum(weights.values()) < enough - 0.5:
        return False
    comment.hold_reasons = [{"code": "reported"}]
    comment.save(update_fields=["hold_reasons"])
    return set_status(comment, Comment.Status.HELD)


def _is_exempt(comment: Comment) -> bool:
    if comment.author is not None and (comment.author.is_host or comment.author.is_moderator):
        return True
    approved = (
        Decision.objects.filter(comment=comment, action=Decision.Action.APPROVE, undone_by=None)
        .order_by("pk")
        .last()
    )
    return (
        approved is not None
        and not CommentRevision.objects.filter(comment=comment, created_at__gt=approved.created_at).exists()
    )
