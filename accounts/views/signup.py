"""django-allauth's sign-up, safe for two people at once: the second one reads that the name is taken."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.views import SignupByPasskeyView as AllauthSignupByPasskeyView
from allauth.account.views import SignupView as AllauthSignupView
from allauth.socialaccount.views import SignupView as AllauthSocialSignupView
from django.db import IntegrityError, transaction
from django.forms import BaseForm
from django.http import HttpResponse


class OneNameOnceMixin:
    """The form checks whether a username is free; the constraint decides, if somebody else has sent the same in the meantime."""

    def form_valid(self, form: BaseForm) -> HttpResponse:
        parent: Any = super()
        try:
            with transaction.atomic():
                return parent.form_valid(form)
        except IntegrityError:
            form.add_error("username", get_adapter().error_messages["username_taken"])
            return parent.form_invalid(form)


class SignupView(OneNameOnceMixin, AllauthSignupView):
    """Sign-up with a name and an address."""


class SignupByPasskeyView(OneNameOnceMixin, AllauthSignupByPasskeyView):
    """The same without a password: after the code by email the device makes a passkey."""


class SocialSignupView(OneNameOnceMixin, AllauthSocialSignupView):
    """Sign-up after authentication by a provider."""
