"""django-allauth's pages for emailed codes, with tries counted per hour and day.

The limits are in accounts/services/code_limits.py.
"""

from typing import TYPE_CHECKING, Any

from allauth.account.mixins import NextRedirectMixin
from allauth.account.views import ConfirmEmailVerificationCodeView as AllauthConfirmEmailView
from allauth.account.views import ConfirmLoginCodeView as AllauthConfirmLoginView
from allauth.account.views import ConfirmPasswordResetCodeView as AllauthConfirmResetView
from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.generic import FormView

from accounts.models import CodeTry
from accounts.services.code_limits import count_mail, count_try, is_newest, too_many_mails, too_many_tries
from core.utils.ratelimit import TooFast
from core.web.responses import retry_later

if TYPE_CHECKING:
    # What the three views of allauth below have in common. They keep their state in the session as
    # `_process`.
    class _CodeView(NextRedirectMixin, FormView):
        _process: Any
else:
    _CodeView = object


class CountedCodeMixin(_CodeView):
    """A page that asks for an emailed code."""

    def get_form(self, form_class: Any = None) -> BaseForm:
        form = super().get_form(form_class)
        if code := form.fields.get("code"):  # "Send a new code" has none
            code.widget.attrs["autofocus"] = True
        return form

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        email = self._process.state.get("email") or ""
        if getattr(self, "_action", "verify") == "resend":
            return self.send_again(request, email)
        try:
            self.counted = count_try(request, CodeTry.Kind.TYPED, email=email)
        except TooFast as error:
            return retry_later(self.refuse(too_many_tries(error)), error)
        if not is_newest(request, email):
            self.counted.delete()  # allauth compares it with nothing
            return self.refuse(
                _("A newer code was sent. Use the code from the newest email, or ask for a new one.")
            )
        return super().post(request, *args, **kwargs)

    def send_again(self, request: HttpRequest, email: str) -> HttpResponse:
        try:
            count_mail(request, email)
        except TooFast as error:
            messages.error(request, too_many_mails(error))
            return HttpResponseRedirect(self.passthrough_next_url(request.path))
        return super().post(request)

    def form_valid(self, form: BaseForm) -> HttpResponse:
        if counted := getattr(self, "counted", None):
            counted.delete()
        return super().form_valid(form)

    def refuse(self, reason: str) -> HttpResponse:
        """The page with the reason at the field.

        The code is not compared: a correct one gets the same response.
        """
        form: Any = self.get_form()
        form.expected_code = ""
        form.errors.pop("code", None)
        form.add_error("code", reason)
        return self.render_to_response(self.get_context_data(form=form))


class ConfirmLoginCodeView(CountedCodeMixin, AllauthConfirmLoginView):
    """Sign in with an emailed code."""


class ConfirmPasswordResetCodeView(CountedCodeMixin, AllauthConfirmResetView):
    """Reset a password with an emailed code."""


class ConfirmEmailVerificationCodeView(CountedCodeMixin, AllauthConfirmEmailView):
    """Confirm an address with an emailed code, at sign-up or for an additional address."""
