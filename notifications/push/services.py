"""Devices are added and removed by their owners; the worker sends them push messages."""

import hashlib
import json
import logging
import time
from dataclasses import replace
from datetime import timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import F
from django.dispatch import receiver
from django.utils import timezone

from accounts.models import User
from comments.models import Comment
from core.markup.plain import excerpt
from core.models import Worker
from core.signals import worker_beat
from core.tasks.periodic import is_stopping, periodic
from core.utils import http_client
from notifications.models import Device, Notification, NotificationChannel, Push, Reason
from notifications.models.types import WORDS
from notifications.push.encryption import authorization, encrypt
from notifications.services.notify import worth_sending
from notifications.services.recipients import Draft, facts_of
from notifications.services.timing import quiet_until
from notifications.services.verdicts import decide

logger = logging.getLogger(__name__)

TURN_SECONDS = 3
MAX_SECONDS_FOR_EACH = 5.0
TAKEN_AT_ONCE = 10
# Renewed by each heartbeat, as for emails: a dead worker's messages are released within a minute.
LEASE = Worker.DEAD_AFTER
PAUSES = [timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)]
KEEP = timedelta(days=7)
# How long a push service keeps a message for a device that is off.
HOLD_SECONDS = 24 * 3600
WORDS_SHOWN = 160
# A device is deleted after this many failures in a row, whatever its push service responds.
FAILURES_BORNE = 10
GONE = {404, 410}
# Not our key any more, or never a push service.
NOT_OURS = {400, 401, 403, 405}
NO_PLACE_TO_SEND_TO = {
    http_client.FetchError.NOT_HTTPS,
    http_client.FetchError.NOT_PUBLIC,
    http_client.FetchError.NO_HOST,
    http_client.FetchError.BAD_CERTIFICATE,
}


# In the session: the key of the device that was added in it.
DEVICE = "push_device"

# Rows that this process is sending.
_in_hand: set[int] = set()


def add_device(member: User, *, endpoint: str, p256dh: str, auth: str, name: str) -> Device:
    """Subscribe a browser to the member's push notifications. If another member used it, it is reassigned."""
    key = hashlib.sha256(endpoint.encode()).hexdigest()
    with transaction.atomic():
        Device.objects.filter(key=key).exclude(member=member).delete()
        device, _is_new = Device.objects.update_or_create(
            key=key,
            defaults={
                "member": member,
                "endpoint": endpoint,
                "p256dh": p256dh,
                "auth": auth,
                "name": name,
                "failures": 0,
            },
        )
        too_many = (
            Device.objects.filter(member=member)
            .order_by("-created_at", "-pk")
            .values_list("pk", flat=True)[Device.MAX_PER_MEMBER :]
        )
        Device.objects.filter(pk__in=list(too_many)).delete()
    return device


def forget_device(member: User | int, session: SessionBase) -> None:
    """Remove the device that was added in a session that ends: others may use the browser next."""
    if key := session.get(DEVICE):
        Device.objects.filter(member=member, key=key).delete()


def device_name(agent: str) -> str:
    """A name for a device, from its User-Agent: "Firefox, Android"."""
    browsers = {
        "Edg": "Edge",
        "OPR": "Opera",
        "SamsungBrowser": "Samsung",
        "Firefox": "Firefox",
        "Chrome": "Chrome",
        "Safari": "Safari",
    }
    systems = {
        "Android": "Android",
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Windows": "Windows",
        "Mac OS": "Mac",
        "CrOS": "ChromeOS",
        "Linux": "Linux",
    }
    known = (
        next((name for mark, name in those.items() if mark in agent), "") for those in (browsers, systems)
    )
    return ", ".join(filter(None, known))


@periodic(every=timedelta(seconds=2))
def send_pushes() -> None:
    """Send what is due, within a time limit."""
    ends = time.monotonic() + TURN_SECONDS
    try:
        for push in _take():
            if is_stopping() or time.monotonic() > ends:
                Push.objects.filter(pk=push.pk).update(due_at=timezone.now(), tries=F("tries") - 1)
            else:
                send_push(push)
            _in_hand.discard(push.pk)
    finally:
        _in_hand.clear()


@receiver(worker_beat)
def renew_push_leases(**_kwargs: object) -> int:
    """Renew this worker's leases. Returns how many. Longer delays stay."""
    ends = timezone.now() + LEASE
    return Push.objects.filter(pk__in=tuple(_in_hand), state=Push.State.READY, due_at__lt=ends).update(
        due_at=ends
    )


