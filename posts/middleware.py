"""Redirects from old URLs of posts, lists and feeds."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase

from posts.models import OldAddress
from posts.models.old_addresses import OURS
from posts.old_lists import list_or_feed


class OldAddressMiddleware:
    """On a 404, look for an old URL and redirect. Other responses are not affected."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_read = request.method in {"GET", "HEAD"}
        is_program = request.path_info.startswith("/api/")
        if (
            response.status_code != HTTPStatus.NOT_FOUND
            or is_program
            or not (is_read or OURS.match(request.path_info))
        ):
            return response
        new = OldAddress.objects.where_to(
            request.path_info, request.META.get("QUERY_STRING", ""), request.user
        )
        if not new and is_read:
            new = list_or_feed(request.path_info)
        if not new:
            return response
        # A request sent to a URL that has just changed is repeated: 308 keeps the method and the body.
        return HttpResponsePermanentRedirect(new, preserve_request=not is_read)
