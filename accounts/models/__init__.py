"""Members, their links, and relations between them."""

from accounts.models.calendar_address import CalendarAddress
from accounts.models.chosen_picture import ChosenPicture
from accounts.models.code_try import CodeTry
from accounts.models.email_code import EmailCode
from accounts.models.privacy import AccountDeletion, DataExport, RetiredUsername
from accounts.models.profile import LinkFollowed, MemberTopic, ProfileLink, Topic
from accounts.models.relations import Follow, Introduction, Mute
from accounts.models.user import (
    AVATAR_TONES,
    MADE_OF_OTHERS,
    SOURCES_OF_OTHERS,
    User,
    get_display_name,
    permissions_to_edit,
    permissions_to_moderate,
)

__all__ = [
    "AVATAR_TONES",
    "MADE_OF_OTHERS",
    "SOURCES_OF_OTHERS",
    "AccountDeletion",
    "CalendarAddress",
    "ChosenPicture",
    "CodeTry",
    "DataExport",
    "EmailCode",
    "Follow",
    "Introduction",
    "LinkFollowed",
    "MemberTopic",
    "Mute",
    "ProfileLink",
    "RetiredUsername",
    "Topic",
    "User",
    "get_display_name",
    "permissions_to_edit",
    "permissions_to_moderate",
]
