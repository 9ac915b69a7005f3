"""The worker's part: followers become rows, rows become letters, letters are sent (docs/decisions/0031, 0032).

Every step is one short transaction on rows that say where it stands, so it can be killed anywhere and several workers can
share it. What SMTP cannot know is known to be unknown: Letter.State.UNSURE.
"""

import logging
import re
import smtplib
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import get_random_string

from core.housekeeping import chore, is_stopping
from core.tasks import MAIL_PAUSES_MINUTES
from notifications.mail import Foot, Threading, build_mail, item_of, mail_domain
from notifications.models import Announcement, GuestConsent, Kind, Letter, MailStop, Notification, ReplyMail, Way
from notifications.recipients import MAILED, Draft, Reason, facts_of, usable_addresses
from notifications.recipients import decide as decide_way
from notifications.services import make_announcement, stop_mail
from notifications.tokens import GUEST, Grant, unsubscribe_url

logger = logging.getLogger(__name__)

# One turn of the worker: then the other tasks have theirs, codes for signing in among them.
TURN_SECONDS = 3
ROWS_GATHERED_AT_ONCE = 200
LETTERS_TAKEN_AT_ONCE = 25
LEASE = timedelta(minutes=10)
KEEP_LETTERS = timedelta(days=90)
# "550 5.1.1 no such user", "552 5.2.2 mailbox full": about the reader. "550 5.7.1 blocked" is about us.
ABOUT_THE_READER = re.compile(r"\b5\.[12]\.\d{1,3}\b")
ENHANCED = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


class TakenOver(Exception):
    """The lease ran out and another worker has the letter now: not a byte of it may leave here."""


@chore(every=timedelta(seconds=2))
def deliver() -> None:
    """Do what is due, for one turn."""
    ends = time.monotonic() + TURN_SECONDS
    while time.monotonic() < ends and not is_stopping():
        if not (announce_next() + gather() + send_some()):
            break


@chore(every=timedelta(minutes=1))
def take_back_left_letters() -> tuple[int, int]:
    """Letters of a worker that is gone: not yet handed over, they are sent again; at the last moment, nobody knows.

    Returns how many of each.
    """
    left = Letter.objects.left_behind()
    too_often = left.filter(state=Letter.State.OPEN, tries__gt=len(MAIL_PAUSES_MINUTES))
    too_often.update(state=Letter.State.FAILED, leased_until=None, failure="Every worker that took it ended.")
    again = left.filter(state=Letter.State.OPEN).update(state=Letter.State.READY, leased_until=None)
    unsure = left.filter(state=Letter.State.HANDED).update(
        state=Letter.State.UNSURE, leased_until=None, failure="The worker ended while the mail server was answering."
    )
    return again, unsure


@chore(every=timedelta(hours=6))
def forget_old_letters() -> int:
    """Delete what was sent long ago: addresses should not lie about for ever. The lines in the inbox stay."""
    old = Letter.objects.filter(created_at__lt=timezone.now() - KEEP_LETTERS).exclude(state__in=[Letter.State.READY, Letter.State.OPEN])
    deleted, _by_model = old.delete()
    ReplyMail.objects.filter(created_at__lt=timezone.now() - KEEP_LETTERS).delete()
    return deleted


def announce_next() -> int:
    """Write down the next batch of followers. Returns 1 when there was something to do."""
    announcement = Announcement.objects.filter(is_done=False, due_at__lte=timezone.now()).order_by("due_at", "pk").first()
    if announcement is None:
        return 0
    make_announcement(announcement)
    return 1


