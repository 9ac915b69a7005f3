"""Responses that several views give."""

from http import HTTPStatus
from typing import TypeVar

from django.http import HttpResponse

from core.utils.ratelimit import TooFast

Response = TypeVar("Response", bound=HttpResponse)


def retry_later(response: Response, error: TooFast) -> Response:
    """Make a response say 429, and after how many seconds to try again (RFC 6585, section 4)."""
    response.status_code = HTTPStatus.TOO_MANY_REQUESTS
    response["Retry-After"] = str(error.wait_seconds)
    return response
