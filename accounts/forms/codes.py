"""django-allauth's forms for emailed and authenticator codes, with rate limits (accounts/services/code_limits.py)."""

from typing import Any

from allauth.account.forms import AddEmailForm as AllauthAddEmailForm
from allauth.account.forms import RequestLoginCodeForm as AllauthRequestLoginCodeForm
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm as AllauthAuthenticateForm
from allauth.mfa.base.forms import BaseAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as AllauthReauthenticateForm
from django import forms
from django.core.exceptions import ValidationError

from accounts.models import CodeTry
from accounts.services.code_limits import count_mail, count_try, too_many_mails, too_many_tries
from core.utils.ratelimit import TooFast


class CountedMailMixin(forms.Form):
    """A form that, if valid, causes a code to be emailed to its address."""

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
    """A form for a code of an authenticator app, or a recovery code."""

    def clean_code(self) -> str:
        try:
            counted = count_try(context.request, CodeTry.Kind.APP, member=self.user)
        except TooFast as error:
            raise ValidationError(too_many_tries(error)) from None
        code: str = super().clean_code()
        counted.delete()
        return code


class AuthenticateForm(CountedAppCodeMixin, AllauthAuthenticateForm):
    pass


class ReauthenticateForm(CountedAppCodeMixin, AllauthReauthenticateForm):
    pass
