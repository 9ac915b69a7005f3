"""How a session becomes a member again."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User
from core.prepared import A_NUMBER, Prepared

_member: Prepared[User] = Prepared(lambda key: User.objects.filter(pk=key), key=A_NUMBER)


class MemberBackend(AuthenticationBackend):
    """Signs in as allauth's does. Who is signed in is asked on every request, so that query is prepared."""

    def get_user(self, user_id: int) -> User | None:
        member = _member.first(key=user_id)
        return member if member is not None and self.user_can_authenticate(member) else None
