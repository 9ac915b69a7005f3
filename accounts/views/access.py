"""Access control for members' pages."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.generic import View
from django.views.generic.base import ContextMixin, TemplateResponseMixin

from accounts.models import User
from core.web.kept_text import kept_text
from core.web.views import has_page


class MemberRequest(HttpRequest):
    """The type of a request whose user is signed in. For annotations only: it is never instantiated."""

    user: User


if TYPE_CHECKING:
    # The base that the mixins below are mixed into, so that they can narrow the type of `request`.
    class _View(TemplateResponseMixin, ContextMixin, View):
        pass
else:
    _View = object


class MemberRequestMixin(_View):
    """A view that runs only after a check that the user is signed in."""

    request: MemberRequest


class MemberRequiredMixin(LoginRequiredMixin, MemberRequestMixin):
    """Redirect visitors to sign-in and back; from a POST-only URL, back to the page of the form.

    Text in the form is returned to be sent again, since the sign-in would lose it.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        page = None if request.user.is_authenticated else text_back(request)
        return page or super().dispatch(request, *args, **kwargs)

    def handle_no_permission(self) -> HttpResponseRedirect:
        if self.request.method == "POST" and not hasattr(self, "get"):
            return redirect_to_login(previous_page(self.request), settings.LOGIN_URL)
        return super().handle_no_permission()


def text_back(request: HttpRequest) -> HttpResponse | None:
    """The page that returns text whose author's session ended before it was sent; None if there is none."""
    texts = kept_text(request)
    if not texts.get("has_text"):
        return None
    return render(request, "403.html", texts, status=HTTPStatus.FORBIDDEN)


def previous_page(request: HttpRequest) -> str:
    """The page of this site that a request came from, or the one shown after signing in."""
    try:
        came_from = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # not a URL
        came_from = urlsplit("")
    path = came_from._replace(scheme="", netloc="", fragment="").geturl()
    is_ours = came_from.netloc == request.get_host() and url_has_allowed_host_and_scheme(path, None)
    return path if is_ours and can_be_read(came_from.path) else resolve_url(settings.LOGIN_REDIRECT_URL)


def can_be_read(path: str) -> bool:
    """False for a URL that accepts only POST: its page showed a form with errors."""
    try:
        return has_page(resolve(path))
    except Resolver404:
        return True
