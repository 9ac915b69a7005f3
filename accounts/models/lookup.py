"""Finds mentioned members by their names."""

from django.db.models import Q

from accounts.models import User
from core.markup.comments import Mentioned


def find_members(usernames: list[str]) -> dict[str, Mentioned]:
    """Which of these usernames are members (core.markup.comments.MemberFinder). The name of a hidden profile is not shown.

    The name of an account that was merged into another leads there.
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
