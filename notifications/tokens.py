"""The signed part of addresses in mails: whom a click is for, without signing in. Bound to the person and the kind of mail,
not to an address, and valid for as long as the mail is kept."""

from typing import NamedTuple

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from core.addresses import absolute_url
from notifications.models import Kind

GUEST = "guest"


class Grant(NamedTuple):
    """What the holder may do: change how `member` hears of `kind`, and of the talk `post` (0: of none)."""

    member: int
    kind: str
    post: int = 0


def _signer(purpose: str) -> Signer:
    return Signer(salt=f"notifications.{purpose}", sep=".")


def make_token(grant: Grant) -> str:
    return _signer("unsubscribe").sign_object(list(grant))


def read_token(token: str) -> Grant | None:
    """What make_token signed. None when it is forged, or of a kind there is no more."""
    try:
        grant = Grant(*_signer("unsubscribe").unsign_object(token))
    except (BadSignature, TypeError, ValueError):
        return None
    return grant if grant.kind in {*Kind.values, GUEST} else None


def unsubscribe_url(grant: Grant) -> str:
    return absolute_url(reverse("notifications:unsubscribe", args=[make_token(grant)]))


def make_guest_token(email: str) -> str:
    """For the mail that asks a guest whether it was they who asked (GuestConsent)."""
    return _signer("guest").sign_object(email)


def read_guest_token(token: str) -> str | None:
    try:
        email = _signer("guest").unsign_object(token)
    except (BadSignature, TypeError, ValueError):
        return None
    return email if isinstance(email, str) else None
