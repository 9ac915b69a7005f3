"""Conditional responses (ETag, Last-Modified)."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.http import http_date


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
