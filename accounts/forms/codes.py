"""django-allauth's forms for emailed codes and authenticator codes, with rate limits.

The limits are in accounts/services/code_limits.py.
"""

from typing import Any

from allauth.account.forms import AddEmailForm as AllauthAddEmailForm
from allauth.account.forms import RequestLoginCodeForm as AllauthRequestLoginCodeForm
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.core import context
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm as AllauthAuthenticateForm
from allauth.mfa.base.forms import BaseAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as AllauthReauthenticateForm
from allauth.mfa.models import Authenticator
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError

from accounts.models import CodeTry
from accounts.services.code_limits import count_mail, count_try, too_many_mails, too_many_tries
from core.utils.ratelimit import TooFast


class CountedMailMixin(forms.Form):
    """A form that, when valid, sends a code to its email address."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and (email := cleaned.get("email")):
            try:
                count_mail(context.request, email)
            except TooFast as error:
                self.add_error("email", too_many_mails(error))
        return cleaned


class RequestLoginCodeForm(CountedMailMixin, AllauthRequestLoginCodeForm):
    pass


class ResetPasswordForm(CountedMailMixin, AllauthResetPasswordForm):
    pass


class AddEmailForm(CountedMailMixin, AllauthAddEmailForm):
    pass


class CountedAppCodeMixin(BaseAuthenticateForm):
    """A form for a code from an authenticator app, or a recovery code."""

    def clean_code(self) -> str:
        try:
            counted = count_try(context.request, CodeTry.Kind.APP, member=self.user)
        except TooFast as error:
            raise ValidationError(too_many_tries(error)) from None
        code: str = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP and not self._is_first_use(code):
            raise get_adapter().validation_error("incorrect_code")
        counted.delete()
        return code

    def _is_first_use(self, code: str) -> bool:
        """Whether the code has not been used before (RFC 6238, 5.2).

        allauth forgets a used code after one time step, but with a tolerance it is accepted for longer.
        """
        steps = 2 * app_settings.TOTP_TOLERANCE + 1
        digits = "".join(filter(str.isdecimal, code))
        return bool(
            cache.add(f"totp-used:{self.user.pk}:{digits}", True, timeout=steps * app_settings.TOTP_PERIOD)
        )


class AuthenticateForm(CountedAppCodeMixin, AllauthAuthenticateForm):
    pass


class ReauthenticateForm(CountedAppCodeMixin, AllauthReauthenticateForm):
    pass
