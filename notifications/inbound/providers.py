"""Bounces and complaints that a mail provider reports by a request of its own (community/mail_provider.py)."""

import re
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason, tracking
from django.dispatch import receiver
from django.utils import timezone

from notifications.email.delivery import is_known_address
from notifications.models import EmailSuppression, OutgoingEmail
from notifications.services.notify import suppress_email

# Reasons that are about the address. Others ("blocked", "spam") are about us: the reader may be written to again.
ABOUT_READER = {RejectReason.INVALID, RejectReason.BOUNCED}


# What providers call bounces that may pass, in whichever of these fields.
PASSING = re.compile(r"soft|transient|temporary", re.IGNORECASE)
FIELDS = ("Type", "bounceType", "severity", "type", "event")


@receiver(tracking)
def note_report(event: AnymailTrackingEvent, esp_name: str = "", **_kwargs: Any) -> None:
    """The request was authenticated by its secret; all the same only addresses count that this site writes to."""
    address = (event.recipient or "").strip().lower()
    if not address or not is_known_address(address):
        return
    detail = (event.mta_response or event.description or "")[:300]
    if event.event_type == EventType.COMPLAINED:
        suppress_email(address, EmailSuppression.Cause.COMPLAINT, esp_name)
    elif (
        event.event_type == EventType.BOUNCED
        and event.reject_reason in ABOUT_READER
        and not may_pass(event.esp_event)
    ):
        suppress_email(address, EmailSuppression.Cause.BOUNCE, detail)
    if event.event_type in {EventType.BOUNCED, EventType.REJECTED} and event.message_id:
        OutgoingEmail.objects.filter(message_id=f"<{event.message_id.strip('<>').lower()}>").update(
            came_back_at=timezone.now(), failure=detail
        )


def may_pass(said: Any) -> bool:
    """Whether a report is of a full mailbox or the like. django-anymail says so of some providers only."""
    if not isinstance(said, dict):
        return False
    parts = [said, *(part for part in said.values() if isinstance(part, dict))]
    return any(PASSING.search(str(part.get(name, ""))) for part in parts for name in FIELDS)
