"""A trace for each request."""

from collections.abc import Callable

from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from core.tracing import are_traces_sent, mark_failed, span
from core.utils.logs import METHODS, request_id


class TracingMiddleware:
    """With OTEL_EXPORTER_OTLP_ENDPOINT: a span for each request, named after its page.

    Trace headers from clients are ignored.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not are_traces_sent():
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        method = request.method if request.method in METHODS else "other"
        with span(f"{method}", **{"http.request.method": method, "request.id": request_id.get()}) as made:
            response = self.get_response(request)
            if made is not None:
                match = request.resolver_match
                made.update_name(f"{method} {match.view_name if match else 'none'}")
                made.set_attribute("http.route", match.route if match else "")
                made.set_attribute("http.response.status_code", response.status_code)
                if response.status_code >= 500:
                    mark_failed(made, str(response.status_code))
            return response
