"""Bounces and complaints that a mail provider reports by a request of its own (community/mail_provider.py)."""

import re
from collections.abc import Iterator
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason, tracking
from django.dispatch import receiver
from django.utils import timezone

from notifications.email.delivery import is_known_address
from notifications.models import EmailSuppression, OutgoingEmail
from notifications.services.suppression import suppress_email

# Reasons that are about the address; SendGrid gives none. Others ("blocked", "spam") are about us: the reader may be written to again.
ABOUT_READER = {RejectReason.INVALID, RejectReason.BOUNCED, None}

# What providers call bounces that may pass, or are about us, in whichever of these fields.
PASSING = re.compile(r"soft|transient|temporary|undetermined|block", re.IGNORECASE)
FIELDS = ("Type", "bounceType", "severity", "type", "event")
# SparkPost says it by a number: https://support.sparkpost.com/docs/deliverability/bounce-classification-codes
PASSING_CLASSES = {"20", "21", "22", "23", "24", "40", "70"}
DEEPEST = 4


@receiver(tracking)
def note_report(event: AnymailTrackingEvent, esp_name: str = "", **_kwargs: Any) -> None:
    """The request was authenticated by its secret; all the same only addresses count that this site writes to."""
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
    """Whether the address does not work, and will not tomorrow."""
    if event.event_type == EventType.FAILED:  # Postal's word for what was refused at once
        return any(part.get("status") == "HardFail" for part in _parts(event.esp_event))
    return (
        event.event_type == EventType.BOUNCED
        and event.reject_reason in ABOUT_READER
        and not may_pass(event.esp_event)
    )


def may_pass(said: Any) -> bool:
    """Whether a report is of a full mailbox or the like. django-anymail says so of some providers only."""
    return any(
        any(PASSING.search(str(part.get(name, ""))) for name in FIELDS)
        or part.get("hard_bounce") is False
        or str(part.get("bounce_class")) in PASSING_CLASSES
        for part in _parts(said)
    )


def _parts(said: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The report and what is in it."""
    if isinstance(said, dict) and depth < DEEPEST:
        yield said
        for part in said.values():
            yield from _parts(part, depth + 1)
