"""Finds mentioned members by their names."""

from accounts.models import User


def find_members(usernames: list[str]) -> dict[str, str]:
    """Which of these names are members, with the address of their profile (core.markup.comments.FindMembers)."""
    members = User.objects.public().filter(username__in=usernames).only("username")
    return {member.username: member.get_absolute_url() for member in members}
