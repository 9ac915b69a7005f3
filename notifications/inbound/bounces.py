"""Bounces and spam complaints: reports of mail servers (RFC 3464, RFC 5965)."""

import re
from email import message_from_bytes, policy
from email.message import Message

from django.utils import timezone

from notifications.models import EmailSuppression, OutgoingEmail
from notifications.services.suppression import suppress_email

# The second is for addresses with non-ASCII characters (RFC 6533).
REPORTS = {"message/delivery-status", "message/global-delivery-status", "message/feedback-report"}
MESSAGE_ID = re.compile(rb"^message-id:\s*(<[^<>\s]{3,200}>)", re.IGNORECASE | re.MULTILINE)

# A report contains the Message-ID within this; the rest is the content of the original email.
LONGEST_REPORT = 1024 * 1024
MAX_NUMBERS = 100


def read_report(raw: bytes) -> str:
    """Process a delivery report that arrived by email. Returns "bounce", "complaint" or "" for anything else.

    Only reports about emails of ours count, identified by their Message-ID, which a forged report does not
    know. A temporary failure ("delayed", 4.x.x) is ignored.
    """
    raw = raw[:LONGEST_REPORT]
    numbers = {found.decode(errors="replace").lower() for found in MESSAGE_ID.findall(raw)[:MAX_NUMBERS]}
    email = OutgoingEmail.objects.filter(message_id__in=numbers).first()
    if email is None or not email.address or raw.count(b"\n--") > MAX_NUMBERS:
        return ""
    message = message_from_bytes(raw, policy=policy.default)
    parts = [part for part in message.walk() if part.get_content_type() in REPORTS]
    for part in parts:
        fields = _fields(part)
        if part.get_content_type() == "message/feedback-report" and fields.get(
            "feedback-type", ""
        ).lower() in {"abuse", "fraud", "not-spam", ""}:
            if fields.get("feedback-type", "").lower() == "not-spam":
                return ""
            suppress_email(email.address, EmailSuppression.Cause.COMPLAINT, fields.get("user-agent", ""))
            return EmailSuppression.Cause.COMPLAINT.value
        if fields.get("action", "").lower() == "failed" and fields.get("status", "").startswith("5."):
            OutgoingEmail.objects.filter(pk=email.pk).update(
                came_back_at=timezone.now(), failure=fields.get("diagnostic-code", fields["status"])[:300]
            )
            if not fields["status"].startswith("5.7."):  # blocked because of us, not because of the reader
                suppress_email(
                    email.address,
                    EmailSuppression.Cause.BOUNCE,
                    fields.get("diagnostic-code", fields["status"]),
                )
            return EmailSuppression.Cause.BOUNCE.value
    return ""


def _fields(part: Message) -> dict[str, str]:
    """All "Name: value" lines of a report part, the last of each name."""
    inner = part.get_payload()
    blocks = [block for block in inner if isinstance(block, Message)] if isinstance(inner, list) else [part]
    found: dict[str, str] = {}
    for block in blocks:
        lines = [(name, value) for name, value in block.items()] if block is not part else []
        text = block.get_payload() if not isinstance(block.get_payload(), list) else ""
        lines += [
            (name, value)
            for name, colon, value in (line.partition(":") for line in str(text).splitlines())
            if colon
        ]
        found |= {str(name).strip().lower(): " ".join(str(value).split()) for name, value in lines}
    return found
