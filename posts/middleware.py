"""Redirects from old addresses: of posts, of lists and of feeds."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase

from posts.models import OldAddress
from posts.models.old_addresses import OURS
from posts.old_lists import list_or_feed


class OldAddressMiddleware:
    """Looks for an old address after a 404; other pages are not affected, and programs get the answer that they asked for."""

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
        # What is sent to an address that has just changed is sent again: 308 keeps the method and the text.
        return HttpResponsePermanentRedirect(new, preserve_request=not is_read)
