"""Logs slow pages."""

import time
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from core.utils.slow import begin_page, end_page


class SlowPagesMiddleware:
    """With SLOW_PAGE_MS: logs each page that took longer, by its name, with the cause."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.SLOW_PAGE_MS:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        spent, began = begin_page(), time.perf_counter()
        try:
            return self.get_response(request)
        finally:
            match = request.resolver_match
            end_page(spent, match.view_name if match else "none", time.perf_counter() - began)
