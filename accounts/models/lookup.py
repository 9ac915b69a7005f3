"""Finds mentioned members by their names."""

from accounts.models import User
from core.markup.comments import Mentioned


def find_members(usernames: list[str]) -> dict[str, Mentioned]:
    """Which of these usernames are members (core.markup.comments.MemberFinder). The name of a hidden profile is not shown."""
    members = User.objects.public().filter(username__in=usernames)
    return {
        member.username: Mentioned(
            member.get_absolute_url(), "" if member.profile_hidden else member.display_name
        )
        for member in members.only("username", "display_name", "profile_hidden")
    }
