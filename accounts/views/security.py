"""Two-step verification, sessions, and the page for too many requests."""

from http import HTTPStatus
from typing import Any

from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from accounts.services.mfa import RETURN_TO, lacks_mfa
from accounts.views.access import MemberRequest, MemberRequiredMixin
from core.web.kept_text import kept_text
from core.web.views import is_own_path


class MfaSetupView(MemberRequiredMixin, TemplateView):
    """Explains why hosts and moderators need two-step verification. Redirects once it is set up."""

    template_name = "accounts/mfa_setup.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_own_path(request.GET.get("next", "")):
            request.session[RETURN_TO] = request.GET["next"]
        if lacks_mfa(request.user):
            return super().get(request, *args, **kwargs)
        return redirect(request.session.pop(RETURN_TO, None) or reverse("accounts:own-page"))


class SessionEndView(MemberRequiredMixin, View):
    """POST: sign out one of the member's other devices."""

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        session = get_object_or_404(UserSession, pk=pk, user=request.user)
        if session.is_current():
            return redirect("account_logout")
        end_sessions(request, [session])
        messages.success(request, _("That device has been signed out."))
        return redirect("usersessions_list")


def too_many_requests(request: HttpRequest, wait_seconds: int = 60) -> HttpResponse:
    """The 429 response (allauth's too): a message, with the input kept for the next try."""
    response = render(
        request,
        "429.html",
        kept_text(request) | {"wait_seconds": wait_seconds},
        status=HTTPStatus.TOO_MANY_REQUESTS,
    )
    response["Retry-After"] = str(wait_seconds)
    return response
