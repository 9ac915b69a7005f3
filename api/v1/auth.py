"""Authentication: a visitor, or a member by a token. Cookies are ignored (api/middleware.py)."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from accounts.models import User
from accounts.services.mfa import lacks_mfa
from accounts.views.access import MemberRequest
from api.models import Scope, Token
from api.services.tokens import find_token, note_use, writes_posts
from api.v1.problems import Problem
from comments.models.submission import Submission
from core.utils.ratelimit import check_hits, sender_key
from core.utils.writer_slots import unless_locked


class ApiRequest(MemberRequest):
    """A request with a token. For annotations only."""

    api_token: Token


class OptionalToken(HttpBearer):
    """Visitors, with a limit per address; with a token, its member."""

    scope = ""

    def __call__(self, request: HttpRequest) -> Any:
        request.user = AnonymousUser()
        header = request.headers.get("Authorization", "")
        if not header and not self.scope:
            count_request("visitor", sender_key(Submission.of(request).address))
            return request.user
        scheme, _space, key = header.partition(" ")
        token = find_token(key.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            count_request("visitor", sender_key(Submission.of(request).address))
            raise no_token(is_wrong=bool(header))
        count_request("token", token.pk)
        request.user = token.member
        request.api_token = token  # type: ignore[attr-defined]  # ApiRequest has it
        check_scope(token, token.member, self.scope)
        note_use(token)
        return token

    def authenticate(self, request: HttpRequest, token: str) -> None:
        """Not used: __call__ does everything."""


class Reading(OptionalToken):
    scope = Scope.READ.value


class Writing(OptionalToken):
    scope = Scope.WRITE.value


class Moderating(OptionalToken):
    scope = Scope.MODERATE.value


class Hosting(OptionalToken):
    scope = Scope.HOST.value


def count_request(kind: str, who: int | str) -> None:
    """Raises TooFast. Not counted while the database is locked."""
    with unless_locked():
        check_hits(f"api-{kind}", who, settings.API_RATES[kind])


def no_token(*, is_wrong: bool) -> Problem:
    detail = (
        _("This token isn’t valid, or it has expired.")
        if is_wrong
        else _("This needs a token. Members can create one in their settings, under “API tokens”.")
    )
    challenge = 'Bearer realm="api"' + (', error="invalid_token"' if is_wrong else "")
    return Problem(HTTPStatus.UNAUTHORIZED, detail, code="no_token", headers={"WWW-Authenticate": challenge})


def check_scope(token: Token, member: User, scope: str) -> None:
    """Raises Problem if the token lacks the scope, or its owner has lost the role."""
    if scope and scope not in token.scopes:
        detail = _("This token can’t be used for this. It needs the scope “%(scope)s”.") % {"scope": scope}
        raise Problem(HTTPStatus.FORBIDDEN, detail, code="scope")
    is_lost = (scope == Scope.MODERATE and not member.is_moderator) or (
        scope == Scope.HOST and not writes_posts(member)
    )
    if is_lost:
        raise Problem(HTTPStatus.FORBIDDEN, _("You no longer have permission to do this."), code="role")
    if scope in {Scope.MODERATE, Scope.HOST} and lacks_mfa(member):
        detail = _("Set up two-step verification first.")
        raise Problem(HTTPStatus.FORBIDDEN, detail, code="two_step")


def has_scope(request: HttpRequest, scope: Scope) -> bool:
    """Whether the token has the scope, and its owner the role. For URLs that show more with it."""
    token: Token | None = getattr(request, "api_token", None)
    if token is None:
        return False
    try:
        check_scope(token, token.member, scope.value)
    except Problem:
        return False
    return True
