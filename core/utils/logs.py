"""Log filters and formatters."""

import json
import logging
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest

from core.utils.secret_links import without_secrets
from core.utils.text import one_line

LONGEST = 500
MOST_CAUSES = 5

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that this thread answers (core.web.request_ids); empty in the worker."""


def note_security(level: int, event: str, request: HttpRequest | None, member: int | None = None) -> None:
    """A line of the logger "security": what, at which page, and which member, by number; nothing that somebody typed."""
    match = getattr(request, "resolver_match", None)
    logging.getLogger("security").log(
        level,
        "%s; page %s; member %s; request %s",
        event,
        match.view_name if match else "none",
        member or "unknown",
        request_id.get() or "none",
        extra={"security": {"event": event, "page": match.view_name if match else "none", "member": member}},
    )


class LineFormatter(logging.Formatter):
    """Python's own, without the secrets of links; a database that is away is one line: each request would else write a hundred."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return without_secrets(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:
        error = ei[1]
        if isinstance(error, OperationalError | InterfaceError):
            return one_line(f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}")[:LONGEST]
        return super().formatException(ei)


class OneLineFormatter(logging.Formatter):
    """One line for each record, without a stack: for forged input of visitors, which must not fill the log or imitate other lines."""

    def format(self, record: logging.LogRecord) -> str:
        bare = logging.makeLogRecord(
            record.__dict__ | {"exc_info": None, "exc_text": None, "stack_info": None}
        )
        return one_line(without_secrets(super().format(bare)))[:LONGEST]


class JsonFormatter(logging.Formatter):
    """One JSON object a line (LOG_FORMAT=json), for programs that collect logs; and nothing in it that people wrote.

    Of an error its kinds and places in the code, without their messages, which may quote values; of a request the name of its
    page, never the address, which may hold a name or a key. `id` finds the same request in the log of the proxy.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
        }
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest):
            match = request.resolver_match
            line |= {
                "message": one_line(
                    str(record.args[0]) if isinstance(record.args, tuple) and record.args else ""
                ),
                "page": match.view_name if match else "none",
                "method": request.method if request.method in METHODS else "other",
                "status": getattr(record, "status_code", None),
            }
        else:
            line["message"] = one_line(without_secrets(record.getMessage()))[:LONGEST]
        if known := request_id.get():
            line["id"] = known
        line |= {name: getattr(record, name) for name in ("slow", "security") if hasattr(record, name)}
        if record.exc_info and record.exc_info[1]:
            line["errors"] = _errors(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def _errors(error: BaseException | None) -> list[dict[str, Any]]:
    """The error and those that caused it, the last one first: kind, and the lines of code from the outermost inwards."""
    found: list[dict[str, Any]] = []
    while error is not None and len(found) < MOST_CAUSES:
        places = [f"{at.filename}:{at.lineno} {at.name}" for at in traceback.extract_tb(error.__traceback__)]
        found.append({"kind": f"{type(error).__module__}.{type(error).__qualname__}", "at": places})
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found
