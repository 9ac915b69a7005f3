"""`manage.py worker`: runs tasks, and the periodic tasks of core.tasks.periodic.

One is enough; several do no harm.

It has two threads, so that a sign-in code never waits for notifications, periodic tasks or a long task: one
for the queue "mail", and the main thread for everything else (docs/decisions/0049).
"""

import logging
import signal
import sys
import threading
import time
from argparse import ArgumentParser
from datetime import timedelta
from inspect import signature
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker, valid_interval
from django_tasks_db.models import DBTaskResult

from core.tasks.heartbeat import Heartbeat
from core.tasks.periodic import (
    PERIODIC_TASKS,
    WORKER_KEY,
    DatabaseAway,
    is_stopping,
    request_stop,
    tasks_in_hand,
    wait_for_stop,
)
from core.tracing import span
from core.utils.site_locale import site_locale

logger = logging.getLogger(__name__)

MAIL_QUEUE = "mail"
PAUSE_WITHOUT_DATABASE = 5.0
# How long an email that is being sent may take when the worker is asked to stop: more than EMAIL_TIMEOUT.
STOP_SECONDS = 25.0


# A task that this version does not know, or not with these arguments, is left to a worker of the version that
# enqueued it. It fails after a day. So a task may get another argument, with a default for those that an
# older version enqueued.
UNKNOWN_FOR = timedelta(days=1)
UNKNOWN_PAUSE = timedelta(minutes=1)


def is_known(claimed: DBTaskResult) -> bool:
    """Whether this version has such a task, and can call it with these arguments."""
    try:
        task = claimed.task
    except ImportError:
        return False
    context = [None] if task.takes_context else []
    try:
        signature(task.func).bind(*context, *claimed.args_kwargs["args"], **claimed.args_kwargs["kwargs"])
    except TypeError:
        return False
    return True


def waits_for_its_version(claimed: DBTaskResult) -> bool:
    """Put back a task that this version does not have, as happens during an update.

    Returns False if it has it.
    """
    now = timezone.now()
    if is_known(claimed) or now - claimed.enqueued_at > UNKNOWN_FOR:
        return False
    logger.warning(
        "Task %s (%s) belongs to another version, whose worker will run it.", claimed.pk, claimed.task_path
    )
    DBTaskResult.objects.filter(pk=claimed.pk).update(
        status=TaskResultStatus.READY, run_after=now + UNKNOWN_PAUSE, worker_ids=claimed.worker_ids[:-1]
    )
    return True


class BatchWorker(Worker):
    """Runs what is ready, then returns.

    When asked to stop, it finishes the current task; asked twice, it stops at once.
    """

    in_periodic_tasks = False

    def __init__(
        self, *, queue_names: tuple[str, ...] = ("*",), excluded_queue_names: tuple[str, ...] = ()
    ) -> None:
        super().__init__(
            queue_names=[*queue_names],
            excluded_queue_names=[*excluded_queue_names],
            interval=0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=WORKER_KEY,
        )

    @property
    def running(self) -> bool:
        return not is_stopping()

    @running.setter
    def running(self, wanted: bool) -> None:
        if not wanted:
            request_stop()

    def has_work(self) -> bool:
        """Whether a task is ready, without a lock. Claiming a task takes SQLite's only write lock."""
        tasks = (
            DBTaskResult.objects.ready()
            .filter(backend_name=self.backend_name)
            .exclude(queue_name__in=self.excluded_queue_names)
        )
        return (tasks if self.process_all_queues else tasks.filter(queue_name__in=self.queue_names)).exists()

    def run_task(self, db_task_result: DBTaskResult) -> None:
        if waits_for_its_version(db_task_result):
            return
        key = str(db_task_result.pk)
        tasks_in_hand.add(key)
        try:
            with site_locale(), span(f"task {db_task_result.task_path}"):
                super().run_task(db_task_result)
        finally:
            tasks_in_hand.discard(key)

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        is_idle = not (self.running_task or self.in_periodic_tasks)
        if not self.running or is_idle:
            raise SystemExit(0)
        self.running = False

    def run_periodic_tasks(self, *, all_of_them: bool) -> list[str]:
        """Run the periodic tasks that are due.

        Returns the names of those that failed, which does not stop the others.
        """
        failed = []
        self.in_periodic_tasks = True
        try:
            for task in PERIODIC_TASKS:
                if not self.running:
                    break
                with site_locale():
                    if not all_of_them:
                        task.run_if_due()
                    elif not task.attempt():
                        failed.append(task.name)
        finally:
            self.in_periodic_tasks = False
        return failed

    def configure_signals(self) -> None:
        signal.signal(signal.SIGTERM, self.shutdown)
        if (
            signal.getsignal(signal.SIGINT) != signal.SIG_IGN
        ):  # bin/run handles Ctrl+C for both of its processes
            signal.signal(signal.SIGINT, self.shutdown)


def turn(worker: BatchWorker, *, with_periodic_tasks: bool) -> float:
    """One iteration of the loop. Any error is logged. Returns how long to rest, in seconds."""
    try:
        close_old_connections()
        if with_periodic_tasks:
            worker.run_periodic_tasks(all_of_them=False)
        if worker.running and worker.has_work():
            worker.run()
    except (DatabaseError, DatabaseAway) as error:
        logger.error("The worker is waiting for the database: %s", str(error).strip().partition("\n")[0])
        connection.close()
        return PAUSE_WITHOUT_DATABASE
    except Exception:
        logger.exception("Unexpected error in the worker; it continues.")
        connection.close()
        return PAUSE_WITHOUT_DATABASE
    return 0


def mail_lane(interval: float) -> None:
    """The loop of the thread for the queue "mail", until the worker is asked to stop."""
    worker = BatchWorker(queue_names=(MAIL_QUEUE,))
    try:
        while not wait_for_stop(max(interval, turn(worker, with_periodic_tasks=False))):
            pass
    finally:
        connection.close()


class Command(BaseCommand):
    help = "Run tasks (emails and the like) and periodic tasks until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--interval",
            type=valid_interval,
            default=0.5,
            help="Seconds between checks for new tasks (default: 0.5).",
        )
        parser.add_argument(
            "--once",
            action="store_true",
            help="Run the periodic tasks and all tasks that are ready, then exit.",
        )

    def handle(self, *, interval: float, once: bool, **_options: Any) -> None:
        with Heartbeat():
            if once:
                self.work_once()
            else:
                self.work_on(interval)

    def work_once(self) -> None:
        """Run emails in the queue, then periodic tasks, then all other tasks.

        If a periodic task failed, the command fails at the end.
        """
        BatchWorker(queue_names=(MAIL_QUEUE,)).run()
        worker = BatchWorker()
        failed = worker.run_periodic_tasks(all_of_them=True)
        worker.run()
        if failed:
            raise CommandError(f"Failed: {', '.join(failed)}. Everything else was run.")

    def work_on(self, interval: float) -> None:
        worker = BatchWorker(excluded_queue_names=(MAIL_QUEUE,))
        worker.configure_signals()
        lane = threading.Thread(target=mail_lane, args=[interval], name="mail", daemon=True)
        lane.start()
        try:
            while worker.running:
                rest = turn(worker, with_periodic_tasks=True)
                if worker.running and not lane.is_alive():
                    sys.exit("The email thread stopped unexpectedly.")  # the supervisor starts a new one
                if worker.running:
                    time.sleep(max(interval, rest))
        finally:
            request_stop()
            lane.join(STOP_SECONDS)
