"""Members read times on their own clocks, and are here while they ask for pages."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts.services.presence import note_activity

FILES = "/media/"
Handler = Callable[[HttpRequest], HttpResponse]


def _asks_as_a_member(request: HttpRequest) -> bool:
    """Whether a page may be for a member. Pictures come along with pages and are the same for all: nobody is looked up."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and not request.path.startswith(FILES)


class MemberTimeMiddleware:
    """Pages for a member show times in their time zone (User.zone), and read them so from their forms.

    The admin keeps the site's: what is written there (when a post appears, which day a figure is of) is the site's matter,
    and several people work on it. Whatever is kept for many readers has the name of the zone in its key (docs/decisions/0089).
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _asks_as_a_member(request) or request.path.startswith(reverse("admin:index")):
            return self.get_response(request)
        member = request.user
        if not (member.is_authenticated and member.time_zone):
            return self.get_response(request)
        with timezone.override(member.zone):
            return self.get_response(request)


class PresenceMiddleware:
    """Notes that a member is on the site, if they chose what needs it. Open pages that look for news count."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _asks_as_a_member(request):
            member = request.user
            if member.is_authenticated and member.is_noted:
                note_activity(member)
        return self.get_response(request)
