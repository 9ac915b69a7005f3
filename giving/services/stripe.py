"""What Stripe tells of payments, signed (https://docs.stripe.com/webhooks#verify-manually)."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.utils.text import one_line
from giving.models import LARGEST, Gift

# Older messages are somebody's copy (seconds; what Stripe's own libraries allow).
TOLERANCE = 300
# Amounts in these have no smaller unit (https://docs.stripe.com/currencies#zero-decimal).
WITHOUT_CENTS = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "JPY",
        "KMF",
        "KRW",
        "MGA",
        "PYG",
        "RWF",
        "UGX",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
# The key of the custom field of a payment page in which people say how they want to be thanked.
THANKS_FIELD = "thanks"


class BadMessage(Exception):
    """Not signed by Stripe, too old, or not readable."""


def read_message(body: bytes, signature: str, secret: str) -> dict[str, Any]:
    """The event in a message. Raises BadMessage."""
    said = [part.partition("=") for part in signature.split(",")]
    times = [value for key, _equals, value in said if key.strip() == "t"]
    if (
        not secret
        or len(times) != 1
        or not (times[0].isascii() and times[0].isdigit() and len(times[0]) < 13)
    ):
        raise BadMessage
    wanted = hmac.new(secret.encode(), times[0].encode() + b"." + body, hashlib.sha256).hexdigest()
    is_signed = any(
        hmac.compare_digest(wanted.encode(), value.encode()) for key, _equals, value in said if key == "v1"
    )
    if not is_signed or abs(time.time() - int(times[0])) > TOLERANCE:
        raise BadMessage
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        raise BadMessage from None
    if not isinstance(event, dict) or not isinstance(event.get("data"), dict):
        raise BadMessage
    return event


def book(event: dict[str, Any]) -> None:
    """Book a payment or what was refunded of it. The same payment is booked once, however often Stripe tells of it."""
    thing = event["data"].get("object")
    if not isinstance(thing, dict):
        return
    match event.get("type"):
        case "checkout.session.completed" if thing.get("payment_status") == "paid" and not thing.get(
            "subscription"
        ):
            _book(
                thing.get("payment_intent") or thing.get("id"), thing, "amount_total", _wanted_thanks(thing)
            )
        case "invoice.paid":
            # The payment of an invoice is told in several ways, by the age of Stripe's interface; the invoice is always there.
            _book(thing.get("id"), thing, "amount_paid")
        case "charge.refunded":
            _refund(thing)


def _book(reference: Any, thing: dict[str, Any], field: str, thank_as: str = "") -> None:
    currency, amount = _currency(thing), _amount(thing, field)
    if (
        not isinstance(reference, str)
        or not 0 < len(reference) <= 255
        or not currency
        or not 0 < amount <= LARGEST
    ):
        return
    values = {"amount": amount, "currency": currency, "thank_as": thank_as, "is_thanked": False}
    Gift.objects.get_or_create(reference=reference, defaults=values | {"received_on": timezone.localdate()})


def _refund(charge: dict[str, Any]) -> None:
    references = [value for key in ("payment_intent", "invoice") if isinstance(value := charge.get(key), str)]
    with transaction.atomic():
        gift = Gift.objects.select_for_update().filter(reference__in=references).first()
        if gift is not None and _currency(charge) == gift.currency:
            gift.refunded = min(max(_amount(charge, "amount_refunded"), gift.refunded), gift.amount)
            gift.save(update_fields=["refunded"])


def _currency(thing: dict[str, Any]) -> str:
    code = thing.get("currency")
    return (
        code.upper() if isinstance(code, str) and len(code) == 3 and code.isascii() and code.isalpha() else ""
    )


def _amount(thing: dict[str, Any], field: str) -> Decimal:
    number = thing.get(field)
    if not isinstance(number, int) or isinstance(number, bool):
        return Decimal(0)
    return Decimal(number) if _currency(thing) in WITHOUT_CENTS else Decimal(number) / 100


def _wanted_thanks(session: dict[str, Any]) -> str:
    for name in _texts(session.get("custom_fields")):
        return one_line("".join(char if char.isprintable() else " " for char in name))[:80]
    return ""


def _texts(fields: Any) -> Iterator[str]:
    for field in fields if isinstance(fields, list) else ():
        if (
            isinstance(field, dict)
            and field.get("key") == THANKS_FIELD
            and isinstance(field.get("text"), dict)
        ):
            value = field["text"].get("value")
            if isinstance(value, str):
                yield value
