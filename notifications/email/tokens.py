"""Signed tokens in email links, which identify a member without signing in.

They are bound to the member and the type of email, not to an address, and don't expire.
"""

import base64
import re
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import base36_to_int, int_to_base36

from core.utils.urls import absolute_url
from notifications.models import TYPES, NotificationType

GUEST = "guest"
SUBSCRIBER = "subscriber"
DAY_SECONDS = 86_400


class Grant(NamedTuple):
    """What the holder may do: change how `member` is notified by `kind`, and of comments on `post` (0: none).

    For an email about several types `kind` contains all of them: "answers+talks". For subscribers: change or
    end the subscription, where `member` is their key, and `post` that of the mailing with the link.
    """

    member: int
    kind: str
    post: int = 0

    @property
    def types(self) -> list[NotificationType]:
        """Empty for a guest or a subscriber, who have no preferences."""
        return [TYPES[key] for key in self.kind.split("+")] if self.kind not in {GUEST, SUBSCRIBER} else []


def _signer(purpose: str) -> Signer:
    return Signer(salt=f"notifications.{purpose}", sep=".")


def make_token(grant: Grant) -> str:
    return _signer("unsubscribe").sign_object(list(grant))


def read_token(token: str) -> Grant | None:
    """Parse the result of make_token. None if it is forged, or of a type that no longer exists."""
    try:
        grant = Grant(*_signer("unsubscribe").unsign_object(token))
    except (BadSignature, TypeError, ValueError):
        return None
    return (
        grant
        if grant.kind in {GUEST, SUBSCRIBER} or set(str(grant.kind).split("+")) <= TYPES.keys()
        else None
    )


def unsubscribe_url(grant: Grant) -> str:
    return absolute_url(reverse("notifications:unsubscribe", args=[make_token(grant)]))


def make_guest_token(email: str, language: str = "") -> str:
    """For the email that asks a guest to confirm their request (GuestConsent). language: of the request."""
    return _signer("guest").sign_object([email, language])


def read_guest_token(token: str) -> tuple[str, str] | None:
    """The address, and the language of the request."""
    try:
        signed = _signer("guest").unsign_object(token)
    except (BadSignature, TypeError, ValueError):
        return None
    match signed:
        case [str(email), str(language)]:
            return email, language
        case str(email):  # tokens made before languages were added
            return email, ""
    return None


# --- reply addresses -----------------------------------------------


class ReplyGrant(NamedTuple):
    """Who may reply to what by email: a comment, a post, or neither (an email about several items)."""

    member: int
    comment: int = 0
    post: int = 0


def _reply_signature(words: str, secret: str) -> str:
    """96 bits, in characters that survive a conversion to lowercase by a mail server."""
    digest = salted_hmac("notifications.reply", words, secret=secret, algorithm="sha256").digest()
    return base64.b32encode(digest[:12]).decode().rstrip("=").lower()


def reply_address(grant: ReplyGrant) -> str:
    """The address in Reply-To: the mailbox of REPLY_ADDRESS, with a signed part after a plus.

    "" if replies by email are off. The signed part contains the day on which it was made: it is valid for
    REPLY_DAYS (has_expired).
    """
    if not settings.REPLY_ADDRESS:
        return ""
    what = f"c{int_to_base36(grant.comment)}" if grant.comment else f"p{int_to_base36(grant.post)}"
    words = f"{what}-{int_to_base36(grant.member)}-{int_to_base36(_today())}"
    mailbox, _at, domain = settings.REPLY_ADDRESS.partition("@")
    return f"{mailbox}+{words}-{_reply_signature(words, settings.SECRET_KEY)}@{domain}"


def _today() -> int:
    return int(timezone.now().timestamp() // DAY_SECONDS)


@lru_cache(maxsize=4)
def _reply_pattern(address: str) -> re.Pattern[str]:
    mailbox, _at, domain = address.partition("@")
    signed = r"(([cp])([0-9a-z]{1,12})-([0-9a-z]{1,12})(?:-([0-9a-z]{1,5}))?)-([2-7a-z]{20})"
    return re.compile(rf"{re.escape(mailbox)}\+{signed}@{re.escape(domain)}", re.IGNORECASE)


def find_reply_grant(recipients: str) -> ReplyGrant | None:
    """The first address among the recipients that we signed, or None."""
    found = _find_signed(recipients)
    return found[0] if found else None


def has_expired(recipients: str, sent_before: datetime | None = None) -> bool:
    """Whether the address that find_reply_grant reads is older than REPLY_DAYS.

    sent_before: the publication time of its subject, for addresses from older versions, which contain no day.
    """
    found = _find_signed(recipients)
    if found is None:
        return True
    day = found[1] or (int(sent_before.timestamp() // DAY_SECONDS) if sent_before else 0)
    return _today() - day > settings.REPLY_DAYS


def _find_signed(recipients: str) -> tuple[ReplyGrant, int] | None:
    """The grant, and its day since 1970 (0: not in the address)."""
    if not settings.REPLY_ADDRESS:
        return None
    for found in _reply_pattern(settings.REPLY_ADDRESS).finditer(recipients):
        words, kind, number, member, day, signature = ((part or "").lower() for part in found.groups())
        if any(
            constant_time_compare(signature, _reply_signature(words, str(secret)))
            for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        ):
            pk = base36_to_int(number)
            grant = ReplyGrant(base36_to_int(member), pk if kind == "c" else 0, pk if kind == "p" else 0)
            return grant, base36_to_int(day) if day else 0
    return None
