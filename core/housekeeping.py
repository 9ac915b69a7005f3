"""Chores that the task worker does between tasks: rescue what a killed worker left, throw away what nobody needs.

An app adds one of its own by decorating a function with `chore` in a module that is imported when the app is ready.
A chore may run in several workers at once, and may be cut off: write it so that neither does harm.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.management import call_command
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

logger = logging.getLogger(__name__)

# Longer than any task of ours takes. A worker that is killed leaves its task RUNNING, and nobody else would touch it.
STUCK_AFTER = timedelta(minutes=10)
MAX_STARTS = 5
KEEP_FINISHED = timedelta(days=14)


class AbandonedTask(Exception):
    """Stands in the record of a task that was begun MAX_STARTS times and never came to an end."""


@dataclass
class Chore:
    run: Callable[[], object]
    every: timedelta
    due_at: datetime | None = field(default=None)

    def run_if_due(self) -> bool:
        now = timezone.now()
        if self.due_at is not None and now < self.due_at:
            return False
        self.due_at = now + self.every
        self.run()
        return True


CHORES: list[Chore] = []
_stop = threading.Event()


def request_stop() -> None:
    """Ask the chore that is being done to come to an end."""
    _stop.set()


def is_stopping() -> bool:
    """For chores that have many steps: whether the worker was asked to stop, so that this step should be the last."""
    return _stop.is_set()


def chore(every: timedelta) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Have the function called by each worker when it starts, and then again and again."""

    def add(function: Callable[[], object]) -> Callable[[], object]:
        CHORES.append(Chore(function, every))
        return function

    return add


@chore(every=timedelta(minutes=2))
def rescue_tasks() -> tuple[int, int]:
    """Put tasks whose worker died back into the queue, and give up those that kill every worker.

    Returns how many were put back, and how many given up.
    """
    now = timezone.now()
    rescued = given_up = 0
    for task in DBTaskResult.objects.running().filter(started_at__lt=now - STUCK_AFTER):
        # Only if it is still the same attempt: its worker may have been slow, not dead.
        same = DBTaskResult.objects.running().filter(pk=task.pk, started_at=task.started_at)
        if len(task.worker_ids) >= MAX_STARTS:
            given_up += same.update(
                status=TaskResultStatus.FAILED,
                finished_at=now,
                exception_class_path=f"{AbandonedTask.__module__}.{AbandonedTask.__qualname__}",
                traceback=f"Begun {len(task.worker_ids)} times, never ended.",
            )
            logger.error("Task %s (%s) was begun %d times and never ended: given up.", task.pk, task.task_path, len(task.worker_ids))
        else:
            rescued += same.update(status=TaskResultStatus.READY)
            logger.warning("Task %s (%s) was left by its worker: it will be run again.", task.pk, task.task_path)
    return rescued, given_up


@chore(every=timedelta(hours=6))
def forget_finished_tasks() -> int:
    """Delete the records of tasks that ended some time ago. They hold mails, so they should not lie about for ever."""
    deleted, _by_model = DBTaskResult.objects.finished().filter(finished_at__lt=timezone.now() - KEEP_FINISHED).delete()
    return deleted


@chore(every=timedelta(days=1))
def clear_sessions() -> None:
    call_command("clearsessions")
