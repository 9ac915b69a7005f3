"""Delivery by the worker: followers become rows, rows emails, emails are sent (docs/decisions/0026, 0027).

Every step is a short transaction on rows with a state, so it can be killed at any point, and several workers
can share the work. If the result of SMTP is uncertain, the state is OutgoingEmail.State.UNSURE.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import F, Min
from django.dispatch import receiver
from django.utils import timezone
from django.utils.crypto import get_random_string

from core.models import Worker
from core.signals import mail_refused, worker_beat
from core.tasks.mail import MAIL_PAUSES_MINUTES
from core.tasks.periodic import WORKER_KEY, database_answers, is_stopping, periodic
from core.utils.smtp_replies import Refusal, log_text, refusal_of
from core.utils.urls import mail_domain
from notifications.email.compose import compose
from notifications.email.connection import MailConnection
from notifications.models import (
    EmailSuppression,
    FanOut,
    GuestConsent,
    Mailing,
    Notification,
    OutgoingEmail,
    ReplyMail,
    Subscriber,
)
from notifications.models.querysets import OutgoingEmailQuerySet
from notifications.services.notify import fan_out_batch
from notifications.services.suppression import suppress_email
from notifications.services.timing import active_until, quiet_until

logger = logging.getLogger(__name__)

# The time limit of one run of each periodic task here, so that others get their turn.
TURN_SECONDS = 3
READERS_AT_ONCE = 200
EMAILS_TAKEN_AT_ONCE = 25
# Renewed by each heartbeat (core/tasks/heartbeat.py): a dead worker's emails are released within a minute.
LEASE = Worker.DEAD_AFTER
KEEP_EMAILS = timedelta(days=90)
# A row that cannot be processed is deferred, so that it does not block others.
MIN_DELAY = timedelta(minutes=10)
MAX_DELAY = timedelta(days=1)

# A member's key, or a guest's address.
Reader = tuple[int | None, str]
# Emails that this process is sending. Leases of ours for others were given up, and are not renewed.
_in_hand: set[int] = set()


class TakenOver(Exception):
    """The lease expired and another worker has the email: it must not be sent here."""


def for_one_turn(step: Callable[[], int]) -> None:
    """Repeat a step until it finds nothing to do, or TURN_SECONDS are over."""
    ends = time.monotonic() + TURN_SECONDS
    while time.monotonic() < ends and not is_stopping():
        if not step():
            break


# Three periodic tasks, so that a failure in one does not stop the others.


@periodic(every=timedelta(seconds=2))
def announce() -> None:
    for_one_turn(fan_out_next)


@periodic(every=timedelta(seconds=2))
def write_emails() -> None:
    for_one_turn(gather)


@periodic(every=timedelta(seconds=2))
def send_emails() -> None:
    for_one_turn(send_some)


@receiver(worker_beat)
def renew_leases(**_kwargs: Any) -> int:
    """At each heartbeat, renew the leases of emails that are being sent. Returns how many."""
    mine = OutgoingEmail.objects.filter(
        pk__in=tuple(_in_hand),
        holder=WORKER_KEY,
        state__in=[OutgoingEmail.State.OPEN, OutgoingEmail.State.HANDED],
    )
    return mine.update(leased_until=timezone.now() + LEASE)


@periodic(every=timedelta(seconds=10))
def requeue_abandoned() -> tuple[int, int]:
    """Release the emails of dead workers. Those being transmitted become unsure; the others are sent again.

    Returns how many of each.
    """
    left = OutgoingEmail.objects.abandoned()
    too_often = left.filter(state=OutgoingEmail.State.OPEN, tries__gt=len(MAIL_PAUSES_MINUTES))
    too_often.update(
        state=OutgoingEmail.State.FAILED,
        leased_until=None,
        holder="",
        failure="Every worker that tried to send it was stopped.",
    )
    again = left.filter(state=OutgoingEmail.State.OPEN).update(
        state=OutgoingEmail.State.READY, leased_until=None, holder=""
    )
    unsure = left.filter(state=OutgoingEmail.State.HANDED).update(
        state=OutgoingEmail.State.UNSURE,
        leased_until=None,
        holder="",
        failure="The worker was stopped while the mail server was answering.",
    )
    return again, unsure


@periodic(every=timedelta(hours=6))
def delete_old_emails() -> int:
    """Delete old records of emails, since they contain addresses. Inbox entries and receipts stay."""
    old = OutgoingEmail.objects.filter(created_at__lt=timezone.now() - KEEP_EMAILS).exclude(
        state__in=[OutgoingEmail.State.READY, OutgoingEmail.State.OPEN]
    )
    with transaction.atomic():
        Mailing.objects.count_emails_before_deletion(old)
        Notification.objects.outlive(old)
        deleted, _by_model = old.delete()
    ReplyMail.objects.filter(created_at__lt=timezone.now() - KEEP_EMAILS).delete()
    return deleted


def fan_out_next() -> int:
    """Create rows for the next batch of followers. Returns 1 if there was something to do."""
    fan_out = (
        FanOut.objects.filter(is_done=False, due_at__lte=timezone.now()).order_by("due_at", "pk").first()
    )
    if fan_out is None:
        return 0
    try:
        fan_out_batch(fan_out)
    except Exception:
        if not database_answers():
            raise
        pause = _delay_after(fan_out.due_at)
        logger.exception("A fan-out failed; retrying in %s.", pause)
        FanOut.objects.filter(pk=fan_out.pk).update(due_at=timezone.now() + pause)
    return 1


def _delay_after(due_at: datetime) -> timedelta:
    """A delay that grows with the time since the first failure."""
    return min(max(MIN_DELAY, timezone.now() - due_at), MAX_DELAY)


def gather() -> int:
    """Collect due rows into one email per reader. Returns how many readers were processed.

    A reader with ALERT_MAILS_PER_HOUR emails within an hour gets the rest in one email when it is over.
    """
    due = Notification.objects.to_mail()
    oldest = due.order_by("mail_at", "pk").values_list("member_id", "guest_email")[
        :READERS_AT_ONCE
    ]  # without a lock
    readers = list(dict.fromkeys(oldest))
    if not readers:
        return 0
    try:
        write_emails_to(readers)
    except Exception:
        if not database_answers():
            raise
        for reader in readers:
            _write_email_to(reader)
    return len(readers)


def _write_email_to(reader: Reader) -> None:
    """Write one reader's email after a batch failed. If it fails again, it is deferred."""
    try:
        write_emails_to([reader])
    except Exception:
        if not database_answers():
            raise
        rows = Notification.objects.to_mail().of_readers([reader])
        pause = _delay_after(rows.aggregate(first=Min("mail_at"))["first"] or timezone.now())
        logger.exception("An email could not be composed; retrying in %s.", pause)
        rows.update(mail_at=timezone.now() + pause)


