"""`manage.py worker`: runs tasks, and does the chores of core.housekeeping. One is enough; more do no harm."""

import logging
import signal
import time
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections, connection
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker, valid_interval
from django_tasks_db.models import DBTaskResult

from core.housekeeping import CHORES, request_stop

logger = logging.getLogger(__name__)

PAUSE_WITHOUT_DATABASE = 5.0


class BatchWorker(Worker):
    """Runs what is ready, then returns. Asked to stop, it ends the task or chore it is at (asked twice, at once)."""

    at_chores = False

    def __init__(self) -> None:
        super().__init__(
            queue_names=["*"],
            excluded_queue_names=[],
            interval=0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
        )

    def has_work(self) -> bool:
        """A look without a lock. (To claim a task takes SQLite's only write lock, twice a second for nothing.)"""
        return DBTaskResult.objects.ready().filter(backend_name=self.backend_name).exists()

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        if not self.running or not (self.running_task or self.at_chores):
            raise SystemExit(0)
        self.running = False
        request_stop()

    def do_chores(self, *, all_of_them: bool) -> None:
        self.at_chores = True
        try:
            for chore in CHORES:
                if not self.running:
                    return
                if all_of_them:
                    chore.run()
                else:
                    chore.run_if_due()
        finally:
            self.at_chores = False

    def configure_signals(self) -> None:
        signal.signal(signal.SIGTERM, self.shutdown)
        if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:  # bin/run handles Ctrl+C for both of its processes
            signal.signal(signal.SIGINT, self.shutdown)


class Command(BaseCommand):
    help = "Run tasks (mails and the like) and chores until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--interval", type=valid_interval, default=0.5, help="Seconds between two looks for new tasks (default: 0.5).")
        parser.add_argument("--once", action="store_true", help="Do the chores, run what is ready, and end.")

    def handle(self, *, interval: float, once: bool, **_options: Any) -> None:
        worker = BatchWorker()
        if not once:
            worker.configure_signals()
        while worker.running:
            close_old_connections()
            try:
                worker.do_chores(all_of_them=once)
                if worker.running and worker.has_work():
                    worker.run()
            except DatabaseError as error:
                if once:
                    raise
                logger.error("The worker waits for the database: %s", str(error).strip().partition("\n")[0])
                connection.close()
                time.sleep(PAUSE_WITHOUT_DATABASE)
            if once:
                break
            if worker.running:
                time.sleep(interval)
