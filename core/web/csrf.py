"""CSRF protection: visitors' forms need no token, because the origin is checked (docs/decisions/0086)."""

import os
from array import array
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseForbidden
from django.middleware.csrf import CSRF_ALLOWED_CHARS, CsrfViewMiddleware, get_token

VISITORS, EVERYBODY = "visitors", "everybody"
"""Values of a view's attribute `guarded_by_origin`: whose forms need no token. Visitors are not signed in."""

_NUMBERS = {char: number for number, char in enumerate(CSRF_ALLOWED_CHARS)}


def token_of(request: HttpRequest) -> str:
    """Django's get_token, for pages that members read often: an eighth of its time (docs/decisions/0142).

    It does not send the cookie again to a browser that has it. Other pages do, which renews it for a year.
    """
    secret: str | None = request.META.get("CSRF_COOKIE")
    return _masked(secret) if secret else get_token(request)


def _masked(secret: str) -> str:
    """The secret behind a random mask, as Django does it, but with one call for all random numbers."""
    chars, count = CSRF_ALLOWED_CHARS, len(CSRF_ALLOWED_CHARS)
    # Of 64 bits each, so that the remainders are equally likely.
    mask = [number % count for number in array("Q", os.urandom(8 * len(secret)))]
    sums = [(_NUMBERS[char] + number) % count for char, number in zip(secret, mask, strict=True)]
    return "".join([chars[number] for number in mask + sums])


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
