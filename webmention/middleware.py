"""Announces the webmention endpoint on pages of posts (Webmention, 3.1.2)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from core.models import SiteSettings
from core.utils.urls import path_of

POST_PAGE = "posts:post-detail"


class WebmentionMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        if match is None or match.view_name != POST_PAGE or not SiteSettings.current().webmentions_in:
            return response
        if response.status_code in {200, 304} and not response.has_header("Link"):
            response["Link"] = f'<{path_of("webmention:endpoint")}>; rel="webmention"'
        return response
