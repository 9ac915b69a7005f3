"""Range requests (RFC 9110, 14): recordings are played from the middle, some browsers only ask for ranges."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import IO, cast

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

PIECE = 64 * 1024
RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,15})-([0-9]{0,15})[ \t]*", re.IGNORECASE)


def in_ranges(request: HttpRequest, whole: HttpResponseBase) -> HttpResponseBase:
    """Return the requested part of the file: 206, or 416 if the file has none of it.

    The standard allows the whole file as a response. It is used for several ranges, ranges of another version
    (If-Range), an empty file, and anything that is not a range.
    """
    if not isinstance(whole, FileResponse) or "Content-Length" not in whole:
        return whole
    whole["Accept-Ranges"] = "bytes"
    requested = RANGE.fullmatch(request.headers.get("Range", ""))
    if request.method != "GET" or requested is None or not any(requested.groups()):
        return whole
    if request.headers.get("If-Range", whole.get("Last-Modified")) != whole.get("Last-Modified"):
        return whole
    size = int(whole["Content-Length"])
    if not size:
        return whole
    first, last = _first_and_last(requested[1], requested[2], size)
    if requested[1] and requested[2] and int(requested[2]) < first:
        return whole  # not a range
    return _part(whole, first, last, size) if first <= last else _not_satisfiable(whole, size)


def _first_and_last(first: str, last: str, size: int) -> tuple[int, int]:
    """The first and the last byte: `0-99`, `100-` to the end, or `-100`, the last hundred."""
    if not first:
        return (max(size - int(last), 0), size - 1)
    return int(first), min(int(last), size - 1) if last else size - 1


def _part(whole: FileResponse, first: int, last: int, size: int) -> HttpResponseBase:
    file = cast(IO[bytes], whole.file_to_stream)
    if hasattr(file, "only"):  # in object storage, which is asked for these bytes only
        file.only(first, last)
    else:
        file.seek(first)
    part = StreamingHttpResponse(_read(file, last - first + 1), status=HTTPStatus.PARTIAL_CONTENT)
    part.headers = whole.headers
    part["Content-Range"] = f"bytes {first}-{last}/{size}"
    part["Content-Length"] = str(last - first + 1)
    # Not whole.close, which would signal the end of the request a second time.
    part._resource_closers.append(file.close)  # type: ignore[attr-defined]  # as in Django's own responses
    return part


def _not_satisfiable(whole: FileResponse, size: int) -> HttpResponseBase:
    # Not whole.close, as above.
    cast(IO[bytes], whole.file_to_stream).close()
    return HttpResponse(
        status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
        headers={"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"},
    )


def _read(file: IO[bytes], left: int) -> Iterator[bytes]:
    while left and (piece := file.read(min(left, PIECE))):
        left -= len(piece)
        yield piece
