"""Bot detection in forms: a signed timestamp and a honeypot field.

Nothing is refused here. A missing token or a fast submission is one signal among others.
"""

import ipaddress
from typing import NamedTuple

from django.core.signing import BadSignature, TimestampSigner, b62_decode
from django.utils.crypto import salted_hmac

from comments.models.submission import Submission

SEAL_FIELD = "seal"
# Not "website" or similar, which password managers fill in.
HONEYPOT_FIELD = "place_at_table"
SEAL_HOURS = 24
# Signed with the time: whether the form was prefilled. Then a fast submission means nothing.
EMPTY, FILLED = "empty", "filled"

_signer = TimestampSigner(salt="moderation.guard")


class Sent(NamedTuple):
    """How a form was sent.

    seconds: since it was opened, None if that says nothing. fault: "", "missing", "forged", "old".
    """

    seconds: float | None
    fault: str
    honeypot: str


NOT_SENT = Sent(None, "", "")


def make_seal(is_filled: bool) -> str:
    return _signer.sign(FILLED if is_filled else EMPTY)


def read_seal(submission: Submission) -> Sent:
    honeypot = submission.fields.get(HONEYPOT_FIELD, "")[:200]
    seal = submission.fields.get(SEAL_FIELD, "")
    if not seal:
        return Sent(None, "missing", honeypot)
    try:
        what = _signer.unsign(seal)
        age = submission.at - _made_at(seal)
    except (BadSignature, ValueError, OverflowError):
        return Sent(None, "forged", honeypot)
    if age > SEAL_HOURS * 3600:
        return Sent(age, "old", honeypot)
    return Sent(age if what == EMPTY else None, "", honeypot)


def _made_at(seal: str) -> float:
    """When a token was made, as Unix time.

    It is the part before the last colon, in base 62 (django.core.signing).
    """
    return b62_decode(seal.rpartition(":")[0].rpartition(":")[2])


def is_baited(submission: Submission) -> bool:
    """Whether the hidden field was filled in (for settings.VISITOR_CHECKS)."""
    return bool(submission.fields.get(HONEYPOT_FIELD))


def network_of(address: str) -> str:
    """A keyed hash of the address's network (IPv4 /24, IPv6 /56); "" for no address and for local ones.

    Behind a proxy that TRUSTED_PROXY_COUNT does not count all addresses are local, so nothing is concluded.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if not ip.is_global:
        return ""
    block = ipaddress.ip_network((ip, 24 if ip.version == 4 else 56), strict=False)
    return salted_hmac("moderation.guard.network", str(block), algorithm="sha256").hexdigest()[:32]
