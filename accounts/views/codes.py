"""django-allauth's pages for mailed codes, with tries counted over the hour and the day (accounts/services/code_limits.py)."""

from http import HTTPStatus
from typing import Any

from allauth.account.views import ConfirmEmailVerificationCodeView as AllauthConfirmEmailView
from allauth.account.views import ConfirmLoginCodeView as AllauthConfirmLoginView
from allauth.account.views import ConfirmPasswordResetCodeView as AllauthConfirmResetView
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from accounts.models import CodeTry
from accounts.services.code_limits import count_mail, count_try, is_newest, too_many_mails, too_many_tries
from core.utils.ratelimit import TooFast


class CountedCodeMixin:
    """A page that asks for an emailed code. allauth's view keeps its state in the session, as `_process`."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        email = self._process.state.get("email") or ""  # type: ignore[attr-defined]
        if getattr(self, "_action", "verify") == "resend":
            return self.send_again(request, email)
        try:
            self.counted = count_try(request, CodeTry.Kind.TYPED, email=email)
        except TooFast as error:
            response = self.refuse(too_many_tries(error), HTTPStatus.TOO_MANY_REQUESTS)
            response["Retry-After"] = str(error.wait_seconds)
            return response
        if not is_newest(request, email):
            self.counted.delete()  # it is compared with nothing
            return self.refuse(
                _("A newer code was sent. Use the code from the newest email, or ask for a new one.")
            )
        return super().post(request, *args, **kwargs)  # type: ignore[misc]

    def send_again(self, request: HttpRequest, email: str) -> HttpResponse:
        try:
            count_mail(request, email)
        except TooFast as error:
            messages.error(request, too_many_mails(error))
            return HttpResponseRedirect(self.passthrough_next_url(request.path))  # type: ignore[attr-defined]
        return super().post(request)  # type: ignore[misc]

    def form_valid(self, form: forms.Form) -> HttpResponse:
        if counted := getattr(self, "counted", None):
            counted.delete()
        return super().form_valid(form)  # type: ignore[misc]

    def refuse(self, words: str, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
        """The page with the reason at the field. The code is not compared: the response is the same for a right one."""
        form = self.get_form()  # type: ignore[attr-defined]
        form.expected_code = ""
        form.errors.pop("code", None)
        form.add_error("code", words)
        return self.render_to_response(self.get_context_data(form=form), status=status)  # type: ignore[attr-defined]


class ConfirmLoginCodeView(CountedCodeMixin, AllauthConfirmLoginView):
    """Sign in with a code."""


class ConfirmPasswordResetCodeView(CountedCodeMixin, AllauthConfirmResetView):
    """Confirm a password reset with a code."""


class ConfirmEmailVerificationCodeView(CountedCodeMixin, AllauthConfirmEmailView):
    """Confirm an address with a code: at sign-up, and for an additional address."""