@periodic(every=timedelta(hours=6))
def delete_old_pushes() -> None:
    """Delete push messages that were sent or dropped more than KEEP ago."""
    Push.objects.filter(due_at__lt=timezone.now() - KEEP).exclude(state=Push.State.READY).delete()


def _take() -> list[Push]:
    """Claim the next messages for a while. After a killed worker one may be shown twice, replacing itself."""
    if not Push.objects.to_send().exists():
        return []
    with transaction.atomic():
        due = (
            Push.objects.to_send().order_by("due_at", "pk").select_for_update(skip_locked=True, of=("self",))
        )
        taken = list(due.select_related("device__member", "comment__post", "comment__author")[:TAKEN_AT_ONCE])
        Push.objects.filter(pk__in=[push.pk for push in taken]).update(
            due_at=timezone.now() + LEASE, tries=F("tries") + 1
        )
    _in_hand.update(push.pk for push in taken)
    return taken


def send_push(push: Push) -> None:
    """Send a message to its push service, if it is still wanted, and store the result."""
    if until := quiet_until([push.device.member_id]).get(push.device.member_id):
        Push.objects.filter(pk=push.pk).update(due_at=until, tries=F("tries") - 1)
        return
    row = _still_wanted(push)
    if row is None:
        Push.objects.filter(pk=push.pk).update(state=Push.State.DROPPED)
        return
    device = push.device
    with device.member.reading():
        message = message_of(row, push.comment)
    try:
        status = _deliver(device, message, topic=f"talk-{push.comment.post_id}")
    except http_client.FetchError as error:
        if error.reason in error.OURS:
            _try_later(push, error.reason)
            return
        status = 410 if error.reason in NO_PLACE_TO_SEND_TO else 503
    except ValueError:  # an invalid key
        status = 410
    if 200 <= status < 300:
        Push.objects.filter(pk=push.pk).update(state=Push.State.SENT)
        Device.objects.filter(pk=device.pk).exclude(failures=0).update(failures=0)
    elif status in GONE | NOT_OURS or device.failures + 1 >= FAILURES_BORNE:
        device.delete()
    else:
        Device.objects.filter(pk=device.pk).update(failures=F("failures") + 1)
        _try_later(push, f"status {status}")


def _deliver(device: Device, message: bytes, *, topic: str) -> int:
    """Post an encrypted message to the push service of a device (RFC 8030). Returns the HTTP status.

    topic: a new message replaces one with the same topic that still waits for the device. Raises FetchError,
    and ValueError if a key of the device is invalid.
    """
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "Authorization": authorization(device.endpoint),
        "TTL": str(HOLD_SECONDS),
        "Topic": topic,
        "Urgency": "normal",
    }
    body = encrypt(message, device.p256dh, device.auth)
    rules = replace(http_client.public_web(), max_seconds=MAX_SECONDS_FOR_EACH, max_bytes=2000)
    return http_client.send(device.endpoint, body, headers, rules).status


def _try_later(push: Push, why: str) -> None:
    """Try again after a growing delay. Network failures on our side do not count against the device."""
    is_last = push.tries >= len(PAUSES)
    later = {"state": Push.State.FAILED} if is_last else {"due_at": timezone.now() + PAUSES[push.tries]}
    Push.objects.filter(pk=push.pk).update(**later)
    logger.warning(
        "A push notification could not be delivered (%s); %s.",
        why,
        "given up" if is_last else "it will be retried",
    )


def _still_wanted(push: Push) -> Notification | None:
    """The inbox entry it is about, if it exists, is unread, and its type is still wanted."""
    comment, owner = push.comment, push.device.member
    rows = Notification.objects.filter(member=owner, comment=comment).with_causes()
    row = next(iter(worth_sending(list(rows))), None)
    if row is None:
        return None
    facts = facts_of(Draft(post=comment.post, writer=comment.author), owner.pk)
    wants = (
        facts is not None
        and decide(facts, [Reason(reason) for reason in row.reasons]).way != NotificationChannel.OFF
    )
    return row if wants else None


def message_of(row: Notification, comment: Comment) -> bytes:
    """What the device shows: who did what, the beginning of the text, and the link."""
    return json.dumps(
        {
            "title": str(WORDS[Reason(row.reasons[0])].heading) % {"name": comment.author_name},
            "body": f"{comment.post.title[:80]}\n{excerpt(comment.html, WORDS_SHOWN)}",
            "url": row.path,
            "tag": f"talk-{comment.post_id}",
        },
        ensure_ascii=False,
    ).encode(errors="replace")
