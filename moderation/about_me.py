"""What this app keeps about a member (accounts/exports.py): what was thought and decided, never who reported or decided."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from accounts.exports import Part, Row
from accounts.models import User
from core.addresses import absolute_url
from moderation.models import Assessment, Decision, Report


def _assessments(member: User) -> Iterator[Row]:
    """What the guard thought of their comments, and what moderators decided about them."""
    for thought in Assessment.objects.filter(comment__author=member).select_related("comment").order_by("pk").iterator(chunk_size=200):
        yield {
            "comment": thought.comment_id,
            "at": thought.created_at,
            "by": _("the guard against spam"),
            "outcome": thought.get_outcome_display(),
            "likelihood_of_spam": round(thought.score, 3),
            "reasons": [reason["text"] for reason in thought.reasons if reason.get("text")],
        }
    for decision in Decision.objects.filter(comment__author=member).order_by("pk").iterator(chunk_size=200):
        yield {"comment": decision.comment_id, "at": decision.created_at, "by": _("a moderator"), "outcome": decision.get_action_display()}


def _reports(member: User) -> Iterator[Row]:
    reports = Report.objects.filter(reporter=member).select_related("comment", "decision")
    for report in reports.order_by("pk").iterator(chunk_size=200):
        yield {
            "comment": absolute_url(report.comment.get_absolute_url()),
            "at": report.created_at,
            "reason": report.get_reason_display(),
            "words": report.note,
            "answered_at": report.decision.created_at if report.decision else None,
        }


def _decisions(member: User) -> Iterator[Row]:
    for decision in Decision.objects.filter(moderator=member).order_by("pk").iterator(chunk_size=200):
        yield {"comment": decision.comment_id, "at": decision.created_at, "decision": decision.get_action_display(), "why": decision.note}


PARTS = [
    Part(
        "assessments",
        _("What was thought and decided about your comments"),
        _assessments,
        {"comment": _("Comment"), "at": _("When"), "by": _("Who"), "outcome": _("Outcome"), "reasons": _("Why")},
        frozenset(),
    ),
    Part(
        "reports",
        _("What you reported"),
        _reports,
        {"comment": _("Comment"), "at": _("When"), "reason": _("Reason"), "words": _("Words"), "answered_at": _("Answered")},
        frozenset({"moderation.Report.reporter"}),
    ),
    Part(
        "decisions",
        _("What you decided as a moderator"),
        _decisions,
        {"comment": _("Comment"), "at": _("When"), "decision": _("Decision"), "why": _("Why")},
        frozenset({"moderation.Decision.moderator"}),
    ),
]
