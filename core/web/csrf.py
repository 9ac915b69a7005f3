"""CSRF protection: visitors' forms need no token, because the origin is checked (docs/decisions/0086)."""

import os
from collections.abc import Callable
from operator import add
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseForbidden
from django.middleware.csrf import CSRF_ALLOWED_CHARS, CSRF_SECRET_LENGTH, CsrfViewMiddleware, get_token

VISITORS, EVERYBODY = "visitors", "everybody"
"""Values of a view's attribute `guarded_by_origin`: whose forms need no token. Visitors are not signed in."""

# Tables for bytes.translate: the number of a character, the character of a number.
_CHARS = CSRF_ALLOWED_CHARS.encode()
_COUNT = len(_CHARS)
_NUMBERS = bytes(max(0, _CHARS.find(char)) for char in range(256))
_TO_CHARS = bytes(_CHARS[number % _COUNT] for number in range(256))
# Without these bytes, each character is equally likely.
_UNEVEN = bytes(range(256 - 256 % _COUNT, 256))


def token_of(request: HttpRequest) -> str:
    """Django's get_token, for pages that members read often: a tenth of its time.

    It does not send the cookie again to a browser that has it. Other pages do, which renews it for a year.
    """
    secret: str | None = request.META.get("CSRF_COOKIE")
    return _masked(secret) if secret else get_token(request)


def _masked(secret: str) -> str:
    """The secret behind a random mask, as Django does it, but with one call for all random numbers."""
    mask = b""
    while len(mask) < CSRF_SECRET_LENGTH:
        mask += os.urandom(2 * CSRF_SECRET_LENGTH).translate(_TO_CHARS, _UNEVEN)
    mask = mask[:CSRF_SECRET_LENGTH]
    sums = map(add, secret.encode().translate(_NUMBERS), mask.translate(_NUMBERS))
    return (mask + bytes(sums).translate(_TO_CHARS)).decode()


class OriginOrTokenMiddleware(CsrfViewMiddleware):
    """Django's check, but a visitor's form needs no token if its view says so.

    There is no session to abuse: another site could send the same request itself. It should still not come
    from there (a comment in the name of anyone who clicks). Browsers tell the origin of a form in
    Sec-Fetch-Site, older ones in Origin; without either header it is no browser (the same rule as in Go's
    http.CrossOriginProtection). So a visitor's page is the same for all, sets no cookie, and can be cached by
    a reverse proxy.
    """

    def process_view(
        self,
        request: HttpRequest,
        callback: Callable[..., Any],
        callback_args: tuple[Any, ...],
        callback_kwargs: dict[str, Any],
    ) -> HttpResponseForbidden | None:
        guarded = getattr(getattr(callback, "view_class", None), "guarded_by_origin", "")
        is_free = guarded == EVERYBODY or (guarded == VISITORS and self._is_visitor(request))
        if is_free and request.method == "POST" and self._comes_from_here(request):
            request.csrf_processing_done = True  # type: ignore[attr-defined]  # as Django's own check does
            return None
        return super().process_view(request, callback, callback_args, callback_kwargs)

    def _is_visitor(self, request: HttpRequest) -> bool:
        """Includes those with a session, begun in another tab after this page was opened without a token."""
        return settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated

    def _comes_from_here(self, request: HttpRequest) -> bool:
        if site := request.headers.get("Sec-Fetch-Site"):
            return site in {"same-origin", "none"}
        return "Origin" not in request.headers or bool(getattr(self, "_origin_verified")(request))  # noqa: B009 - unknown to the stubs
