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
"""Cache-Control of pages that are the same for all visitors: a front server may answer with them for a second."""


def is_visitor(request: HttpRequest) -> bool:
    """Whether nothing about this request is known but its address and the theme: no session, no message for them."""
    cookies = request.COOKIES
    return settings.SESSION_COOKIE_NAME not in cookies and cookie_name("messages") not in cookies


# What a front server has in its key (deploy/nginx).
COOKIES_IN_KEY = ("theme", "language", "dismissed")


def is_read_alike(request: HttpRequest) -> bool:
    """Whether a front server finds the same in the cookies of its key as Django, which takes the last one of a name, without
    quotation marks. Else somebody could have a page in their language kept for readers of another.
    """
    said = request.META.get("HTTP_COOKIE", "")
    return not said or all(
        set(re.findall(rf"(?:^|; *)(?:__Host-)?{name}=([^;]*)", said) or [""])
        == {request.COOKIES.get(cookie_name(name), "")}
        for name in COOKIES_IN_KEY
    )


class SameForAllVisitors:
    """A mixin for pages that show visitors nothing of themselves. CacheControlMiddleware makes sure of the rest."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)  # type: ignore[misc]  # a view follows in the MRO
        request.is_same_for_all_visitors = True  # type: ignore[attr-defined]  # read by may_be_kept


def may_be_kept(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether a front server may answer other visitors with this: nothing in it, or set with it, is about the one who asked."""
    return (
        getattr(request, "is_same_for_all_visitors", False)
        and request.method in {"GET", "HEAD"}
        and response.status_code in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}
        and is_visitor(request)
        # The theme under its old name is part of a front server's key, but not of this page.
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
    """304 if the caller has exactly this already. For what looks the same to everybody: feeds, the sitemap.

    The ETag is made of the bytes themselves, so it is never wrong; it saves the transfer, not the work.
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
