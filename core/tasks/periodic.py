"""Periodic tasks, which the worker runs between other tasks: recovery after a killed worker, cleanup.

An app adds one by decorating a function with `periodic` in a module that is imported when the app is ready. A
periodic task may run in several workers at once, and may be killed: write it so that neither does harm.
"""

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.management import call_command
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from core.models import Worker

logger = logging.getLogger(__name__)

# The name of this process in its tasks, its emails and its heartbeat.
WORKER_KEY = get_random_string(32)
MAX_STARTS = 5
KEEP_FINISHED = timedelta(days=14)
# A failing periodic task waits longer each time, at most this long, or its normal interval.
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=15)


class AbandonedTask(Exception):
    """The error recorded for a task that was started MAX_STARTS times and never finished."""


class DatabaseAway(Exception):
    """The database is unavailable: not the task's fault, and nothing can be done until it is back."""


@dataclass
class PeriodicTask:
    """A function that is called periodically. Its errors are logged once, and delay nothing else."""

    run: Callable[[], object]
    every: timedelta
    due_at: datetime | None = field(default=None)
    failures: int = 0
    failing_since: datetime | None = None
    error: str = ""

    @property
    def name(self) -> str:
        return f"{self.run.__module__}.{self.run.__name__}"

    def run_if_due(self) -> bool:
        """Run it if it is due. Raises only DatabaseAway."""
        now = timezone.now()
        # Scheduled later than it can have been: the clock was set back in the meantime.
        longest = max(self.every, LONGEST_PAUSE)
        if self.due_at is not None and self.due_at - longest <= now < self.due_at:
            return False
        self.due_at = now + self.every
        self.attempt()
        return True

    def attempt(self) -> bool:
        """Call it now. Returns whether it succeeded; raises only DatabaseAway."""
        try:
            self.run()
        except Exception as error:
            if isinstance(error, DatabaseError | InterfaceError) and not database_answers():
                self.due_at = None
                raise DatabaseAway(str(error).strip().partition("\n")[0]) from error
            self._note(error)
            return False
        if self.failures:
            logger.warning("The periodic task %s works again.", self.name)
        self.failures, self.failing_since, self.error = 0, None, ""
        return True

    def _note(self, error: Exception) -> None:
        self.failures += 1
        words = f"{type(error).__name__}: {error}".replace("\x00", "")[:300]
        pause = min(
            max(self.every, FIRST_PAUSE) * 2 ** min(self.failures - 1, 20), max(self.every, LONGEST_PAUSE)
        )
        self.due_at = timezone.now() + pause
        if words != self.error:
            logger.error(
                "The periodic task %s failed. It is retried with growing pauses; other tasks continue.",
                self.name,
                exc_info=error,
            )
        self.error, self.failing_since = words, self.failing_since or timezone.now()


PERIODIC_TASKS: list[PeriodicTask] = []
_stop = threading.Event()
# Tasks that threads of this process are running. Others that are RUNNING under our key were abandoned.
tasks_in_hand: set[str] = set()


def request_stop() -> None:
    """Ask the running periodic task to finish."""
    _stop.set()


def is_stopping() -> bool:
    """Whether the worker was asked to stop.

    For periodic tasks with many steps: this should then be the last one.
    """
    return _stop.is_set()


def wait_for_stop(seconds: float) -> bool:
    """Sleep until the worker is asked to stop, at most for a time.

    Not for the main thread, which handles signals.
    """
    return _stop.wait(seconds)


def periodic(every: timedelta) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Register a function that each worker calls at its start, and then periodically."""

    def add(function: Callable[[], object]) -> Callable[[], object]:
        PERIODIC_TASKS.append(PeriodicTask(function, every))
        return function

    return add


def failing_periodic_tasks() -> dict[str, dict[str, str]]:
    """See core.models.Worker.failing."""
    return {
        one.name: {"since": one.failing_since.isoformat(), "error": one.error}
        for one in PERIODIC_TASKS
        if one.failing_since
    }


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (OperationalError, InterfaceError):
        connection.close()
        return False
    except DatabaseError:
        return True  # an error of the transaction; the database responds
    return True


class SteadyClock:
    """Detects changes of the clock. After one, every heartbeat looks a day old, or of tomorrow."""

    TOLERATED = 20.0

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()
        self._jumped_at = -math.inf

    def is_steady(self) -> bool:
        """False after a change until every living worker has written its heartbeat by the new time."""
        offset, now = time.time() - time.monotonic(), time.monotonic()
        if abs(offset - self._offset) > self.TOLERATED:
            logger.warning("The clock was changed by %d seconds.", offset - self._offset)
            self._offset, self._jumped_at = offset, now
        return now - self._jumped_at > Worker.DEAD_AFTER.total_seconds()


_clock = SteadyClock()


@periodic(every=timedelta(seconds=10))
def rescue_tasks() -> tuple[int, int]:
    """Put tasks of dead workers back into the queue, and fail those that kill every worker.

    However long a task takes, its worker writes a heartbeat (core/tasks/heartbeat.py). Returns how many were
    put back, and how many failed.
    """
    if not _clock.is_steady():
        return 0, 0
    now = timezone.now()
    alive = set(Worker.objects.alive().values_list("key", flat=True))
    rescued = given_up = 0
    for task in DBTaskResult.objects.running().filter(
        Q(started_at=None) | Q(started_at__lt=now - Worker.DEAD_AFTER)
    ):
        holder = task.worker_ids[-1] if task.worker_ids else ""
        if str(task.pk) in tasks_in_hand if holder == WORKER_KEY else holder in alive:
            continue
        # Only if it is still the same attempt: another worker may have been faster.
        same = DBTaskResult.objects.running().filter(pk=task.pk, started_at=task.started_at)
        if len(task.worker_ids) >= MAX_STARTS:
            given_up += same.update(
                status=TaskResultStatus.FAILED,
                finished_at=now,
                exception_class_path=f"{AbandonedTask.__module__}.{AbandonedTask.__qualname__}",
                traceback=f"Started {len(task.worker_ids)} times, never finished.",
            )
            logger.error(
                "Task %s (%s) was started %d times and never finished: given up.",
                task.pk,
                task.task_path,
                len(task.worker_ids),
            )
        else:
            rescued += same.update(status=TaskResultStatus.READY)
            logger.warning(
                "Task %s (%s) was abandoned by its worker: it will be run again.", task.pk, task.task_path
            )
    return rescued, given_up


@periodic(every=timedelta(hours=6))
def forget_finished_tasks() -> int:
    """Delete the records of tasks that ended some time ago. They contain emails, so they must not be kept."""
    deleted, _by_model = (
        DBTaskResult.objects.finished().filter(finished_at__lt=timezone.now() - KEEP_FINISHED).delete()
    )
    return deleted


@periodic(every=timedelta(days=1))
def clear_sessions() -> None:
    call_command("clearsessions")
