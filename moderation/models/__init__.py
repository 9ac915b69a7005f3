"""Reports, decisions, data of the spam filter, and actions on members."""

from moderation.models.action import Act
from moderation.models.appeal import Appeal
from moderation.models.decision import Decision
from moderation.models.lock import Claim
from moderation.models.member import LevelByHand, MemberNote, ProfileReport, Restriction
from moderation.models.preferences import DeskChoice
from moderation.models.report import Report
from moderation.models.settings import ModerationSettings
from moderation.models.spam import Assessment, LearnerState, Lesson, TracedKey, TracedMark
from moderation.models.texts import RefusalText

__all__ = [
    "Act",
    "Appeal",
    "Assessment",
    "Claim",
    "Decision",
    "DeskChoice",
    "LearnerState",
    "Lesson",
    "LevelByHand",
    "MemberNote",
    "ModerationSettings",
    "ProfileReport",
    "RefusalText",
    "Report",
    "Restriction",
    "TracedKey",
    "TracedMark",
]
