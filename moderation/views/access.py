"""Access control of the moderators' pages."""

from typing import Any

from django.conf import settings
from django.contrib.auth.mixins import UserPassesTestMixin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts.views.access import MemberRequestMixin, text_back


class ModeratorRequiredMixin(UserPassesTestMixin, MemberRequestMixin):
    """Redirect visitors to sign-in (or return their text). Members without the permission get a 403.

    The 403 page gives the reason.
    """

    permission_denied_message = gettext_lazy("Only moderators can see what’s awaiting review.")

    def test_func(self) -> bool:
        return self.request.user.is_authenticated and self.request.user.is_moderator

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        page = None if request.user.is_authenticated else text_back(request)
        return page or super().dispatch(request, *args, **kwargs)

    def handle_no_permission(self) -> HttpResponseRedirect:
        if self.request.method == "POST" and not self.request.user.is_authenticated:
            # Sign-in returns with a GET, which POST-only URLs do not accept.
            return redirect_to_login(reverse("moderation:queue"), settings.LOGIN_URL)
        return super().handle_no_permission()
