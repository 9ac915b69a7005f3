"""Signed webhook events from Stripe (https://docs.stripe.com/webhooks#verify-manually)."""

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.utils.text import one_line
from giving.models import LARGEST, Gift, InvoicePayment

logger = logging.getLogger(__name__)

# In seconds, as in Stripe's own libraries. Older messages are replays.
TOLERANCE = 300
# Zero-decimal currencies (https://docs.stripe.com/currencies#zero-decimal).
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
# Three-decimal currencies (https://docs.stripe.com/currencies#three-decimal); the last digit is always 0.
IN_THOUSANDTHS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
# The key of the payment page's custom field for how people want to be thanked.
THANKS_FIELD = "thanks"


class BadMessage(Exception):
    """The message is not signed by Stripe, too old, or unreadable."""


def read_message(body: bytes, signature: str, secret: str) -> dict[str, Any]:
    """Verify and parse a message. Raises BadMessage."""
    pairs = [part.partition("=") for part in signature.split(",")]
    times = [value for key, _equals, value in pairs if key.strip() == "t"]
    if (
        not secret
        or len(times) != 1
        or not (times[0].isascii() and times[0].isdigit() and len(times[0]) < 13)
    ):
        raise BadMessage
    wanted = hmac.new(secret.encode(), times[0].encode() + b"." + body, hashlib.sha256).hexdigest()
    is_signed = any(
        hmac.compare_digest(wanted.encode(), value.encode()) for key, _equals, value in pairs if key == "v1"
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
    """Book a payment or a refund. Repeated events for the same payment are booked once."""
    stripe_object = event["data"].get("object")
    if not isinstance(stripe_object, dict):
        return
    match event.get("type"):
        case "checkout.session.completed" | "checkout.session.async_payment_succeeded":
            if _is_paid(stripe_object):
                reference = stripe_object.get("payment_intent") or stripe_object.get("id")
                _book(reference, stripe_object, "amount_total", _wanted_thanks(stripe_object))
        case "invoice.paid":
            _book(stripe_object.get("id"), stripe_object, "amount_paid")
            for payment in _payments(stripe_object):
                _note_payment(payment, stripe_object.get("id"))
        case "invoice_payment.paid":
            _note_payment(stripe_object, stripe_object.get("invoice"))
        case "charge.refunded":
            _refund(stripe_object)


def _is_paid(session: dict[str, Any]) -> bool:
    """Whether it is a payment to book. With an invoice, that has its own event.

    Bank transfers arrive days later.
    """
    has_invoice = session.get("invoice") or session.get("subscription")
    return session.get("payment_status") == "paid" and not has_invoice


def _book(reference: Any, stripe_object: dict[str, Any], field: str, thank_as: str = "") -> None:
    currency, amount = _currency(stripe_object), _amount(stripe_object, field)
    if not _is_key(reference) or not currency or not 0 < amount <= LARGEST:
        return
    values = {"amount": amount, "currency": currency, "thank_as": thank_as, "is_thanked": False}
    Gift.objects.get_or_create(reference=reference, defaults=values | {"received_on": timezone.localdate()})


def _payments(invoice: dict[str, Any]) -> list[Any]:
    """The payments in an invoice, if they were expanded; otherwise each has its own event."""
    payments = invoice.get("payments")
    found = payments.get("data") if isinstance(payments, dict) else None
    return found if isinstance(found, list) else []


def _note_payment(invoice_payment: Any, invoice: Any) -> None:
    """invoice_payment: https://docs.stripe.com/api/invoice-payment/object."""
    payment = invoice_payment.get("payment") if isinstance(invoice_payment, dict) else None
    intent = payment.get("payment_intent") if isinstance(payment, dict) else None
    if _is_key(intent) and _is_key(invoice):
        InvoicePayment.objects.get_or_create(payment_intent=intent, defaults={"invoice": invoice})


def _refund(charge: dict[str, Any]) -> None:
    """A refund of a payment or an invoice.

    Older API versions name the invoice, newer ones the payment only.
    """
    references = [value for key in ("payment_intent", "invoice") if _is_key(value := charge.get(key))]
    paid = InvoicePayment.objects.filter(payment_intent__in=references).values("invoice")
    with transaction.atomic():
        gifts = Gift.objects.select_for_update().filter(currency=_currency(charge))
        gift = gifts.filter(Q(reference__in=references) | Q(reference__in=paid)).first()
        if gift is None:
            logger.warning("Stripe refunded charge %r, which matches no gift.", charge.get("id"))
            return
        gift.refunded = min(max(_amount(charge, "amount_refunded"), gift.refunded), gift.amount)
        gift.save(update_fields=["refunded"])


def _is_key(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 255


def _currency(stripe_object: dict[str, Any]) -> str:
    code = stripe_object.get("currency")
    return (
        code.upper() if isinstance(code, str) and len(code) == 3 and code.isascii() and code.isalpha() else ""
    )


def _amount(stripe_object: dict[str, Any], field: str) -> Decimal:
    number = stripe_object.get(field)
    if not isinstance(number, int) or isinstance(number, bool):
        return Decimal(0)
    currency = _currency(stripe_object)
    if currency in WITHOUT_CENTS:
        return Decimal(number)
    return Decimal(number) / (1000 if currency in IN_THOUSANDTHS else 100)


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
