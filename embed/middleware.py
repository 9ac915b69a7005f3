"""Headers of all responses at URLs of the frame, whether from a view, other middleware or an error page."""

from collections.abc import Callable

from csp.decorators import csp_replace
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.utils.cookies import cookie_name
from core.utils.urls import path_of
from embed.services import allowed_origins


class FrameMiddleware:
    """Pages of the frame may be framed by the sites that the host lists, and are always a visitor's.

    This includes error pages, which return the typed text: browsers don't show pages that may not be framed.
    No session is read, whatever cookies are sent (docs/decisions/0106).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(path_of("embed:by-address")):
            return self.get_response(request)
        cookies = {cookie_name("language")}
        request.COOKIES = {name: value for name, value in request.COOKIES.items() if name in cookies}
        request.frame = "embed/base.html"  # type: ignore[attr-defined]  # ours: error pages extend it
        if not (origins := allowed_origins()):
            return self.get_response(request)
        response = csp_replace({"frame-ancestors": origins})(self.get_response)(request)
        del response["X-Frame-Options"]
        return response
