"""CSRF protection: visitors' forms need no token, because the origin is checked (docs/decisions/0086)."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseForbidden
from django.middleware.csrf import CsrfViewMiddleware

VISITORS, EVERYBODY = "visitors", "everybody"
"""Values of a view's attribute `guarded_by_origin`: whose forms need no token. Visitors are not signed in."""


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
