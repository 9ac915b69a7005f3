"""The mailbox for replies, which the worker empties every minute by IMAP (RFC 3501)."""

import imaplib
import logging
import re
import ssl
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.utils import timezone

from core.tasks.periodic import is_stopping, periodic
from notifications.inbound.services import InboundResult, take_mail

logger = logging.getLogger(__name__)

# A mailbox that does not respond must not keep the worker from sending sign-in codes.
PATIENCE_SECONDS = 10
IMAP_PORT, IMAPS_PORT = 143, 993
PAUSE_WHEN_AWAY = timedelta(minutes=10)
MAX_AT_ONCE = 20
# The folder for messages that are not for us or could not be read.
SET_ASIDE = "Set-Aside"
AWAY = (OSError, imaplib.IMAP4.error)

_away_until: datetime | None = None


@periodic(every=timedelta(minutes=1))
def fetch_answers() -> None:
    """Process the messages in the mailbox, if there is one.

    If unavailable, try again after PAUSE_WHEN_AWAY.
    """
    global _away_until
    if not settings.REPLY_MAILBOX_URL or (_away_until is not None and timezone.now() < _away_until):
        return
    try:
        empty_mailbox()
    except AWAY as error:
        _away_until = timezone.now() + PAUSE_WHEN_AWAY
        logger.warning(
            "The mailbox for replies cannot be read (%s); retrying in %s.", str(error)[:200], PAUSE_WHEN_AWAY
        )
    else:
        _away_until = None


def empty_mailbox(most: int = MAX_AT_ONCE) -> Counter[InboundResult]:
    """Process the first messages of the mailbox and remove them. Returns the number of each result.

    A message is removed after it was processed; after an interruption it is recognised the next time. Raises
    OSError and imaplib's errors if the mailbox is unavailable, and the errors of take_mail if the database
    is.
    """
    found: Counter[InboundResult] = Counter()
    with _open() as box:
        for uid in _numbers(box)[:most]:
            if is_stopping():
                break
            raw, is_whole = _fetch(box, uid)
            if raw is None:  # another worker was faster
                continue
            arrived = take_mail(raw, is_whole=is_whole)
            found[arrived] += 1
            if not arrived.is_done:
                _set_aside(box, uid)
            box.uid("STORE", uid, "+FLAGS.SILENT", r"(\Deleted)")
        with suppress(*AWAY):  # a message processed twice is recognised
            box.expunge()
    return found


@contextmanager
def _open() -> Iterator[imaplib.IMAP4]:
    url = urlsplit(settings.REPLY_MAILBOX_URL)
    host = url.hostname or "localhost"
    box: imaplib.IMAP4
    if url.scheme == "imaps":
        box = imaplib.IMAP4_SSL(
            host, url.port or IMAPS_PORT, ssl_context=ssl.create_default_context(), timeout=PATIENCE_SECONDS
        )
    else:
        box = imaplib.IMAP4(host, url.port or IMAP_PORT, timeout=PATIENCE_SECONDS)
    try:
        box.login(unquote(url.username or ""), unquote(url.password or ""))
        folder = unquote(url.path.strip("/")) or "INBOX"
        status, reply = box.select(f'"{folder}"')
        if status != "OK":
            raise imaplib.IMAP4.error(f"no folder {folder}: {reply!r}")
        yield box
    finally:
        with suppress(*AWAY):
            box.logout()
        with suppress(OSError):  # a broken connection cannot be closed properly
            box.shutdown()


def _numbers(box: imaplib.IMAP4) -> list[str]:
    _status, found = box.uid("SEARCH", "UNDELETED")
    return (found[0] or b"").decode("ascii", errors="replace").split() if found else []


def _fetch(box: imaplib.IMAP4, uid: str) -> tuple[bytes | None, bool]:
    """The message, and whether it is complete.

    For messages that are too long, only the headers are fetched.
    """
    _status, reply = box.uid("FETCH", uid, "(RFC822.SIZE)")
    size = re.search(rb"RFC822\.SIZE (\d+)", b" ".join(part for part in reply if isinstance(part, bytes)))
    if size is None:
        return None, False
    is_whole = int(size[1]) <= settings.REPLY_MAX_BYTES
    _status, parts = box.uid(
        "FETCH", uid, "(BODY.PEEK[])" if is_whole else f"(BODY.PEEK[HEADER]<0.{settings.REPLY_MAX_BYTES}>)"
    )
    found: Any = next((part for part in parts if isinstance(part, tuple)), None)
    return (bytes(found[1]), is_whole) if found else (None, False)


def _set_aside(box: imaplib.IMAP4, uid: str) -> None:
    status, _said = box.uid("COPY", uid, SET_ASIDE)
    if status != "OK":
        box.create(SET_ASIDE)
        status, reply = box.uid("COPY", uid, SET_ASIDE)
        if status != "OK":
            raise imaplib.IMAP4.error(f"{SET_ASIDE}: {reply!r}")