def gather() -> int:
    """Put rows whose time has come into letters, one for each reader. Returns how many rows were looked at.

    Whoever had ALERT_MAILS_PER_HOUR letters within the hour waits until it is over, and gets all that came in one.
    """
    if not Notification.objects.to_mail().exists():  # a look without a lock
        return 0
    with transaction.atomic():
        rows = list(Notification.objects.to_mail().order_by("mail_at", "pk").select_for_update(skip_locked=True)[:ROWS_GATHERED_AT_ONCE])
        by_reader: dict[tuple[int | None, str], list[Notification]] = defaultdict(list)
        for row in rows:
            by_reader[row.member_id, row.guest_email].append(row)
        lately = _letters_of_the_hour(list(by_reader))
        letters = []
        for reader, group in by_reader.items():
            stamps = lately.get(reader, [])
            if len(stamps) >= settings.ALERT_MAILS_PER_HOUR:
                free_at = stamps[-settings.ALERT_MAILS_PER_HOUR] + timedelta(hours=1)
                Notification.objects.filter(pk__in=[row.pk for row in group]).update(mail_at=free_at)
                continue
            member_id, guest_email = reader
            letter = Letter(member_id=member_id, guest_email=guest_email, message_id=f"<{get_random_string(24).lower()}@{mail_domain()}>")
            letters.append(letter)
            for row in group:
                row.letter, row.state = letter, Notification.State.IN_LETTER
        Letter.objects.bulk_create(letters)
        for row in rows:
            row.letter = row.letter  # takes the number that the letter was given
        Notification.objects.bulk_update([row for row in rows if row.letter is not None], ["letter", "state"], batch_size=100)
    return len(rows)


def _letters_of_the_hour(readers: list[tuple[int | None, str]]) -> dict[tuple[int | None, str], list[datetime]]:
    """When each of them was written a letter within the last hour, the oldest first."""
    letters = Letter.objects.filter(created_at__gt=timezone.now() - timedelta(hours=1)).exclude(state=Letter.State.DROPPED)
    members = [member for member, _email in readers if member is not None]
    stamps: dict[tuple[int | None, str], list[datetime]] = defaultdict(list)
    found = letters.filter(member__in=members) | letters.filter(member=None, guest_email__in=[email for _member, email in readers if email])
    for member, email, at in found.order_by("created_at").values_list("member_id", "guest_email", "created_at"):
        stamps[member, email].append(at)
    return stamps


# --- sending -----------------------------------------------------------------


def send_some() -> int:
    """Send the next few letters over one connection. Returns how many were dealt with."""
    letters = _take(LETTERS_TAKEN_AT_ONCE)
    if not letters:
        return 0
    connection = MailConnection()
    try:
        for number, letter in enumerate(letters):
            if is_stopping():
                _give_back(letters[number:])
                return number
            try:
                connection.open()
            except OSError as error:  # nobody is there: all of them wait
                for waiting in letters[number:]:
                    _try_later(waiting, error)
                return number
            send_letter(letter, connection)
    finally:
        connection.close()
    return len(letters)


def _take(most: int) -> list[Letter]:
    if not Letter.objects.to_send().exists():
        return []
    with transaction.atomic():
        letters = list(Letter.objects.to_send().order_by("due_at", "pk").select_for_update(skip_locked=True)[:most])
        leased_until = timezone.now() + LEASE
        Letter.objects.filter(pk__in=[letter.pk for letter in letters]).update(
            state=Letter.State.OPEN, leased_until=leased_until, tries=F("tries") + 1
        )
    for letter in letters:
        letter.state, letter.leased_until, letter.tries = Letter.State.OPEN, leased_until, letter.tries + 1
    return letters


def _give_back(letters: list[Letter]) -> None:
    mine = Letter.objects.filter(pk__in=[letter.pk for letter in letters], state=Letter.State.OPEN)
    mine.update(state=Letter.State.READY, leased_until=None, tries=F("tries") - 1)


def _close(letter: Letter, state: Letter.State, **fields: object) -> None:
    """The letter's next state, unless another worker has it by now."""
    mine = Letter.objects.filter(pk=letter.pk, leased_until=letter.leased_until)
    mine.update(state=state, leased_until=None, **fields)


def _try_later(letter: Letter, error: Exception) -> None:
    """Again after a pause that grows, for about a day and a half."""
    words = _words(error)
    if letter.tries > len(MAIL_PAUSES_MINUTES):
        _close(letter, Letter.State.FAILED, failure=words)
        logger.error("An alert could not be mailed (%s): given up.", words)
        return
    pause = timedelta(minutes=MAIL_PAUSES_MINUTES[letter.tries - 1])
    _close(letter, Letter.State.READY, due_at=timezone.now() + pause, failure=words)
    logger.warning("An alert could not be mailed (%s); next try in %s.", words, pause)


