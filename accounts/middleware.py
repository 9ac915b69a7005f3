"""Members' language and time zone for each request, and when they were last here."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import get_language

from accounts.models import User
from accounts.services.presence import note_activity
from core.models import SiteSettings

Handler = Callable[[HttpRequest], HttpResponse]


def member_of(request: HttpRequest) -> User | None:
    """The signed-in member who requests a page, or None.

    Also None for responses that are the same for everyone (core: pictures, health, icons): those need no
    query.
    """
    match = request.resolver_match
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or match is None or match.app_name == "core":
        return None
    member = request.user
    return member if member.is_authenticated else None


class MemberLocaleMiddleware:
    """Activate the member's language and time zone (User.zone), for output and for form input.

    The admin keeps the site's: what is entered there (when a post appears, which day a figure is for)
    concerns the whole site, and several people work on it. Caches shared by many readers include the zone in
    their key (docs/decisions/0089).
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # process_view's activation ends with the request.
        is_multilingual = SiteSettings.current().is_multilingual
        with (
            timezone.override(timezone.get_current_timezone()),
            translation.override(get_language()) if is_multilingual else nullcontext(),
        ):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        member = member_of(request)
        if member is None:
            return
        if member.language and member.language in SiteSettings.current().offered:
            translation.activate(member.language)
            request.language = member.language  # type: ignore[attr-defined]  # what the headers say
        match = request.resolver_match
        if member.time_zone and match is not None and "admin" not in match.app_names:
            timezone.activate(member.zone)


class PresenceMiddleware:
    """Record that a member is on the site, if they chose a feature that needs it.

    Polling by open pages counts.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        member = member_of(request)
        if member is not None and member.is_noted:
            note_activity(member)
