"""How long a request waits for other writers, and how many requests may wait at the same time.

SQLite has one writer at a time; on PostgreSQL a table can be locked as well. If that lock is held for long
(by an import, a backup, a stuck process), only writing requests may stop: pages for reading need no lock and
no place in these queues (docs/decisions/0057).
"""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock
from time import monotonic, sleep
from typing import Any

from django.conf import settings
from django.db import OperationalError, transaction

logger = logging.getLogger(__name__)

ASIDE_SECONDS = 0.1
"""How long a page waits for an optional write."""
LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's error code when lock_timeout is over."""
BEGIN = "BEGIN IMMEDIATE"
"""How Django begins a transaction on SQLite, by `transaction_mode` in the settings."""
RETRY_SECONDS = 0.002
"""How soon a transaction tries again to get SQLite's lock."""


class _BusyTimeout:
    """Configures the connection before its first query, not earlier: a page without a query opens none.

    SQLite waits longer from try to try, in the end a tenth of a second. A worker that stores one row after the
    other leaves the lock for a millisecond or two each time, so requests hardly ever met that moment. They ask
    more often, but only for the lock of a transaction.
    """

    def __init__(self, milliseconds: int) -> None:
        self.milliseconds = milliseconds
        self.line: Any = None

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        line = context["connection"].connection
        if line is not self.line:
            line.execute(f"PRAGMA busy_timeout = {self.milliseconds}")
            self.line = line
        if sql != BEGIN:
            return execute(sql, params, many, context)
        line.execute("PRAGMA busy_timeout = 0")
        try:
            # Without success Django tries once more, and raises its own error.
            return None if self._begins(line) else execute(sql, params, many, context)
        finally:
            line.execute(f"PRAGMA busy_timeout = {self.milliseconds}")

    def _begins(self, line: sqlite3.Connection) -> bool:
        """Begin the transaction. False if it is still locked when the time is over, or fails otherwise."""
        ends = monotonic() + self.milliseconds / 1000
        while True:
            try:
                line.execute(BEGIN)
                return True
            except sqlite3.OperationalError as error:
                is_locked = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not is_locked or monotonic() >= ends:
                    return False
            sleep(RETRY_SECONDS)


@contextmanager
def waiting_for_writers(seconds: float) -> Iterator[None]:
    """Limit how long this thread waits for other writers of SQLite, then raise OperationalError.

    On PostgreSQL writers wait for rows, not for the database, and nothing changes (but see
    `set_lock_timeout`).
    """
    connection = transaction.get_connection()
    if connection.vendor != "sqlite":
        yield
        return
    before = getattr(
        connection, "busy_milliseconds", round(connection.settings_dict["OPTIONS"].get("timeout", 5) * 1000)
    )
    timeout = _BusyTimeout(round(seconds * 1000))
    connection.busy_milliseconds = timeout.milliseconds
    try:
        with connection.execute_wrapper(timeout):
            yield
    finally:
        connection.busy_milliseconds = before
        if timeout.line is not None and timeout.line is connection.connection:
            timeout.line.execute(f"PRAGMA busy_timeout = {before}")


@contextmanager
def _waiting_for_rows(connection: Any) -> Iterator[None]:
    """On PostgreSQL, a transaction with a short lock timeout, which also covers its checks at the end.

    Not within another transaction, whose locks are its own matter.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        connection.connection.execute(f"SET LOCAL lock_timeout = '{round(ASIDE_SECONDS * 1000)}ms'")
        yield


@contextmanager
def unless_locked() -> Iterator[None]:
    """For optional writes of a page for reading: skipped if the database is locked or its disk is full.

    The block ends where it failed; set what the page needs before it.
    """
    connection = transaction.get_connection()
    try:
        with waiting_for_writers(ASIDE_SECONDS), _waiting_for_rows(connection):
            yield
    except OperationalError as error:
        is_lock = (
            getattr(error.__cause__, "sqlstate", "") == LOCK_NOT_AVAILABLE and not connection.in_atomic_block
        )
        if connection.vendor != "sqlite" and not is_lock:
            raise
        logger.info("Not stored, as the database accepts no writes: %s", error)


def set_lock_timeout(sender: Any, connection: Any, **_kwargs: Any) -> None:
    """A receiver of connection_created, in processes that serve requests: PostgreSQL's lock timeout."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{round(settings.WRITE_WAIT_SECONDS * 1000)}ms'")


class WriterSlots:
    """Limits the concurrent writing requests.

    Without a free slot a request waits briefly, unless all are stuck.

    A waiting request occupies a thread that a reader may need. So after one has waited in vain, others are
    refused at once until a slot is free.
    """

    def __init__(self, slots: int, *, wait_seconds: float) -> None:
        self.wait_seconds = wait_seconds
        self._free = BoundedSemaphore(slots)
        self._one_waits = Lock()
        self._are_stuck = False

    def take(self) -> bool:
        """Take a slot if there is one, which the caller must release. Returns whether there was."""
        if self._free.acquire(blocking=False):
            return True
        # Only one waits at a time: two would occupy two threads.
        if self._are_stuck or not self._one_waits.acquire(blocking=False):
            return False
        try:
            if self._free.acquire(timeout=self.wait_seconds):
                return True
            self._are_stuck = True
            return False
        finally:
            self._one_waits.release()

    def give_back(self) -> None:
        self._are_stuck = False
        self._free.release()