def send_letter(letter: Letter, connection: "MailConnection") -> None:
    """Send one letter that was taken, over an open connection, and write down how it went."""
    try:
        mail = compose(letter)
        if mail is None:
            _close(letter, Letter.State.DROPPED)
            return
        connection.send(mail, last_moment=lambda: _hand_over(letter, mail.to[0]))
    except TakenOver:
        connection.break_off()
    except smtplib.SMTPRecipientsRefused as error:
        ((code, said),) = error.recipients.values()
        _refused(letter, code, said, error, mail.to[0])
        connection.close()
    except smtplib.SMTPResponseException as error:
        _refused(letter, error.smtp_code, error.smtp_error, error, mail.to[0])
        connection.close()
    except OSError as error:  # the line broke, or nobody answered in time
        connection.close()
        if connection.was_handed_over:
            _close(letter, Letter.State.UNSURE, failure=_words(error))
        else:
            _try_later(letter, error)
    except Exception as error:
        _close(letter, Letter.State.FAILED, failure=_words(error))
        logger.exception("An alert could not be written.")
    else:
        _close(letter, Letter.State.SENT, sent_at=timezone.now(), failure="")


def _hand_over(letter: Letter, address: str) -> None:
    """The point of no return: from here on nobody sends it a second time. Committed before the words leave."""
    mine = Letter.objects.filter(pk=letter.pk, state=Letter.State.OPEN, leased_until=letter.leased_until)
    if not mine.update(state=Letter.State.HANDED, address=address):
        raise TakenOver


def _refused(letter: Letter, code: int, said: bytes | str, error: Exception, address: str) -> None:
    """The server said no. For now: later. For good: given up, and if it was about the reader, no more mail there.

    address: as we know it. The error names it as it was sent, where a domain may be in another alphabet's spelling (IDNA).
    """
    words = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    if code < 500:
        _try_later(letter, error)
        return
    is_about_reader = bool(ABOUT_THE_READER.search(words)) or (
        isinstance(error, smtplib.SMTPRecipientsRefused) and code in {550, 551, 553} and not ENHANCED.search(words)
    )
    if is_about_reader:
        stop_mail(address, MailStop.Cause.BOUNCE, f"{code} {words}")
    logger.warning("An alert was refused for good: %s %s", code, words[:300])
    came_back = {"came_back_at": timezone.now()} if is_about_reader else {}
    _close(letter, Letter.State.FAILED, failure=f"{code} {words}"[:300], **came_back)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".replace("\x00", "")[:300]


def compose(letter: Letter) -> EmailMessage | None:
    """The mail as it should be now: without what was taken back meanwhile. None when nothing is left, or nobody wants it."""
    rows = list(letter.notifications.with_causes().order_by("due_at", "pk"))
    standing = [row for row in rows if _stands(row)]
    gone = [row.pk for row in rows if not _stands(row)]
    if gone:  # shown again, it is told again
        Notification.objects.filter(pk__in=gone).update(state=Notification.State.DROPPED, letter=None)
    address, wanted = _still_wanted(letter, standing)
    if unwanted := [row.pk for row in standing if row not in wanted]:
        Notification.objects.filter(pk__in=unwanted).update(state=Notification.State.NO_MAIL, letter=None)
    if not wanted or not address:
        return None
    first = wanted[0]
    talks = {row.talk.pk for row in wanted}
    grant = Grant(letter.member_id or _consent(letter).pk, first.kind if letter.member_id else GUEST, first.talk.pk if len(talks) == 1 else 0)  # type: ignore[union-attr]
    foot = Foot(unsubscribe_url(grant), letter.member_id or 0, is_guest=letter.member_id is None, has_talk=len(talks) == 1)
    is_bundle = len(wanted) > 1 or first.way != Way.AT_ONCE
    items = [item_of(row, letter.member_id) for row in wanted]
    return build_mail(address, items, foot, _threading(letter, wanted), is_bundle=is_bundle)


