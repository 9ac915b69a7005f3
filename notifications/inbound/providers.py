"""Bounces and complaints that a mail provider reports by webhook (community/mail_provider.py)."""

import re
from collections.abc import Iterator
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason, tracking
from django.dispatch import receiver
from django.utils import timezone

from notifications.email.delivery import is_known_address
from notifications.models import EmailSuppression, OutgoingEmail
from notifications.services.suppression import suppress_email

# Reasons that are about the address; SendGrid gives none. Others ("blocked", "spam") are about us, and
# suppress nothing.
ABOUT_READER = {RejectReason.INVALID, RejectReason.BOUNCED, None}

# Providers' names of bounces that are temporary or about us, in any of these fields.
PASSING = re.compile(r"soft|transient|temporary|undetermined|block", re.IGNORECASE)
FIELDS = ("Type", "bounceType", "severity", "type", "event")
# SparkPost's numbers: https://support.sparkpost.com/docs/deliverability/bounce-classification-codes
PASSING_CLASSES = {"20", "21", "22", "23", "24", "40", "70"}
DEEPEST = 4


@receiver(tracking)
def note_report(event: AnymailTrackingEvent, esp_name: str = "", **_kwargs: Any) -> None:
    """Process a report. It was authenticated by its secret, but only addresses that this site knows count."""
    address = (event.recipient or "").strip().lower()
    if not address or not is_known_address(address):
        return
    detail = (event.mta_response or event.description or "")[:300]
    if event.event_type == EventType.COMPLAINED:
        suppress_email(address, EmailSuppression.Cause.COMPLAINT, esp_name)
    elif _is_for_good(event):
        suppress_email(address, EmailSuppression.Cause.BOUNCE, detail)
    if event.event_type in {EventType.BOUNCED, EventType.REJECTED} and event.message_id:
        OutgoingEmail.objects.filter(message_id=f"<{event.message_id.strip('<>').lower()}>").update(
            came_back_at=timezone.now(), failure=detail
        )


def _is_for_good(event: AnymailTrackingEvent) -> bool:
    """Whether the address permanently fails."""
    if event.event_type == EventType.FAILED:  # Postal's name for an immediate refusal
        return any(part.get("status") == "HardFail" for part in _parts(event.esp_event))
    return (
        event.event_type == EventType.BOUNCED
        and event.reject_reason in ABOUT_READER
        and not may_pass(event.esp_event)
    )


def may_pass(value: Any) -> bool:
    """Whether a report is temporary, such as of a full mailbox.

    django-anymail only knows it for some providers.
    """
    return any(
        any(PASSING.search(str(part.get(name, ""))) for name in FIELDS)
        or part.get("hard_bounce") is False
        or str(part.get("bounce_class")) in PASSING_CLASSES
        for part in _parts(value)
    )


def _parts(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The report and its nested objects."""
    if isinstance(value, dict) and depth < DEEPEST:
        yield value
        for part in value.values():
            yield from _parts(part, depth + 1)
