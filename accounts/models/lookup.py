"""Members found by the names that comments call them by."""

from accounts.models import User


def find_members(usernames: list[str]) -> dict[str, str]:
    """Which of these names are members now, with the address of their page (core.markup.comments.FindMembers)."""
    members = User.objects.public().filter(username__in=usernames).only("username")
    return {member.username: member.get_absolute_url() for member in members}
