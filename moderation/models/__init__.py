"""Reports, decisions, data of the spam filter, and actions on members."""

from moderation.models.action import ModerationAction
from moderation.models.appeal import Appeal
from moderation.models.decision import Decision
from moderation.models.discussion import DiscussionAction
from moderation.models.lock import ReviewLock
from moderation.models.member import MemberNote, ProfileReport, Restriction, TrustOverride
from moderation.models.preferences import ModeratorPreferences
from moderation.models.profile import ProfileReview
from moderation.models.report import Report
from moderation.models.rules import CommentRule
from moderation.models.settings import ModerationSettings
from moderation.models.spam import Assessment, LearnerState, TracedKey, TracedMark, TrainingSample
from moderation.models.texts import RemovalReason

__all__ = [
    "Appeal",
    "Assessment",
    "CommentRule",
    "Decision",
    "DiscussionAction",
    "LearnerState",
    "MemberNote",
    "ModerationAction",
    "ModerationSettings",
    "ModeratorPreferences",
    "ProfileReport",
    "ProfileReview",
    "RemovalReason",
    "Report",
    "Restriction",
    "ReviewLock",
    "TracedKey",
    "TracedMark",
    "TrainingSample",
    "TrustOverride",
]
