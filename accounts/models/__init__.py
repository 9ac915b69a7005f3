"""Members, their links, and relations between them."""

from accounts.models.email_code import MailedCode
from accounts.models.privacy import DataExport, Departure, FormerName
from accounts.models.profile import LinkFollowed, MemberTopic, ProfileLink, Topic
from accounts.models.relations import Follow, Introduction, Mute
from accounts.models.user import (
    AVATAR_TONES,
    MADE_OF_OTHERS,
    SOURCES_OF_OTHERS,
    ChosenPicture,
    CodeTry,
    User,
    get_display_name,
    permissions_to_moderate,
)

__all__ = [
    "AVATAR_TONES",
    "MADE_OF_OTHERS",
    "SOURCES_OF_OTHERS",
    "ChosenPicture",
    "CodeTry",
    "DataExport",
    "Departure",
    "Follow",
    "FormerName",
    "Introduction",
    "LinkFollowed",
    "MailedCode",
    "MemberTopic",
    "Mute",
    "ProfileLink",
    "Topic",
    "User",
    "get_display_name",
    "permissions_to_moderate",
]
