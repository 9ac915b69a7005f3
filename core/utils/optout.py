"""Kinds of email that readers can turn off with one click, without signing in (RFC 8058).

Apps register their kinds here; `/unsubscribe/<token>/` (notifications.views) serves all of them. Each kind
signs its links with a purpose of its own, so a link for one can't turn off another. Links don't expire.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from core.utils.urls import absolute_url


@dataclass(frozen=True)
class OptOut:
    """A kind of email. `is_on` and `turn` read and write the setting of a member, given by primary key.

    is_known: whether there is such a reader, for readers who are not members.
    """

    purpose: str
    label: Any  # lazy text: what is turned off
    is_on: Callable[[int], bool]
    turn: Callable[[int, bool], None]
    is_known: Callable[[int], bool] | None = None

    def url(self, member_pk: int) -> str:
        token = f"{self.purpose}.{_signer(self.purpose).sign_object(member_pk)}"
        return absolute_url(reverse("notifications:unsubscribe", args=[token]))

    def headers(self, member_pk: int) -> dict[str, str]:
        return one_click_headers(self.url(member_pk))


OPT_OUTS: dict[str, OptOut] = {}


def register(opt_out: OptOut) -> OptOut:
    OPT_OUTS[opt_out.purpose] = opt_out
    return opt_out


def one_click_headers(url: str) -> dict[str, str]:
    """Headers with which mail programs show an "Unsubscribe" button that works at once."""
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _signer(purpose: str) -> Signer:
    return Signer(salt=f"core.optout.{purpose}", sep=".")


def read_token(token: str) -> tuple[OptOut, int] | None:
    """The kind of email and its reader, or None if we didn't sign it."""
    purpose, _dot, signed = token.partition(".")
    opt_out = OPT_OUTS.get(purpose)
    if opt_out is None:
        return None
    try:
        member_pk = _signer(purpose).unsign_object(signed)
    except (BadSignature, TypeError, ValueError):
        return None
    return (opt_out, member_pk) if isinstance(member_pk, int) else None
