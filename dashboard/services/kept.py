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


def are_many(*rows: QuerySet[Any]) -> bool:
    """Whether any of these has more than READ_AT_ONCE rows. Reads at most that many, by index."""
    return any(each.values("pk")[: READ_AT_ONCE + 1].count() > READ_AT_ONCE for each in rows)


def keep(key: str, read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Compute now and cache, with the time as `as_of`."""
    found = read() | {"as_of": timezone.now()}
    caches["default"].set(key, found, KEPT_FOR.total_seconds())
    return found


def kept(key: str, read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    return caches["default"].get(key) or keep(key, read)
