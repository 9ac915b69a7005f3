"""API tokens of an account that becomes part of another (accounts/services/merging.py)."""

from accounts.models import User
from api.models import Token


def drop_tokens(_kept: User, other: User) -> None:
    """A key that was given for the one account does not open the other."""
    Token.objects.filter(member=other).delete()
