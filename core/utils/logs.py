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
MAX_CAUSES = 5

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of this thread's request (core.web.request_ids); empty in the worker."""


def note_security(level: int, event: str, request: HttpRequest | None, member: int | None = None) -> None:
    """Log to "security": the event, the page, and the member's number, but nothing that a user typed."""
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
    """Python's formatter without the secrets of links, and with one line if the database is unavailable.

    Otherwise each request would then write a hundred.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:
        return without_secrets(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:
        error = ei[1]
        if isinstance(error, OperationalError | InterfaceError):
            return one_line(f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}")[:LONGEST]
        return super().formatException(ei)


class OneLineFormatter(logging.Formatter):
    """One line per record, without a stack trace.

    For forged input of visitors, which must not fill the log or imitate other lines.
    """

    def format(self, record: logging.LogRecord) -> str:
        bare = logging.makeLogRecord(
            record.__dict__ | {"exc_info": None, "exc_text": None, "stack_info": None}
        )
        return one_line(without_secrets(super().format(bare)))[:LONGEST]


class JsonFormatter(logging.Formatter):
    """One JSON object per line (LOG_FORMAT=json) for log collectors, without anything that users wrote.

    Errors appear with their types and places in the code, but without messages, which may quote values. A
    request appears with the name of its page, but without its URL, which may contain a name or a key. `id` is
    also in the log of the proxy.
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
    """The error and its causes, the last one first: type, and lines of code from the outermost inwards."""
    found: list[dict[str, Any]] = []
    while error is not None and len(found) < MAX_CAUSES:
        places = [f"{at.filename}:{at.lineno} {at.name}" for at in traceback.extract_tb(error.__traceback__)]
        found.append({"kind": f"{type(error).__module__}.{type(error).__qualname__}", "at": places})
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found
