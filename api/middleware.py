"""Shared behaviour of the API: no cookies, errors as problem details, ETags, requests from other sites."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers, set_response_etag

from api.v1.problems import problem

Handler = Callable[[HttpRequest], HttpResponse]
BEGINNING = "/api/v1/"
TAKE_FILES = {f"{BEGINNING}pictures", f"{BEGINNING}uploads"}
KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate", "Location")


class ApiMiddleware:
    """Outside of all other middleware that reads cookies or responds with pages.

    Cookies are removed: a session does not sign in here, so no other site can use a reader's
    (docs/decisions/0097). HTML pages of other middleware or Django (for an unknown URL, a request that is too
    large, a read-only database) become problems (RFC 9457).
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(BEGINNING):
            return self.get_response(request)
        request.META.pop("HTTP_COOKIE", None)
        request.COOKIES = {}
        is_head = request.method == "HEAD"
        if is_head:
            request.method = "GET"
        response = refuse_forms(request) or self.get_response(request)
        if response.status_code >= HTTPStatus.BAD_REQUEST and "json" not in response.get("Content-Type", ""):
            response = as_problem(response)
        response = self.finish(request, response)
        if is_head:
            request.method = "HEAD"
            response["Content-Length"] = str(len(response.content))
            response.content = b""
        return response

    def finish(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response.cookies.clear()
        patch_vary_headers(response, ["Authorization"])
        is_anonymous = "Authorization" not in request.headers
        if request.method != "GET":
            return response
        if is_anonymous:
            response["Access-Control-Allow-Origin"] = "*"
            response["Access-Control-Expose-Headers"] = "ETag, Retry-After"
            response["Cross-Origin-Resource-Policy"] = "cross-origin"
        if response.status_code != HTTPStatus.OK:
            return response
        response["Cache-Control"] = "public, no-cache" if is_anonymous else "private, no-cache"
        set_response_etag(response)
        return get_conditional_response(request, etag=response.get("ETag"), response=response) or response


def refuse_forms(request: HttpRequest) -> HttpResponse | None:
    """Refuse forms: other middleware would read their body, and leave nothing for the API.

    Files are exempt.
    """
    is_form = request.content_type in {"multipart/form-data", "application/x-www-form-urlencoded"}
    if request.path in TAKE_FILES and request.content_type == "multipart/form-data":
        return None
    if request.method != "GET" and is_form:
        return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    return None


def as_problem(page: HttpResponse) -> HttpResponse:
    """The same error as problem details."""
    response = problem(page.status_code)
    for name in KEPT_HEADERS:
        if page.has_header(name):
            response[name] = page[name]
    return response
