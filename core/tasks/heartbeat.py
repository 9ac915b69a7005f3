"""The worker's heartbeat: tasks of a dead worker are restarted within a minute, long tasks are left alone.

See docs/decisions/0049. Each worker has a row (core.models.Worker), written every BEAT_SECONDS by a thread of
its own, so neither a slow mail server nor a long task delays it. Other leases are renewed with each heartbeat
(core.signals.worker_beat).
"""

import logging
import threading
from datetime import timedelta
from types import TracebackType

from django.db import DatabaseError, connection
from django.utils import timezone

from core.models import Worker
from core.signals import worker_beat
from core.tasks.periodic import WORKER_KEY, failing_periodic_tasks

logger = logging.getLogger(__name__)

BEAT_SECONDS = 10.0
FORGET_AFTER = timedelta(days=1)


def beat() -> None:
    """Write this worker's heartbeat, and which of its periodic tasks fail."""
    now = timezone.now()
    Worker.objects.update_or_create(
        key=WORKER_KEY,
        defaults={"beat_at": now, "failing": failing_periodic_tasks()},
        create_defaults={"started_at": now, "beat_at": now, "failing": failing_periodic_tasks()},
    )
    worker_beat.send(sender=Worker)


class Heartbeat:
    """Writes a heartbeat at the start and then periodically in a thread. Deletes the row at the end."""

    def __init__(self) -> None:
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="heartbeat", daemon=True)

    def __enter__(self) -> "Heartbeat":
        try:
            beat()
            Worker.objects.filter(beat_at__lt=timezone.now() - FORGET_AFTER).delete()
        except DatabaseError:
            connection.close()  # the thread tries again
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends.set()
        self._thread.join(BEAT_SECONDS)
        try:
            Worker.objects.filter(key=WORKER_KEY).delete()
        except DatabaseError:
            logger.debug("The database is unavailable; this worker’s heartbeat row will expire.")

    def _go_on(self) -> None:
        is_failing = False
        try:
            while not self._ends.wait(BEAT_SECONDS):
                try:
                    beat()
                    is_failing = False
                except Exception:  # the next heartbeat may succeed
                    logger.log(
                        logging.DEBUG if is_failing else logging.ERROR,
                        "A worker could not write down that it lives.",
                        exc_info=True,
                    )
                    is_failing = True
                    connection.close()
        finally:
            connection.close()
