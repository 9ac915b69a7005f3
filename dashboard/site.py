"""The admin site: Django's, with the dashboard as its index page and a navigation for hosts."""

from functools import wraps
from http import HTTPStatus
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView

from core.web.kept_text import kept_text
from core.web.views import permission_denied
from dashboard.navigation import navigation
from search.query import LONGEST_QUERY

# Pages of Django's admin that the site has for all members: path, name, and the name of that page.
ELSEWHERE = [
    ("logout/", "logout", "account_logout"),
    ("password_change/", "password_change", "account_change_password"),
    ("password_change/done/", "password_change_done", "account_change_password"),
]


class HostAdminSite(admin.AdminSite):
    """For hosts (staff) and editors (members who may write posts but are not staff)."""

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return user.is_authenticated and user.uses_admin

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Django's, but text sent after the session ended is shown instead of the sign-in page."""
        checked = super().admin_view(view, cacheable)

        @wraps(checked)
        def with_typed_text(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            _shorten_search(request)
            draft = {} if self.has_permission(request) else kept_text(request)
            return _refused(request, draft) if draft.get("has_text") else checked(request, *args, **kwargs)

        return with_typed_text

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        if context["has_permission"]:
            context["navigation"] = navigation(self, request)
        return context

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        from dashboard.views.dashboard import DashboardView  # noqa: PLC0415 - models are not loaded yet

        return cast(TemplateResponse, DashboardView.as_view(site=self)(request))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        from dashboard.views import dashboard as views  # noqa: PLC0415
        from dashboard.views.figures import FiguresView  # noqa: PLC0415

        def wrapped(view: Any) -> Any:
            return self.admin_view(view.as_view(site=self))

        return [
            path("figures/", wrapped(FiguresView), name="figures"),
            path("waiting/<int:pk>/reply/", wrapped(views.ReplyView), name="waiting-reply"),
            path("waiting/<int:pk>/thank/", wrapped(views.ThankView), name="waiting-thank"),
            path("waiting/<int:pk>/not-needed/", wrapped(views.NotNeededView), name="waiting-not-needed"),
            path("waiting/visited/", wrapped(views.VisitedView), name="waiting-visited"),
            # Redirect to the members' pages: only these have the rate limits, and end sessions and tokens.
            *[
                path(address, RedirectView.as_view(pattern_name=elsewhere), name=name)
                for address, name, elsewhere in ELSEWHERE
            ],
            *super().get_urls(),
        ]


def _shorten_search(request: HttpRequest) -> None:
    """Cut the words that a list is searched for to the length of the search page.

    For lists that Django searches, each word is a condition, and SQLite accepts at most 1,000 in a row.
    """
    words = request.GET.get(SEARCH_VAR, "")
    if len(words) > LONGEST_QUERY:
        parameters: Any = request.GET.copy()
        parameters[SEARCH_VAR] = words[:LONGEST_QUERY]
        request.GET = parameters


def _refused(request: HttpRequest, draft: dict[str, Any]) -> HttpResponse:
    if request.user.is_authenticated:
        return permission_denied(request)
    return render(request, "core/signed_out.html", draft, status=HTTPStatus.FORBIDDEN)
