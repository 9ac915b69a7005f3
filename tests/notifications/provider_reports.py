"""Mail providers' webhooks about kay@example.org, shortened from their documentation; and their signatures."""

import hashlib
import hmac
import json
from base64 import b64encode
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

KAY = "kay@example.org"
KEY = "the key of the provider"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())


def public(key: Any) -> str:
    """Return the key as the providers show it: without the first and the last line."""
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return "\n".join(pem.decode().strip().splitlines()[1:-1])


KEYS = {"mailersend": KEY, "mailgun": KEY, "mandrill": KEY, "postal": public(RSA), "sendgrid": public(EC)}


def _ses(kind: str, **said: Any) -> dict[str, Any]:
    message = {"notificationType": kind, kind.lower(): said, "mail": {"messageId": "m", "destination": [KAY]}}
    return {"Type": "Notification", "MessageId": "n", "Message": json.dumps(message), "Timestamp": "2026-11-29T20:00:00.000Z"}  # fmt: skip


def _ses_bounce(kind: str) -> dict[str, Any]:
    recipients = [{"emailAddress": KAY, "action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}]  # fmt: skip
    return _ses("Bounce", bounceType=kind, bounceSubType="General", bouncedRecipients=recipients)


def _mailersend(kind: str, **morph: str) -> dict[str, Any]:
    email = {"message": {"id": "m"}, "recipient": {"object": "recipient", "email": KAY}, "status": "rejected", "tags": None}  # fmt: skip
    data = {"object": "activity", "id": "a", "type": kind, "email": email, "morph": morph, "created_at": "2026-11-29T20:00:00Z"}  # fmt: skip
    return {"type": f"activity.{kind}", "webhook_id": "w", "data": data}


def _mailgun(event: str, **said: Any) -> dict[str, Any]:
    token, timestamp = "t" * 50, "1795982400"
    signed = hmac.new(KEY.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    status = {"code": 605, "message": "No such user", "attempt-no": 1}
    data = {"event": event, "recipient": KAY, "timestamp": 1795982400.1, "message": {"headers": {"message-id": "m@example.org"}}, "delivery-status": status, **said}  # fmt: skip
    return {"signature": {"token": token, "timestamp": timestamp, "signature": signed}, "event-data": data}


def _mailjet(event: str, **said: Any) -> dict[str, Any]:
    return {"event": event, "time": 1795982400, "MessageID": 1, "email": KAY, "customcampaign": "", "Payload": "", **said}  # fmt: skip


def _mandrill(event: str, **said: Any) -> list[dict[str, Any]]:
    return [{"event": event, "ts": 1795982400, "_id": "m", "msg": {"_id": "m", "email": KAY, "tags": [], "metadata": [], **said}}]  # fmt: skip


def _postal(**payload: Any) -> dict[str, Any]:
    return {"event": "Message", "timestamp": 1795982400, "uuid": "u", "payload": payload}


def _resend(kind: str, **data: Any) -> dict[str, Any]:
    return {"type": f"email.{kind}", "created_at": "2026-11-29T20:00:00.000Z", "data": {"email_id": "m", "from": "hello@long-table.example.org", "to": [KAY], **data}}  # fmt: skip


def _resend_bounce(kind: str, message: str) -> dict[str, Any]:
    return _resend("bounced", bounce={"message": message, "subType": "General", "type": kind})


def _sendgrid(event: str, **said: Any) -> list[dict[str, Any]]:
    return [{"email": KAY, "timestamp": 1795982400, "smtp-id": "<m@example.org>", "event": event, "sg_event_id": "e", **said}]  # fmt: skip


def _sparkpost(kind: str, **said: Any) -> list[dict[str, Any]]:
    return [{"msys": {"message_event": {"type": kind, "rcpt_to": KAY, "raw_rcpt_to": KAY, "message_id": "m", "timestamp": "1795982400", **said}}}]  # fmt: skip


POSTAL_MESSAGE = {"id": 1, "to": KAY, "direction": "outgoing", "message_id": "m@example.org", "tag": None}
FULL = "The recipient's email provider sent a bounce message because the recipient's inbox was full."
HARD = "The recipient's email provider sent a hard bounce message, but didn't specify the reason."
# For each: a permanent failure, a temporary failure, and a complaint.
REPORTS: dict[str, tuple[Any, Any, Any]] = {
    "amazon_ses": (
        _ses_bounce("Permanent"),
        _ses_bounce("Transient"),
        _ses("Complaint", complainedRecipients=[{"emailAddress": KAY}], complaintFeedbackType="abuse"),
    ),
    "brevo": (
        {"event": "hard_bounce", "email": KAY, "message-id": "<m@example.org>", "ts_epoch": 1795982400000, "reason": "550"},
        {"event": "soft_bounce", "email": KAY, "message-id": "<m@example.org>", "ts_epoch": 1795982400000, "reason": "452"},
        {"event": "spam", "email": KAY, "message-id": "<m@example.org>", "ts_epoch": 1795982400000},
    ),
    "mailersend": (
        _mailersend("hard_bounced", object="recipient_bounce", reason="550"),
        _mailersend("soft_bounced", object="recipient_bounce", reason="452"),
        _mailersend("spam_complaint", object="spam_complaint"),
    ),
    "mailgun": (
        _mailgun("failed", severity="permanent", reason="bounce"),
        _mailgun("failed", severity="temporary", reason="generic"),
        _mailgun("complained"),
    ),
    "mailjet": (
        _mailjet("bounce", blocked=False, hard_bounce=True, error_related_to="recipient", error="user unknown"),
        _mailjet("bounce", blocked=False, hard_bounce=False, error_related_to="recipient", error="quota exceeded"),
        _mailjet("spam", source="JMRPP"),
    ),
    "mandrill": (
        _mandrill("hard_bounce", bounce_description="bad_mailbox", bgtools_code=10, diag="550 5.1.1"),
        _mandrill("soft_bounce", bounce_description="mailbox_full", bgtools_code=22, diag="552 5.2.2"),
        _mandrill("spam"),
    ),
    "postal": (
        _postal(status="HardFail", details="Permanent SMTP delivery error", output="550 5.1.1", message=POSTAL_MESSAGE),
        _postal(status="SoftFail", details="Temporary SMTP delivery error", output="452 4.2.2", message=POSTAL_MESSAGE),
        None,  # it has no such event
    ),
    "postmark": (
        {"RecordType": "Bounce", "MessageID": "m", "TypeCode": 1, "Type": "HardBounce", "Email": KAY},
        {"RecordType": "Bounce", "MessageID": "m", "TypeCode": 4096, "Type": "SoftBounce", "Email": KAY},
        {"RecordType": "SpamComplaint", "MessageID": "m", "TypeCode": 512, "Type": "SpamComplaint", "Email": KAY},
    ),
    "resend": (_resend_bounce("Permanent", HARD), _resend_bounce("Transient", FULL), _resend("complained")),
    "sendgrid": (
        _sendgrid("bounce", type="bounce", status="5.0.0", reason="500 unknown recipient"),
        _sendgrid("bounce", type="blocked", status="4.0.0", reason="451 greylisted"),
        _sendgrid("spamreport"),
    ),
    "sparkpost": (
        _sparkpost("bounce", bounce_class="10", raw_reason="550 5.1.1", error_code="550"),
        _sparkpost("bounce", bounce_class="22", raw_reason="552 5.2.2", error_code="552"),
        _sparkpost("spam_complaint", fbtype="abuse"),
    ),
}  # fmt: skip


def request_of(provider: str, said: Any, url: str) -> tuple[str, str, dict[str, str]]:
    """Return body, type and headers. url: the URL configured at the provider, secret included."""
    body, headers = json.dumps(said), {}
    if provider == "mandrill":
        events = {"mandrill_events": body}
        signed = hmac.new(KEY.encode(), f"{url}mandrill_events{body}".encode(), hashlib.sha1).digest()
        return (
            urlencode(events),
            "application/x-www-form-urlencoded",
            {"X-Mandrill-Signature": b64encode(signed).decode()},
        )
    if provider == "amazon_ses":
        headers = {"X-Amz-Sns-Message-Type": "Notification", "X-Amz-Sns-Message-Id": "n"}
    elif provider == "mailersend":
        headers = {"Signature": hmac.new(KEY.encode(), body.encode(), hashlib.sha256).hexdigest()}
    elif provider == "postal":
        signature = RSA.sign(body.encode(), padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - as Postal does
        headers = {"X-Postal-Signature": b64encode(signature).decode()}
    elif provider == "sendgrid":
        signature = EC.sign(f"1795982400{body}".encode(), ec.ECDSA(hashes.SHA256()))
        headers = {
            "X-Twilio-Email-Event-Webhook-Signature": b64encode(signature).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": "1795982400",
        }
    return body, "application/json", headers
