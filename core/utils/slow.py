"""Logs slow queries and slow pages with their cause (SLOW_STATEMENT_MS, SLOW_PAGE_MS)."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from core.utils.text import one_line

logger = logging.getLogger(__name__)

SHOWN = 300
"""Characters of a query. It contains no values: the ORM sends them separately."""
OFTEN = 10
"""The same query this often in one page is a cause by itself."""


@dataclass
class QueryTime:
    """A thread's queries since the page began."""

    seconds: float = 0.0
    count: int = 0
    slowest: float = 0.0
    slowest_sql: str = ""
    times: Counter[str] = field(default_factory=Counter)

    def add(self, sql: str, seconds: float) -> None:
        self.seconds += seconds
        self.count += 1
        self.times[sql] += 1
        if seconds > self.slowest:
            self.slowest, self.slowest_sql = seconds, sql

    def cause(self, seconds: float) -> tuple[str, str]:
        """Why a page took so long, in a few words, and the query concerned."""
        sql, times = self.times.most_common(1)[0] if self.times else ("", 0)
        if self.seconds < seconds / 2:
            return "outside the database", ""
        if times >= OFTEN:
            return f"one statement {times} times", sql
        return (
            "one slow statement" if self.slowest > self.seconds / 2 else "many statements",
            self.slowest_sql,
        )


_thread = threading.local()


def measure_statements() -> None:
    """Time the queries of every connection that is opened from now on.

    Called at startup if a setting needs it.
    """
    connection_created.connect(_watch, dispatch_uid="core.utils.slow")


def begin_page() -> QueryTime:
    _thread.spent = QueryTime()
    return _thread.spent


def end_page(spent: QueryTime, page: str, seconds: float) -> None:
    _thread.spent = None
    if not settings.SLOW_PAGE_MS or seconds * 1000 < settings.SLOW_PAGE_MS:
        return
    cause, sql = spent.cause(seconds)
    logger.warning(
        "Slow page %s: %d ms, of which %d ms for %d statements. Cause: %s%s",
        page,
        seconds * 1000,
        spent.seconds * 1000,
        spent.count,
        cause,
        f": {_short(sql)}" if sql else ".",
        extra={
            "slow": {
                "page": page,
                "ms": round(seconds * 1000),
                "database_ms": round(spent.seconds * 1000),
                "statements": spent.count,
                "cause": cause,
            }
        },
    )


def _watch(connection: BaseDatabaseWrapper, **_kwargs: Any) -> None:
    if _timed not in connection.execute_wrappers:
        connection.execute_wrappers.append(_timed)


def _timed(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    began = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        seconds = time.perf_counter() - began
        if (spent := getattr(_thread, "spent", None)) is not None:
            spent.add(sql, seconds)
        if settings.SLOW_STATEMENT_MS and seconds * 1000 >= settings.SLOW_STATEMENT_MS:
            logger.warning(
                "Slow statement: %d ms: %s",
                seconds * 1000,
                _short(sql),
                extra={"slow": {"ms": round(seconds * 1000)}},
            )


def _short(sql: str) -> str:
    return one_line(str(sql))[:SHOWN]
