"""Authentication backends: by name and password, and by session."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.userkit import filter_users_by_email, get_user_by_username
from django.db.models import Exists, OuterRef
from django.http import HttpRequest

from accounts.models import User, permissions_to_edit, permissions_to_moderate
from core.prepared import A_NUMBER, Prepared

# With the permissions that make a moderator and an editor, because every page needs them.
_member: Prepared[User] = Prepared(
    lambda key: User.objects.filter(pk=key).annotate(
        has_moderators_right=Exists(permissions_to_moderate(OuterRef("pk"))),
        has_editors_right=Exists(permissions_to_edit(OuterRef("pk"))),
    ),
    key=A_NUMBER,
)


class MemberBackend(AuthenticationBackend):
    """allauth's backend, with exactly one password hash per attempt.

    The signed-in member is read on every request, so that query is prepared.
    """

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        """Check the password of one candidate.

        allauth tries each spelling of a name and hashes for each; the timing would reveal who is a member
        (OWASP ASVS 2.2.1). Without a candidate, allauth computes one dummy hash.
        """
        name = credentials.get("username") or credentials.get("email") or ""
        member: User | None = self._check_password(_find_member(name), credentials.get("password") or "")
        return member

    def get_user(self, user_id: int) -> User | None:
        member = _member.first(key=user_id)
        if member is None or not self.user_can_authenticate(member):
            return None
        member.is_moderator = member.may_write and (
            member.is_superuser or bool(vars(member).pop("has_moderators_right"))
        )
        is_editor = bool(vars(member).pop("has_editors_right"))
        member.uses_admin = member.is_active and (member.is_staff or member.is_superuser or is_editor)
        return member


def _find_member(name: str) -> User | None:
    """The member with this username or address.

    For an address, a confirmed one comes first, then the member who signed in last. A username contains no @.
    """
    if "@" not in name:
        return get_user_by_username(name)
    found: list[User] = filter_users_by_email(name, prefer_verified=True, for_login=True)
    return max(
        found,
        key=lambda user: (user.last_login is not None, user.last_login or user.date_joined, user.pk),
        default=None,
    )
