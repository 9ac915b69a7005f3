"""Who needs two-step verification (docs/decisions/0022)."""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from accounts.models import User

# Session key: the page that was requested before two-step verification.
RETURN_TO = "return_to"
MFA_METHODS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def needs_mfa(user: User | AnonymousUser) -> bool:
    """Whether this is a host, staff, an editor or a moderator. False for visitors."""
    if not settings.REQUIRE_SECOND_STEP or not isinstance(user, User):
        return False
    has_tools = user.is_staff or user.is_moderator or user.uses_admin
    return has_tools and not is_demo_account(user)


def has_mfa(user: User) -> bool:
    """Whether the member has an authenticator app or a security key. Recovery codes alone do not count."""
    return Authenticator.objects.filter(user=user, type__in=MFA_METHODS).exists()


def lacks_mfa(user: User | AnonymousUser) -> bool:
    """Whether this user must set up two-step verification before anything else. False for visitors."""
    return needs_mfa(user) and isinstance(user, User) and not has_mfa(user)


def is_demo_account(user: User) -> bool:
    """Whether this account was made by `manage.py demo`, which prints its password.

    No one else can confirm such an address.
    """
    return user.email.endswith(f"@{settings.DEMO_MAIL_DOMAIN}")
