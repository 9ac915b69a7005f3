"""Reading from the primary database or from a replica that may lag behind (docs/decisions/0109).

Cached pages have the version of their thread in their key. Version and rows must come from one database, the
version first, so that no page is older than its key says. So the database is chosen once per page, before its
first query.
"""

import threading
import time
from typing import Any

from django.db import DatabaseError, connections, transaction

PRIMARY, REPLICA = "default", "replica"
AWAY_SECONDS = 5
"""How long a replica that did not respond is not used."""

_thread = threading.local()
_is_away_until = 0.0


def reading_alias() -> str:
    """The database that this thread reads from. Rows to be changed are read from the primary."""
    is_from_replica = getattr(_thread, "reads_from_replica", False)
    return REPLICA if is_from_replica and not transaction.get_connection(PRIMARY).in_atomic_block else PRIMARY


def read_from_replica() -> None:
    """Read from the replica from now on, if it is available."""
    global _is_away_until
    if time.monotonic() < _is_away_until:
        return
    replica = connections[REPLICA]
    try:
        replica.close_if_health_check_failed()
        replica.ensure_connection()
    except DatabaseError:
        replica.close()
        leave_replica_alone()
        return
    _thread.reads_from_replica = True


def read_from_primary() -> None:
    _thread.reads_from_replica = False


def leave_replica_alone() -> None:
    """Read the next pages from the primary, because the replica is unavailable."""
    global _is_away_until
    _is_away_until = time.monotonic() + AWAY_SECONDS


class ReplicaRouter:
    """Chooses the database. Nothing is ever written to the replica."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return reading_alias()

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return PRIMARY

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return True  # the same rows

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == PRIMARY