def _stands(row: Notification) -> bool:
    is_thanked_still = row.kind != Kind.THANKS or bool(row.thankers)
    return row.talk.is_published and (row.comment is None or row.comment.is_public) and is_thanked_still


def _consent(letter: Letter) -> GuestConsent | None:
    return GuestConsent.objects.filter(email=letter.guest_email).first()


def _still_wanted(letter: Letter, rows: list[Notification]) -> tuple[str, list[Notification]]:
    """The reader's address as it is now, and the rows that they would be mailed if it were decided now."""
    if letter.member_id is None:
        is_stopped = MailStop.objects.filter(email=letter.guest_email).exists()
        wants = _consent(letter) is not None and not is_stopped
        return (letter.guest_email, rows) if wants else ("", [])
    address = usable_addresses().filter(user=letter.member_id).values_list("email", flat=True).first()
    wanted = []
    for row in rows:
        draft = Draft(post=row.talk, writer=row.writer, is_new_post=row.comment is None)
        facts = facts_of(draft, letter.member_id)
        if facts and decide_way(facts, [Reason(reason) for reason in row.reasons]).way in MAILED:
            wanted.append(row)
    return address or "", wanted


def _threading(letter: Letter, rows: list[Notification]) -> Threading:
    """All mails about one talk stand together in the reader's mailbox; an answer stands under what it answers."""
    if len({row.talk.pk for row in rows}) > 1:
        return Threading(letter.message_id)
    row = rows[0]
    root = f"<talk-{row.talk.pk}.{letter.member_id or 'guest'}@{mail_domain()}>"
    before = ""
    if row.comment is not None and row.comment.parent_id:
        same_reader = Letter.objects.filter(member=letter.member_id, guest_email=letter.guest_email, state=Letter.State.SENT)
        before = same_reader.filter(notifications__comment=row.comment.parent_id).values_list("message_id", flat=True).first() or ""
    return Threading(letter.message_id, before or root, (root, before) if before else (root,))


class _CarefulSmtp(smtplib.SMTP):
    """Calls `last_moment` between the server's 354 ("go on") and the words themselves."""

    last_moment: Callable[[], None] | None = None

    def getreply(self) -> tuple[int, bytes]:
        code, said = super().getreply()
        if code == 354 and self.last_moment is not None:  # the answer to DATA, and to nothing else
            self.last_moment()
        return code, said


class _CarefulSmtpSsl(smtplib.SMTP_SSL, _CarefulSmtp):
    """The same, encrypted from the start."""


class _CarefulBackend(SmtpBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _CarefulSmtpSsl if self.use_ssl else _CarefulSmtp


class MailConnection:
    """A connection to the mail server that says when a mail is beyond recall."""

    def __init__(self) -> None:
        backend: BaseEmailBackend = get_connection()
        self.backend = _CarefulBackend() if type(backend) is SmtpBackend else backend
        self.was_handed_over = False

    def open(self) -> None:
        self.backend.open()

    def close(self) -> None:
        try:
            self.backend.close()
        except OSError:
            logger.debug("The connection to the mail server was gone already.")

    def break_off(self) -> None:
        """Hang up without a word: in the middle of a mail even "quit" would be taken for a part of it."""
        if isinstance(self.backend, _CarefulBackend) and self.backend.connection is not None:
            self.backend.connection.close()
            self.backend.connection = None

    def send(self, mail: EmailMessage, last_moment: Callable[[], None]) -> None:
        """Send one mail. `last_moment` runs before its words leave; what it raises stops them."""
        self.was_handed_over = False

        def mark() -> None:
            last_moment()
            self.was_handed_over = True

        if isinstance(self.backend, _CarefulBackend):
            line: Any = self.backend.connection
            line.last_moment = mark
        else:  # files, memory, a provider's programming interface: no such moment can be seen from outside
            mark()
        self.backend.send_messages([mail])
