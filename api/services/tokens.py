"""Creating, finding and deleting tokens of members."""

from collections.abc import Iterable
from datetime import date

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services.mfa import lacks_mfa
from api.models import PREFIX, SHOWN_CHARACTERS, Scope, Token, hash_of, make_key
from core.utils.locks import lock_row
from core.utils.writer_slots import unless_locked


def scopes_for(member: User) -> list[Scope]:
    """The scopes that a member's token can have: no more than they can do themselves."""
    scopes = [Scope.READ, Scope.WRITE]
    if lacks_mfa(member):
        return scopes
    if member.is_moderator:
        scopes.append(Scope.MODERATE)
    if writes_posts(member):
        scopes.append(Scope.HOST)
    return scopes


def writes_posts(member: User) -> bool:
    """Whether a token of this member may be allowed to write posts."""
    return member.is_active and member.is_staff and member.has_perm("posts.change_post")


def make_token(
    member: User, *, name: str, scopes: Iterable[str], ends_on: date | None, request: HttpRequest
) -> tuple[Token, str]:
    """A new token, and its key, which is not stored. The member is notified by email.

    Raises ValidationError (codes "too_many", "same_name").
    """
    key, wanted = make_key(), {*scopes}
    with transaction.atomic():
        lock_row(User.objects, member.pk)
        own = Token.objects.filter(member=member)
        if own.filter(name=name).exists():
            raise ValidationError(
                _("You already have a token with this name. Choose another name."), code="same_name"
            )
        if own.count() >= settings.API_TOKENS_MAX:
            raise ValidationError(
                _("You can have up to %(limit)d tokens. Delete one first."),
                code="too_many",
                params={"limit": settings.API_TOKENS_MAX},
            )
        token = Token.objects.create(
            member=member,
            name=name,
            key_hash=hash_of(key),
            begins_with=key[: len(PREFIX) + SHOWN_CHARACTERS],
            may_write=Scope.WRITE in wanted,
            may_moderate=Scope.MODERATE in wanted,
            may_host=Scope.HOST in wanted,
            ends_on=ends_on,
        )
        get_adapter(request).send_notification_mail("api/email/token_made", member, {"token": token})
    return token, key


def find_token(key: str) -> Token | None:
    """The valid token of a key, with its member, or None."""
    if not key.startswith(PREFIX):
        return None
    return Token.objects.working().select_related("member").filter(key_hash=hash_of(key)).first()


def note_use(token: Token) -> None:
    """Store the date, once a day, unless the database is locked."""
    today = timezone.localdate()
    if token.is_used_on(today):
        return
    with unless_locked():
        Token.objects.filter(pk=token.pk).update(last_used_on=today)


def end_token(token: Token) -> None:
    """Revoke a token at once: requests with it are refused from now on."""
    token.delete()


def end_tokens(member: User) -> int:
    """Delete all of a member's tokens. Returns how many there were."""
    ended, _by_model = Token.objects.filter(member=member).delete()
    return ended
