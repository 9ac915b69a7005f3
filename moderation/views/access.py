"""Access control of the moderators' pages."""

from django.conf import settings
from django.contrib.auth.mixins import UserPassesTestMixin
from django.contrib.auth.views import redirect_to_login
from django.http.response import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts.views.access import MemberRequestMixin


class ModeratorRequiredMixin(UserPassesTestMixin, MemberRequestMixin):
    """Signed out: to the sign-in. Signed in without the permission: a 403 with the reason."""

    permission_denied_message = gettext_lazy("Only moderators can see what’s awaiting review.")

    def test_func(self) -> bool:
        return self.request.user.is_authenticated and self.request.user.is_moderator

    def handle_no_permission(self) -> HttpResponseRedirect:
        if self.request.method == "POST" and not self.request.user.is_authenticated:
            # The sign-in returns with a GET, which POST-only addresses do not answer.
            return redirect_to_login(reverse("moderation:queue"), settings.LOGIN_URL)
        return super().handle_no_permission()
