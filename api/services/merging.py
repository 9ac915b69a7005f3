"""Merging accounts: the API tokens (accounts/services/merging.py)."""

from accounts.models import User
from api.models import Token


def drop_tokens(_kept: User, other: User) -> None:
    """A key to one account must not give access to the other."""
    Token.objects.filter(member=other).delete()
