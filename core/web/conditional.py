"""Conditional responses (ETag, Last-Modified)."""

import re
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.http import http_date

from core.utils.cookies import cookie_name

KEPT_A_SECOND = "public, max-age=0, s-maxage=1"
"""Cache-Control of pages that are the same for all visitors: a reverse proxy may serve them for a second."""


def is_visitor(request: HttpRequest) -> bool:
    """Whether the request has no session and no messages: only its URL and preferences matter."""
    cookies = request.COOKIES
    return settings.SESSION_COOKIE_NAME not in cookies and cookie_name("messages") not in cookies


# The cookies in the cache key of a reverse proxy (deploy/nginx).
COOKIES_IN_KEY = ("theme", "language", "dismissed")


def is_read_alike(request: HttpRequest) -> bool:
    """Whether a reverse proxy reads the same values from its key's cookies as Django.

    Django takes the last cookie of a name, without quotation marks. Otherwise a request could get a page in
    its language cached for readers of another.
    """
    cookies = request.META.get("HTTP_COOKIE", "")
    return not cookies or all(
        set(re.findall(rf"(?:^|; *)(?:__Host-)?{name}=([^;]*)", cookies) or [""])
        == {request.COOKIES.get(cookie_name(name), "")}
        for name in COOKIES_IN_KEY
    )


class SameForAllVisitors:
    """For pages that are the same for all visitors. CacheControlMiddleware makes sure of the rest."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)  # type: ignore[misc]  # a view follows in the MRO
        request.is_same_for_all_visitors = True  # type: ignore[attr-defined]  # read by is_cacheable


def is_cacheable(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether a reverse proxy may cache the response for other visitors: nothing in it is personal."""
    return (
        getattr(request, "is_same_for_all_visitors", False)
        and request.method in {"GET", "HEAD"}
        and response.status_code in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}
        and is_visitor(request)
        # The theme's old cookie is in a reverse proxy's key, but not used by this page.
        and not getattr(request, "has_old_cookies", False)
        and is_read_alike(request)
        and not response.cookies
        and not request.META.get("CSRF_COOKIE_NEEDS_UPDATE")
        and not request.session.modified
        and request.session.is_empty()
    )


def answer_conditionally(
    request: HttpRequest, response: HttpResponse, *, changed_at: datetime | None = None
) -> HttpResponse:
    """Return 304 if the client has this version. For what is the same for everyone: feeds, the sitemap.

    The ETag is a hash of the content, so it is never wrong. It saves the transfer, not the work.
    """
    last_modified = int(changed_at.timestamp()) if changed_at else None
    if last_modified is not None:
        response["Last-Modified"] = http_date(last_modified)
    response.setdefault("Cache-Control", "public, no-cache")
    set_response_etag(response)
    return (
        get_conditional_response(
            request, etag=response["ETag"], last_modified=last_modified, response=response
        )
        or response
    )