def write_emails_to(readers: Sequence[Reader]) -> None:
    """Write one email per reader with everything that is due.

    If two workers do so, the second finds nothing.
    """
    with transaction.atomic():
        # In a fixed order, and waiting for locks: rows that are skipped would become a second email.
        rows = Notification.objects.to_mail().of_readers(readers).order_by("pk").select_for_update()
        by_reader: dict[Reader, list[int]] = defaultdict(list)
        for pk, member, email in rows.values_list("pk", "member_id", "guest_email"):
            by_reader[member, email].append(pk)
        lately = _emails_of_the_hour(list(by_reader))
        members = [member for member, _email in by_reader if member]
        # Until quiet hours or presence end; they are checked again then.
        held = active_until(members) | quiet_until(members)
        for reader, pks in by_reader.items():
            stamps = lately.get(reader, [])
            changes: dict[str, Any]
            if reader[0] in held:
                changes = {"mail_at": held[reader[0]]}
            elif len(stamps) >= settings.ALERT_MAILS_PER_HOUR:
                changes = {"mail_at": stamps[-settings.ALERT_MAILS_PER_HOUR] + timedelta(hours=1)}
            else:
                message_id = f"<{get_random_string(24).lower()}@{mail_domain()}>"
                outgoing = OutgoingEmail.objects.create(
                    member_id=reader[0], guest_email=reader[1], message_id=message_id
                )
                changes = {"letter": outgoing, "state": Notification.State.IN_LETTER}
            for start in range(0, len(pks), 500):
                Notification.objects.filter(pk__in=pks[start : start + 500]).update(**changes)


def _emails_of_the_hour(readers: list[Reader]) -> dict[Reader, list[datetime]]:
    """The times of each reader's emails within the last hour, oldest first."""
    emails = (
        OutgoingEmail.objects.of_readers(readers)
        .filter(created_at__gt=timezone.now() - timedelta(hours=1))
        .exclude(state=OutgoingEmail.State.DROPPED)
    )
    stamps: dict[Reader, list[datetime]] = defaultdict(list)
    for member, email, at in emails.order_by("created_at").values_list(
        "member_id", "guest_email", "created_at"
    ):
        stamps[member, email].append(at)
    return stamps


def send_some() -> int:
    """Send the next emails over one connection. Returns how many were processed."""
    emails = _take(EMAILS_TAKEN_AT_ONCE)
    if not emails:
        return 0
    connection = MailConnection()
    _in_hand.update(email.pk for email in emails)
    try:
        for number, email in enumerate(emails):
            if is_stopping():
                _give_back(emails[number:])
                return number
            try:
                connection.open()
            except OSError as error:  # the server is unavailable: all of them wait
                for waiting in emails[number:]:
                    _try_later(waiting, error)
                return number
            send_email(email, connection)
            _in_hand.discard(email.pk)
    finally:
        connection.close()
        _in_hand.difference_update([email.pk for email in emails])
    return len(emails)


