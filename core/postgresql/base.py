"""Django's PostgreSQL backend, with a cheaper health check of connections that are kept between requests."""

import select
import time
from typing import Any

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks PostgreSQL whether a connection works at most once a second, unless it may have been closed.

    Django asks with SELECT 1 for every request. A server that ends a connection says so and closes it, which
    can be seen without asking. Only a connection that went away in silence needs the question.
    """

    CHECK_SECONDS = 1.0

    # Unknown to the stubs.
    health_check_done: bool
    health_check_enabled: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._checked_at = -self.CHECK_SECONDS

    def close_if_health_check_failed(self) -> None:
        if self.connection is None or self.health_check_done or not self.health_check_enabled:
            return
        now = time.monotonic()
        if now - self._checked_at < self.CHECK_SECONDS and not self._has_received():
            self.health_check_done = True
            return
        super().close_if_health_check_failed()
        self._checked_at = now

    def _has_received(self) -> bool:
        """Whether something waits to be read, which between two requests is mostly the end."""
        if self.connection.closed:
            return True
        waiting = select.poll()
        waiting.register(self.connection.fileno(), select.POLLIN)
        return bool(waiting.poll(0))
