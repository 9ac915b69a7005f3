"""Finding mentioned members by username."""

from django.db.models import Q

from accounts.models import User
from core.markup.comments import Mentioned


def find_members(usernames: list[str]) -> dict[str, Mentioned]:
    """The members among these usernames (core.markup.comments.MemberFinder).

    The display name of a hidden profile is left out. A username that was merged into another account finds
    that account.
    """
    columns = ("username", "display_name", "profile_hidden", "is_active")
    found = User.objects.filter(Q(is_active=True) | Q(merged_into__is_active=True), username__in=usernames)
    rows = found.select_related("merged_into").only(*columns, *(f"merged_into__{name}" for name in columns))
    people = {row.username: row if row.is_active else row.merged_into for row in rows}
    return {
        typed: Mentioned(
            member.get_absolute_url(), "" if member.profile_hidden else member.display_name, member.username
        )
        for typed, member in people.items()
        if member is not None
    }