def _take(most: int) -> list[OutgoingEmail]:
    if not OutgoingEmail.objects.to_send().exists():
        return []
    with transaction.atomic():
        ready = OutgoingEmail.objects.to_send().order_by("due_at", "pk").select_for_update(skip_locked=True)
        # Notifications go before posts by email, which may be ten thousand.
        emails = list(ready.filter(mailing=None)[:most])
        emails += ready.exclude(mailing=None)[: most - len(emails)]
        leased_until = timezone.now() + LEASE
        OutgoingEmail.objects.filter(pk__in=[email.pk for email in emails]).update(
            state=OutgoingEmail.State.OPEN, leased_until=leased_until, holder=WORKER_KEY, tries=F("tries") + 1
        )
    for email in emails:
        email.state, email.leased_until, email.holder, email.tries = (
            OutgoingEmail.State.OPEN,
            leased_until,
            WORKER_KEY,
            email.tries + 1,
        )
    return emails


def _give_back(emails: list[OutgoingEmail]) -> None:
    mine = OutgoingEmail.objects.filter(
        pk__in=[email.pk for email in emails], state=OutgoingEmail.State.OPEN, holder=WORKER_KEY
    )
    mine.update(state=OutgoingEmail.State.READY, leased_until=None, holder="", tries=F("tries") - 1)


def _if_still_claimed(email: OutgoingEmail) -> OutgoingEmailQuerySet:
    """The email's row, unless the lease expired and it was claimed again since."""
    return OutgoingEmail.objects.filter(pk=email.pk, holder=email.holder, tries=email.tries)


def _close(email: OutgoingEmail, state: OutgoingEmail.State, **fields: object) -> None:
    """Set the email's next state, unless another worker has it by now."""
    _if_still_claimed(email).update(state=state, leased_until=None, holder="", **fields)


def _try_later(email: OutgoingEmail, error: Exception) -> None:
    """Try again after a growing delay, for about a day and a half."""
    if email.tries > len(MAIL_PAUSES_MINUTES):
        _close(email, OutgoingEmail.State.FAILED, failure=_failure_text(error))
        logger.error("A notification could not be emailed (%s): given up.", log_text(error))
        return
    pause = timedelta(minutes=MAIL_PAUSES_MINUTES[email.tries - 1])
    _close(email, OutgoingEmail.State.READY, due_at=timezone.now() + pause, failure=_failure_text(error))
    logger.warning("A notification could not be emailed (%s); retrying in %s.", log_text(error), pause)


def send_email(email: OutgoingEmail, connection: MailConnection) -> None:
    """Send one claimed email over an open connection, and store the result."""
    address, connection.was_handed_over = "", False
    try:
        mail = compose(email)
        if mail is None:
            _close(email, OutgoingEmail.State.DROPPED)
            return
        address = mail.to[0]
        connection.send(mail, last_moment=lambda: _hand_over(email, address))
    except TakenOver:
        connection.break_off()
    except OSError as error:  # includes smtplib's errors
        connection.close()
        refusal = refusal_of(error)
        if refusal is not None and refusal.is_for_good:
            _refused(email, address, refusal)
        elif refusal is None and connection.was_handed_over:  # the connection broke or timed out
            _close(email, OutgoingEmail.State.UNSURE, failure=_failure_text(error))
        else:
            _try_later(email, error)
    except Exception as error:
        if not database_answers():
            raise
        connection.close()
        _close(email, OutgoingEmail.State.FAILED, failure=_failure_text(error))
        logger.exception("A notification email could not be composed.")
    else:
        _close(email, OutgoingEmail.State.SENT, sent_at=timezone.now(), failure="")


def _hand_over(email: OutgoingEmail, address: str) -> None:
    """Mark the email as being transmitted: from now on it is never sent again. Committed before it is."""
    if (
        not _if_still_claimed(email)
        .filter(state=OutgoingEmail.State.OPEN)
        .update(state=OutgoingEmail.State.HANDED, address=address)
    ):
        raise TakenOver


def _refused(email: OutgoingEmail, address: str, refusal: Refusal) -> None:
    """A permanent refusal: the email failed. If it was about the reader, their address is suppressed.

    address: as we know it. The error contains it as sent, possibly with an encoded domain (IDNA).
    """
    logger.warning(
        "A notification was permanently refused (%s)%s.",
        refusal.codes,
        "; no more email is sent there" if refusal.is_about_reader else "",
    )
    if refusal.is_about_reader:
        suppress_email(address, EmailSuppression.Cause.BOUNCE, str(refusal))
    came_back = {"came_back_at": timezone.now()} if refusal.is_about_reader else {}
    _close(email, OutgoingEmail.State.FAILED, failure=str(refusal)[:300], address=address, **came_back)


@receiver(mail_refused)
def suppress_refused_address(address: str, refusal: Refusal, **_kwargs: Any) -> None:
    """Suppress notifications (but not codes) after a refused sign-in code or the like, as after a bounce."""
    if refusal.is_about_reader and is_known_address(address):
        suppress_email(address, EmailSuppression.Cause.BOUNCE, str(refusal))


def is_known_address(address: str) -> bool:
    """Whether the address is a member's, a guest's or a subscriber's."""
    return (
        EmailAddress.objects.filter(email__iexact=address).exists()
        or GuestConsent.objects.filter(email__iexact=address).exists()
        or Subscriber.objects.filter(email=address.lower()).exists()
    )


def _failure_text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".replace("\x00", "")[:300]
