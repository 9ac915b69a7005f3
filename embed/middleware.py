"""What every response at an address of the frame has in common, whoever made it: the view, another middleware, an error."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from core.utils.cookies import cookie_name
from embed.services import allowed_origins


class FrameMiddleware:
    """Pages of the frame may be framed by the sites that the host lists, and are a visitor's.

    Error pages too: the text that was typed comes back in them, and a browser shows nothing of a page that may not be framed.
    No session is read, whatever cookie comes along (docs/decisions/0106).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(reverse("embed:by-address")):
            return self.get_response(request)
        kept = {cookie_name("language")}
        request.COOKIES = {name: value for name, value in request.COOKIES.items() if name in kept}
        request.frame = "embed/base.html"  # type: ignore[attr-defined]  # ours: what error pages extend
        response = self.get_response(request)
        if origins := allowed_origins():
            del response["X-Frame-Options"]
            response._csp_replace = {"frame-ancestors": origins}  # type: ignore[attr-defined]  # as django-csp's decorator does
        return response
