"""Webhooks: messages are stored in the transaction of an event, then sent and retried by the worker."""

import base64
import hashlib
import hmac
import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services.mails import send_mail_about
from api.models import Delivery, Event, Webhook
from api.models.webhooks import SECRET_PREFIX
from api.services.payloads import NotDueYet, body_of, message_of
from core.utils import http_client
from core.utils.locks import keep_rows

logger = logging.getLogger(__name__)

# Delays between attempts.
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1440, 1440)]
# How long a webhook may fail before it is turned off.
PATIENCE = timedelta(days=3)
# How long a delivery of a worker that died stays claimed.
TAKEN_FOR = timedelta(minutes=10)
TAKEN_AT_ONCE = 50
KEEP = timedelta(days=30)


def tell(event: Event, subject: int, *, at: datetime | None = None) -> int:
    """Store messages for all webhooks of an event, in the caller's transaction. Returns how many.

    at: when the event will happen. The cached webhooks may be outdated, so their rows are read, but only if
    there are any.
    """
    known = [webhook.pk for webhook in Webhook.wanting(event)]
    if not known:
        return 0
    due_at = max(at or timezone.now(), timezone.now())
    with transaction.atomic(savepoint=False):
        wanting = keep_rows(Webhook.objects.filter(pk__in=known, is_active=True))
        Delivery.objects.bulk_create(
            [Delivery(webhook_id=pk, event=event, subject=subject, due_at=due_at) for pk in wanting],
            ignore_conflicts=True,
        )
    return len(wanting)


def send_test(webhook: Webhook) -> Delivery:
    """Enqueue a test message. It is sent like all others, so its result is in the list of deliveries."""
    return Delivery.objects.create(webhook=webhook, event=Event.TEST, subject=0)


def send_again(delivery: Delivery) -> bool:
    """Send it with the same id, so that a program recognises it. Returns False if it is waiting already."""
    states = [Delivery.State.SENT, Delivery.State.FAILED, Delivery.State.DROPPED]
    return bool(
        Delivery.objects.filter(pk=delivery.pk, state__in=states).update(
            state=Delivery.State.WAITING, due_at=timezone.now(), tries=0, error="", status_code=None
        )
    )


def take_due() -> list[tuple[int, int]]:
    """Claim deliveries that are due. Returns their keys and numbers of attempts."""
    taken = []
    now = timezone.now()
    due = Delivery.objects.due().order_by("due_at").values_list("pk", "tries", "due_at")
    for pk, tries, due_at in due[:TAKEN_AT_ONCE]:
        same = Delivery.objects.filter(pk=pk, due_at=due_at, state=Delivery.State.WAITING)
        if same.update(due_at=now + TAKEN_FOR):
            taken.append((pk, tries))
    return taken


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """A signature as in Standard Webhooks: HMAC-SHA256 over id, time and body."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def deliver(pk: int, tries: int) -> bool:
    """Send one message, or drop it if it no longer applies. Returns whether it was sent.

    tries: the number of attempts when it was claimed. A slow worker may have the same delivery in its queue
    more than once; only the first task with this number makes the attempt.
    """
    this_try = Delivery.objects.filter(pk=pk, tries=tries, state=Delivery.State.WAITING)
    delivery = this_try.select_related("webhook").first()
    if delivery is None or not delivery.webhook.is_active:
        return False
    if not this_try.update(tries=tries + 1, due_at=timezone.now() + TAKEN_FOR):
        return False
    try:
        message = message_of(delivery)
    except NotDueYet as later:
        Delivery.objects.filter(pk=pk).update(due_at=later.at, tries=tries)
        return False
    if message is None:
        Delivery.objects.filter(pk=pk).update(state=Delivery.State.DROPPED)
        return False
    body = body_of(delivery, message)
    now = int(timezone.now().timestamp())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(now),
        "webhook-signature": sign(delivery.webhook.secret, delivery.message_id, now, body),
    }
    try:
        status = http_client.send(delivery.webhook.address, body, headers, http_client.public_web()).status
    except http_client.FetchError as error:
        _note_failure(delivery, None, str(error))
        return False
    if 200 <= status < 300:
        _note_success(delivery, status)
        return True
    _note_failure(delivery, status, "")
    return False


def _note_success(delivery: Delivery, status: int) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.SENT,
        sent_at=timezone.now(),
        status_code=status,
        error="",
    )
    Webhook.objects.filter(pk=delivery.webhook_id).exclude(failing_since=None).update(failing_since=None)


def _note_failure(delivery: Delivery, status: int | None, error: str) -> None:
    """Schedule another attempt, or give up the message after the last one.

    A webhook that failed for days is turned off. delivery: as before this attempt.
    """
    now = timezone.now()
    is_last = delivery.tries >= len(PAUSES) or delivery.event == Event.TEST
    with transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(
            state=Delivery.State.FAILED if is_last else Delivery.State.WAITING,
            due_at=now if is_last else now + PAUSES[delivery.tries],
            status_code=status,
            error=error[:200],
        )
        webhook = Webhook.objects.select_for_update(no_key=True).filter(pk=delivery.webhook_id).first()
        if webhook is None:  # deleted while it was being sent
            return
        if webhook.failing_since is None:
            Webhook.objects.filter(pk=webhook.pk).update(failing_since=now)
        elif webhook.is_active and (status == 410 or webhook.failing_since < now - PATIENCE):
            _switch_off(webhook)


def _switch_off(webhook: Webhook) -> None:
    """Turn a webhook off, and email the hosts, who can turn it on again."""
    webhook.is_active, webhook.switched_off_at = False, timezone.now()
    webhook.save(update_fields=["is_active", "switched_off_at"])
    logger.warning("The webhook %s was switched off after failing for days.", webhook.pk)
    for host in User.objects.filter(is_active=True, is_superuser=True):
        send_mail_about("webhook_switched_off", to=host, webhook=webhook)


def forget_old() -> int:
    """Delete log entries older than a month."""
    old = Delivery.objects.filter(created_at__lt=timezone.now() - KEEP)
    deleted, _by_model = old.exclude(state=Delivery.State.WAITING).delete()
    return deleted
