"""Files that other programs request repeatedly (calendars): made once per state and cached compressed."""

from collections.abc import Callable
from gzip import compress, decompress
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language

from core.pagecache.making import digest, made_once


def cached_file(
    request: HttpRequest, content_type: str, state: list[Any], make: Callable[[], bytes]
) -> HttpResponseBase:
    """The file for this state, from the cache, or 304 if the client has it.

    The state is the reader's own, so what was changed or removed is never served.
    """
    key = digest([content_type, get_language(), settings.SITE_URL, *state])
    packed = made_once(caches["parts"], key, lambda: compress(make(), mtime=0))
    is_packed = "gzip" in request.headers.get("Accept-Encoding", "")
    headers = {"Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex", "ETag": f'W/"{key}"'}
    response = HttpResponse(packed if is_packed else decompress(packed), content_type, headers=headers)
    if is_packed:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    return get_conditional_response(request, etag=response["ETag"], response=response) or response
