"""django-allauth's sign-up, for two people at once: whoever comes second reads that the name is taken."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.views import SignupView as AllauthSignupView
from allauth.socialaccount.views import SignupView as AllauthSocialSignupView
from django.db import IntegrityError, transaction
from django.forms import BaseForm
from django.http import HttpResponse


class OneNameOnceMixin:
    """The form looks whether a user name is free; the constraint knows, when somebody else has sent the same meanwhile."""

    def form_valid(self, form: BaseForm) -> HttpResponse:
        parent: Any = super()
        try:
            with transaction.atomic():
                return parent.form_valid(form)
        except IntegrityError:
            form.add_error("username", get_adapter().error_messages["username_taken"])
            return parent.form_invalid(form)


class SignupView(OneNameOnceMixin, AllauthSignupView):
    """With a name and an address."""


class SocialSignupView(OneNameOnceMixin, AllauthSocialSignupView):
    """After another place has said who it is."""
