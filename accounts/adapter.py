"""The one place where django-allauth is bent to our wishes."""

from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.services import is_like_a_house_name
from core.tasks import enqueue_mail

WRONG_PASSWORD = _("This name or address and this password do not go together.")


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed."),
        "cannot_remove_primary_email": _("This is the address we write to. Choose another one first."),
        "duplicate_email": _("You have this address already."),
        "email_password_mismatch": WRONG_PASSWORD,
        "username_password_mismatch": WRONG_PASSWORD,
        "email_taken": _("This address cannot be used. Choose another."),
        "enter_current_password": _("This is not your present password."),
        "incorrect_code": _("This is not the code we sent. Look at the newest of our emails."),
        "incorrect_password": _("This is not your password."),
        "max_email_addresses": _("%d addresses are as many as we keep."),
        "too_many_login_attempts": _("Those were too many tries in a row. Wait five minutes, then try again."),
        "unverified_primary_email": _("Confirm this address first, then we can write to it."),
        "username_taken": _("This name is taken. Try another."),
        "rate_limited": _("We have only just sent you one. Wait a moment."),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mails leave the request as tasks: a slow mail server delays nobody, and the time tells no secrets.

        Addresses in them are built from SITE_URL: what a request calls this host is the sender's own claim.
        """
        site = {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL}
        mail = self.render_mail(template_prefix, email, {"request": self.request, "email": email} | site | context)
        enqueue_mail(cast(EmailMultiAlternatives, mail))

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Capitals become small letters; a name that could be taken for one of the house's people is refused."""
        username = username.lower() if username.isascii() else username
        username = super().clean_username(username, shallow)
        if not shallow and is_like_a_house_name(username):
            raise ValidationError(_("This name is too close to one of the people who run this place. Choose another."), code="house_name")
        return username

    def is_safe_url(self, url: str | None) -> bool:
        """Unlike allauth's own, an address that cannot even be parsed is simply not safe."""
        try:
            return super().is_safe_url(url or "")
        except ValueError:
            return False

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return reverse("posts:home")
