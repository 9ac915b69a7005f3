"""An id for each request, by which its entries are found in the logs of proxy and site."""

import re
import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core.utils.logs import request_id

GIVEN = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestIdMiddleware:
    """X-Request-ID: taken from our proxy or generated, and returned with the response.

    Clients can send anything, so the header counts only if a proxy overwrites it (TRUSTED_PROXY_COUNT,
    deploy/nginx). Responses that a proxy may cache for others have none.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "") if settings.TRUSTED_PROXY_COUNT else ""
        word = given if GIVEN.fullmatch(given) else secrets.token_hex(8)
        token = request_id.set(word)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        if "public" not in response.get("Cache-Control", ""):
            response["X-Request-ID"] = word
        return response
