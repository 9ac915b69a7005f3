"""Counts page views for the statistics, and measures request durations for operators."""

import time
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from core.models import SiteSettings
from dashboard.services.searches import SearchCount, tidy
from dashboard.services.views import PAGES, PageView, is_bot, note

Handler = Callable[[HttpRequest], HttpResponse]

METHODS = {"GET", "HEAD", "POST", "OPTIONS"}
SEARCH_PAGE = "search:search"
COUNTED = {*PAGES, SEARCH_PAGE}


def searched(request: HttpRequest, response: HttpResponse) -> SearchCount | None:
    """The search, if this is the first page of results of all kinds.

    Filtered and later pages belong to a search that was counted already.
    """
    context = getattr(response, "context_data", None) or {}
    if not context.get("is_asked") or {*request.GET} != {"q"}:
        return None
    return SearchCount(tidy(context["query"].typed), bool(context["sections"]))


class CountViewsMiddleware:
    """Count a view after the response. A 304 counts too. Views by the team do not."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "GET" and response.status_code in {200, 304}:
            match = request.resolver_match
            if match is not None and match.view_name in COUNTED and SiteSettings.current().counts_views:
                search = searched(request, response) if match.view_name == SEARCH_PAGE else None
                if match.view_name != SEARCH_PAGE or search is not None:
                    self.note(request, match.kwargs.get("slug", ""), search)
        return response

    def note(self, request: HttpRequest, slug: str, search: SearchCount | None) -> None:
        headers = request.headers
        browser = headers.get("User-Agent", "")
        is_ahead = "prefetch" in headers.get("Sec-Purpose", headers.get("Purpose", ""))
        if is_bot(browser) or is_ahead or "HX-Request" in headers:
            return
        user = getattr(request, "_cached_user", None)
        if user is not None and user.is_authenticated and user.is_staff:
            return
        sender = request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", "")
        note(PageView(time.time(), slug, sender, browser[:300], headers.get("Referer", "")[:500], search))


class MeasureMiddleware:
    """If METRICS_TOKEN is set, measure each request that gets here, labelled by URL name, never by URL."""

    def __init__(self, get_response: Handler) -> None:
        if not settings.METRICS_TOKEN:
            raise MiddlewareNotUsed
        from dashboard.metrics import REQUESTS  # noqa: PLC0415 - optional dependency

        self.get_response, self.requests = get_response, REQUESTS

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        method = request.method if request.method in METHODS else "other"
        labels = (match.view_name if match else "none", method, str(response.status_code))
        self.requests.labels(*labels).observe(time.perf_counter() - began)
        return response
