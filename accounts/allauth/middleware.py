"""Redirects to external sites, and enforced two-step verification."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from accounts.services.mfa import lacks_mfa

Handler = Callable[[HttpRequest], HttpResponse]


class ExternalRedirectMiddleware:
    """Replace redirects from a form to another host with a page of ours that redirects without a script.

    Sign-in with a provider begins with a form. Some browsers apply the policy's form-action to every redirect
    that follows, including the provider's own, which cannot be listed. With the page in between, form-action
    can stay at 'self' (docs/decisions/0021).
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method != "POST" or response.status_code != HTTPStatus.FOUND:
            return response
        host = urlsplit(response["Location"]).netloc
        if not host or host == request.get_host():
            return response
        page = render(
            request, "accounts/external_redirect.html", {"address": response["Location"], "host": host}
        )
        page.cookies = response.cookies
        return page


class SocialLoginErrorMiddleware:
    """Turn exceptions from unexpected provider responses into an error page. allauth raises on them."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        match = request.resolver_match
        name = match.url_name if match and match.url_name else ""
        if not name.endswith("_callback") or not isinstance(
            exception, (LookupError, TypeError, ValueError, AttributeError)
        ):
            return None
        place = get_adapter(request).get_provider(request, name.removesuffix("_callback"))
        return render_authentication_error(request, place, exception=exception)


class MfaRequiredMiddleware:
    """Require hosts, staff and moderators to set up two-step verification before they use their tools."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or match.view_name in OPEN_TO_ALL:
            return None
        if (
            match.app_name not in settings.MFA_REQUIRED_AREAS
            and match.view_name not in settings.MFA_REQUIRED_VIEWS
        ):
            return None
        if not lacks_mfa(request.user):
            return None
        # A POST is not repeated automatically: the redirect leads back to the page of the form.
        back = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
        query = f"?{urlencode({'next': back})}" if back else ""
        return redirect(f"{reverse('accounts:mfa-setup')}{query}")


# URLs within those areas that every member uses.
OPEN_TO_ALL = {
    "admin:jsi18n",
    "admin:logout",
    "moderation:appeal-decision",
    "moderation:appeal-restriction",
    "moderation:log",
    "moderation:profile-report",
    "moderation:report-create",
    "moderation:account-status",
}
