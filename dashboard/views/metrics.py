"""Metrics for operators."""

from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views import View


class MetricsView(View):
    """Prometheus' text format for clients with METRICS_TOKEN; 404 if none is configured.

    RFC 6750: `Authorization: Bearer TOKEN`.
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        if not settings.METRICS_TOKEN:
            raise Http404
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not constant_time_compare(token.strip(), settings.METRICS_TOKEN):
            headers = {"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"}
            return HttpResponse(status=HTTPStatus.UNAUTHORIZED, headers=headers)
        from dashboard.metrics import exposition  # noqa: PLC0415 - optional dependency

        return HttpResponse(
            exposition(),
            content_type="text/plain; version=0.0.4; charset=utf-8",
            headers={"Cache-Control": "no-store"},
        )
