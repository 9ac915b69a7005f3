"""Finds mentioned members by their names."""

from accounts.models import User
from core.markup.comments import Mentioned


def find_members(usernames: list[str]) -> dict[str, Mentioned]:
    """Which of these usernames are members (core.markup.comments.MemberFinder)."""
    members = User.objects.public().filter(username__in=usernames).only("username", "display_name")
    return {member.username: Mentioned(member.get_absolute_url(), member.display_name) for member in members}
