"""What this app exports about a member (accounts/services/export.py).

Assessments and decisions, but never who reported or decided.
"""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.services.export import Part, Row
from core.utils.reasons import reason_sentence
from core.utils.urls import absolute_url
from moderation.models import (
    Appeal,
    Assessment,
    Decision,
    MemberNote,
    ModerationAction,
    ModeratorPreferences,
    ProfileReport,
    ProfileReview,
    Report,
    Restriction,
    ReviewLock,
    TrustOverride,
)


def _assessments(member: User) -> Iterator[Row]:
    """The spam filter's assessments of their comments, and the decisions."""
    for assessment in (
        Assessment.objects.filter(comment__author=member)
        .select_related("comment")
        .order_by("pk")
        .iterator(chunk_size=200)
    ):
        yield {
            "comment": assessment.comment_id,
            "at": assessment.created_at,
            "by": _("the spam filter"),
            "outcome": assessment.get_outcome_display(),
            "likelihood_of_spam": round(assessment.score, 3),
            "reasons": [reason_sentence(reason) for reason in assessment.reasons],
        }
    for decision in (
        Decision.objects.filter(comment__author=member)
        .select_related("text")
        .order_by("pk")
        .iterator(chunk_size=200)
    ):
        texts = [text for text in (decision.text.words if decision.text else "", decision.word) if text]
        yield {
            "comment": decision.comment_id,
            "at": decision.created_at,
            "by": _("a moderator"),
            "outcome": decision.get_action_display(),
            "reasons": texts,
        }


def _reports(member: User) -> Iterator[Row]:
    reports = Report.objects.filter(reporter=member).select_related("comment__post", "decision")
    for report in reports.order_by("pk").iterator(chunk_size=200):
        yield {
            "comment": absolute_url(report.comment.get_absolute_url()),
            "at": report.created_at,
            "reason": report.get_reason_display(),
            "words": report.note,
            "answered_at": report.decision.created_at if report.decision else None,
        }
    for about in ProfileReport.objects.filter(reporter=member).select_related("member").order_by("pk"):
        yield {
            "page": absolute_url(about.member.get_absolute_url()),
            "at": about.created_at,
            "reason": about.reason,
            "words": about.note,
            "answered_at": about.closed_at,
        }


def _in_force(member: User) -> Iterator[Row]:
    """Restrictions, trust overrides and moderators' notes: the text, not its author (docs/decisions/0038)."""
    for restriction in Restriction.objects.filter(member=member).select_related("text").order_by("pk"):
        ends = {"until": restriction.ends_at, "lifted_at": restriction.lifted_at}
        yield {
            "what": restriction.get_kind_display(),
            "at": restriction.created_at,
            "words": restriction.why,
        } | ends
    for review in ProfileReview.objects.filter(member=member).order_by("pk"):
        yield {
            "what": _("profile hidden"),
            "at": review.created_at,
            "words": " ".join([str(review.get_cause_display()), *review.why]),
            "lifted_at": None if review.is_hiding else review.decided_at,
        }
    for override in TrustOverride.objects.filter(member=member).order_by("pk"):
        yield {
            "what": _("trust level set by hand"),
            "at": override.created_at,
            "level": override.level,
            "words": override.words,
        }
    for note in MemberNote.objects.filter(member=member).order_by("pk"):
        yield {"what": _("note between moderators"), "at": note.created_at, "words": note.words}
    for action in ModerationAction.objects.filter(member=member).order_by("pk"):
        yield {"what": _("log entry"), "at": action.created_at, "words": action.get_action_display()}


def _appeals(member: User) -> Iterator[Row]:
    for appeal in Appeal.objects.filter(member=member).order_by("pk"):
        answered = {
            "outcome": appeal.get_state_display(),
            "answer": appeal.answer,
            "answered_at": appeal.answered_at,
        }
        yield {"at": appeal.created_at, "words": appeal.words} | answered


def _decisions(member: User) -> Iterator[Row]:
    for decision in Decision.objects.filter(moderator=member).order_by("pk").iterator(chunk_size=200):
        yield {
            "comment": decision.comment_id,
            "at": decision.created_at,
            "decision": decision.get_action_display(),
            "why": decision.note,
        }
    for action in ModerationAction.objects.filter(moderator=member).order_by("pk").iterator(chunk_size=200):
        yield {"at": action.created_at, "decision": action.get_action_display()}
    for lock in ReviewLock.objects.filter(moderator=member):
        yield {"comment": lock.comment_id, "at": lock.created_at, "decision": _("opened")}
    for preferences in ModeratorPreferences.objects.filter(moderator=member):
        yield {
            "at": preferences.mailed_at,
            "decision": _("email about comments waiting for review"),
            "why": preferences.wants_mail,
        }


PARTS = [
    Part(
        "assessments",
        _("Spam scores and decisions about your comments"),
        _assessments,
        {
            "comment": _("Comment"),
            "at": _("When"),
            "by": _("Who"),
            "outcome": _("Outcome"),
            "reasons": _("Why"),
        },
        frozenset(),
    ),
    Part(
        "reports",
        _("What you reported"),
        _reports,
        {
            "comment": _("Comment"),
            "page": _("Page"),
            "at": _("When"),
            "reason": _("Reason"),
            "words": _("Message"),
            "answered_at": _("Answered"),
        },
        frozenset({"moderation.Report.reporter", "moderation.ProfileReport.reporter"}),
    ),
    Part(
        "standing",
        _("Moderation decisions about you"),
        _in_force,
        {
            "what": _("What"),
            "at": _("When"),
            "words": _("Message"),
            "until": _("Until"),
            "lifted_at": _("Lifted"),
        },
        frozenset(
            f"moderation.{name}.member"
            for name in ("Restriction", "TrustOverride", "MemberNote", "ModerationAction", "ProfileReview")
        ),
    ),
    Part(
        "appeals",
        _("Your appeals"),
        _appeals,
        {
            "at": _("When"),
            "words": _("Message"),
            "outcome": _("Outcome"),
            "answer": pgettext_lazy("noun", "Reply"),
        },
        frozenset({"moderation.Appeal.member"}),
    ),
    Part(
        "decisions",
        _("Your decisions as a moderator"),
        _decisions,
        {"comment": _("Comment"), "at": _("When"), "decision": _("Decision"), "why": _("Why")},
        frozenset(
            f"moderation.{name}.moderator"
            for name in ("Decision", "ModerationAction", "ReviewLock", "ModeratorPreferences")
        ),
    ),
]
