"""A word for each request, by which its lines are found in the logs of proxy and site."""

import re
import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core.utils.logs import request_id

GIVEN = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestIdMiddleware:
    """X-Request-ID: as a proxy of ours says, else made here; given back with the answer.

    What clients send is theirs to make up, so it counts only where a proxy overwrites it (TRUSTED_PROXY_COUNT, deploy/nginx).
    An answer that a proxy may keep for others carries none.
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
