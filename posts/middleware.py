"""Redirects from old addresses of posts."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase

from posts.models import OldAddress


class OldAddressMiddleware:
    """Looks for an old address after a 404; other pages are not affected."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code != HTTPStatus.NOT_FOUND or request.method not in {"GET", "HEAD"}:
            return response
        new = OldAddress.objects.where_to(request.path_info, request.META.get("QUERY_STRING", ""))
        return HttpResponsePermanentRedirect(new) if new else response
