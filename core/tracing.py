"""Traces for OpenTelemetry (OTEL_EXPORTER_OTLP_ENDPOINT). Its packages are only imported if that is set.

As in the logs, they contain names of pages and tasks, queries without values, and types of errors, but no
addresses, messages or personal data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from core.utils.text import one_line

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

SHOWN = 1000
"""Characters of a query."""


def are_traces_sent() -> bool:
    return bool(settings.OTEL_EXPORTER_OTLP_ENDPOINT)


def send_traces() -> None:
    """Start sending traces.

    Endpoint, headers and sampling are configured by the standard variables (OTEL_…).
    """
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    from opentelemetry.trace import set_tracer_provider  # noqa: PLC0415

    provider = make_provider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    set_tracer_provider(provider)


def make_provider() -> TracerProvider:
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415

    connection_created.connect(_watch, dispatch_uid="core.tracing")
    return TracerProvider(resource=Resource.create({"service.name": settings.OTEL_SERVICE_NAME}))


@contextmanager
def span(name: str, **attributes: Any) -> Iterator[Span | None]:
    """A span for a part of what this thread does. None if no traces are sent."""
    if not are_traces_sent():
        yield None
        return
    from opentelemetry import trace  # noqa: PLC0415

    tracer = trace.get_tracer("long-table")
    with tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as made:
        try:
            yield made
        except Exception as error:
            mark_failed(made, type(error).__qualname__)
            raise


def mark_failed(span: Span, kind: str) -> None:
    from opentelemetry.trace import StatusCode  # noqa: PLC0415

    span.set_attribute("error.type", kind)
    span.set_status(StatusCode.ERROR)


def _watch(connection: BaseDatabaseWrapper, **_kwargs: Any) -> None:
    if _traced not in connection.execute_wrappers:
        connection.execute_wrappers.append(_traced)


def _traced(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    from opentelemetry import trace  # noqa: PLC0415

    if not trace.get_current_span().is_recording():  # outside of pages and tasks
        return execute(sql, params, many, context)
    text = one_line(str(sql))[:SHOWN]
    attributes = {"db.system.name": context["connection"].vendor, "db.query.text": text}
    with span(text.partition(" ")[0].upper() or "statement", **attributes):
        return execute(sql, params, many, context)
