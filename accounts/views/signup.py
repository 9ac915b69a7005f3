"""django-allauth's sign-up, safe against a race for the same username.

The second person is told that the name is taken.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.views import SignupByPasskeyView as AllauthSignupByPasskeyView
from allauth.account.views import SignupView as AllauthSignupView
from allauth.socialaccount.views import SignupView as AllauthSocialSignupView
from django.db import IntegrityError, transaction
from django.forms import BaseForm
from django.http import HttpResponse


class OneNameOnceMixin:
    """Turn the IntegrityError of two simultaneous sign-ups with one username into a form error."""

    def form_valid(self, form: BaseForm) -> HttpResponse:
        parent: Any = super()
        try:
            with transaction.atomic():
                return parent.form_valid(form)
        except IntegrityError:
            form.add_error("username", get_adapter().error_messages["username_taken"])
            return parent.form_invalid(form)


class SignupView(OneNameOnceMixin, AllauthSignupView):
    """Sign-up with a username and an address."""


class SignupByPasskeyView(OneNameOnceMixin, AllauthSignupByPasskeyView):
    """Sign-up without a password: after the emailed code, the device creates a passkey."""


class SocialSignupView(OneNameOnceMixin, AllauthSocialSignupView):
    """Sign-up after authentication by a provider."""
