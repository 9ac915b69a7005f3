"""Counts that read every row of a period. On a large site, the worker computes them hourly."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.cache import caches
from django.db.models import QuerySet
from django.utils import timezone

# They are cached if more rows than this would be read (a week of 19,000 comments: 0.1 s; a year of a million:
# 0.8 s).
READ_AT_ONCE = 5_000
KEPT_FOR = timedelta(hours=3)
# A page that finds no counts asks the worker for them, at most this often.
ASKED_AGAIN_AFTER = timedelta(minutes=5)


def are_many(*rows: QuerySet[Any]) -> bool:
    """Whether any of these has more than READ_AT_ONCE rows. Reads at most that many, by index."""
    return any(each.values("pk")[: READ_AT_ONCE + 1].count() > READ_AT_ONCE for each in rows)


def keep(key: str, read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Compute now and cache, with the time as `as_of`."""
    found = read() | {"as_of": timezone.now()}
    caches["default"].set(key, found, KEPT_FOR.total_seconds())
    return found


def kept(key: str) -> dict[str, Any] | None:
    """What the worker has computed, up to an hour ago; None before it has, which it is then asked for."""
    from dashboard.tasks import count_figures  # noqa: PLC0415 - it imports what it counts

    found: dict[str, Any] | None = caches["default"].get(key)
    if found is None and caches["default"].add("figures-asked-for", 1, ASKED_AGAIN_AFTER.total_seconds()):
        count_figures.enqueue()
        found = caches["default"].get(key)
    return found
