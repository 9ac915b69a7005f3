"""The language of a page, and the headers about it (docs/decisions/0124)."""

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from core.models import SiteSettings
from core.utils.cookies import cookie_name
from core.utils.languages import asked_for

KEY_HEADER = "X-Cache-Key"
"""By this header a caching proxy tells that the language is in its key (deploy/nginx).

Clients can send anything, so it counts only if a proxy of ours overwrites it (TRUSTED_PROXY_COUNT).
"""

WITH_WORDS = ("text/html", "text/javascript", "application/json", "application/manifest+json")


def chosen_language(request: HttpRequest) -> str:
    """The language chosen in this browser, if it is offered, or ""."""
    chosen = request.COOKIES.get(cookie_name("language"), "")
    return chosen if chosen in SiteSettings.current().offered else ""


def store_language_choice(response: HttpResponseBase, language: str) -> None:
    response.set_cookie(
        cookie_name("language"),
        language,
        max_age=365 * 86_400,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
    )


def language_of(request: HttpRequest) -> str:
    """The language of a page. A member's own choice is applied later (accounts.middleware)."""
    site = SiteSettings.current()
    if chosen := chosen_language(request):
        return chosen
    requested = (
        asked_for(request.headers.get("Accept-Language", ""), site.offered) if site.browser_language else ""
    )
    return requested or site.language_code


def is_in_key(request: HttpRequest) -> bool:
    """Whether the language is in the cache key of a reverse proxy. What a browser prefers is never in it."""
    site = SiteSettings.current()
    if not site.is_multilingual:
        return True
    says = settings.TRUSTED_PROXY_COUNT > 0 and request.headers.get(KEY_HEADER) == "language"
    return says and (not site.browser_language or bool(chosen_language(request)))


def set_content_language(request: HttpRequest, response: HttpResponseBase) -> None:
    """Set Content-Language and Vary, except for pictures and if a view has set them."""
    site = SiteSettings.current()
    if response.has_header("Content-Language"):
        return
    kind = response.get("Content-Type", "")
    if not (kind.startswith(WITH_WORDS) or response.status_code == HTTPStatus.NOT_MODIFIED):
        return
    response["Content-Language"] = request.language  # type: ignore[attr-defined]  # set by SiteLocaleMiddleware
    patch_vary_headers(response, ["Accept-Language", "Cookie"] if site.browser_language else ["Cookie"])


def is_in(language: str, response: HttpResponse) -> HttpResponse:
    """Set the language of a response that is the same for every reader, such as a feed."""
    if SiteSettings.current().is_multilingual:
        response["Content-Language"] = language
    return response
