"""Sign-in with external providers: what of their data is used, and how accounts are connected.

docs/decisions/0021 explains why an address alone connects nothing.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.socialaccount.forms import DisconnectForm as AllauthDisconnectForm
from allauth.socialaccount.forms import SignupForm as AllauthSocialSignupForm
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.forms.signin import word_signup_fields
from accounts.models import User
from core.utils.text import one_line

WAITING = "social_login_waiting"
# The domain of addresses that accept no email.
NOT_FOR_MAIL = "@users.noreply.github.com"


# --- data from providers ---


def one_address(addresses: Iterable[EmailAddress]) -> list[EmailAddress]:
    """The one address to use of an external account: the provider's primary one, if it is valid."""
    good = [address for address in addresses if not address.email.endswith(NOT_FOR_MAIL)]
    best = next((address for address in good if address.primary), next(iter(good), None))
    if best is None:
        return []
    best.primary = True
    return [best]


def suggest_username(names: Iterable[Any]) -> str:
    """A free username derived from the external account's name, or "".

    It is never derived from an address.
    """
    for name in names:
        plain = (
            unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
            if isinstance(name, str) and "@" not in name
            else ""
        )
        chars = re.sub(r"[^a-z0-9_]+", "-", plain.lower())[:30].strip("-_")
        if chars:
            try:
                return get_adapter().clean_username(chars)
            except ValidationError:
                continue
    return ""


def external_label(data: dict[str, Any]) -> str:
    """A label for an external account: its username there, the address, or the member's own name."""
    for value in (data.get("username"), data.get("email"), data.get("name")):
        if isinstance(value, str) and (
            name := one_line("".join(char if char.isprintable() else " " for char in value))
        ):
            return name[:100]
    return ""


# --- connecting it to an existing account ---


def _verified_addresses(login: SocialLogin) -> list[str]:
    return [address.email.lower() for address in login.email_addresses if address.verified]


def belongs_to_a_member(login: SocialLogin) -> bool:
    """Whether the provider has confirmed an address which a member here has confirmed too."""
    return EmailAddress.objects.filter(
        email__in=_verified_addresses(login), verified=True, user__is_active=True
    ).exists()


def delete_unfinished_signups(login: SocialLogin) -> None:
    """Delete unconfirmed sign-ups with these addresses, so that they cannot lock the owner out."""
    User.objects.never_signed_in().filter(emailaddress__email__in=_verified_addresses(login)).delete()


def keep_until_sign_in(request: HttpRequest, login: SocialLogin) -> None:
    request.session[WAITING] = login.serialize()


def join_after_sign_in(request: HttpRequest, user: User) -> str:
    """Connect the external account pending in this session, if the signed-in member owns its address.

    Returns the name of the provider, or "".
    """
    waiting = request.session.pop(WAITING, None)
    if not waiting:
        return ""
    try:
        login = SocialLogin.deserialize(waiting)
    except (ValueError, SocialApp.DoesNotExist):  # its keys were removed in the meantime
        return ""
    if not EmailAddress.objects.filter(
        user=user, email__in=_verified_addresses(login), verified=True
    ).exists():
        return ""
    try:
        with transaction.atomic():
            login.connect(request, user)
    except IntegrityError:  # connected in the meantime, in another tab
        return ""
    return login.provider.name


# --- forms ---


class SocialSignupForm(AllauthSocialSignupForm):
    """The last step of a sign-up with a provider.

    Asks for the username, and for an address if the provider has confirmed none.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_signup_fields(self)
        if _verified_addresses(self.sociallogin):
            self.fields["email"].disabled = True
            self.fields["email"].help_text = _(
                "%(name)s has confirmed this address. You can add others later."
            ) % {"name": self.sociallogin.provider.name}

    def save(self, request: HttpRequest) -> User:
        # A confirmed address is kept. Otherwise the one entered here counts.
        self.sociallogin.email_addresses = [
            address for address in self.sociallogin.email_addresses if address.verified
        ]
        return super().save(request)


class DisconnectForm(AllauthDisconnectForm):
    """Disconnect an external account.

    allauth would require a password. Here a confirmed address is enough, because its owner can always sign in
    with an emailed code.
    """

    def clean(self) -> dict[str, Any]:
        data = forms.Form.clean(self) or self.cleaned_data
        if not EmailAddress.objects.filter(user=self.request.user, verified=True).exists():
            raise ValidationError(
                _("Add and confirm an email address first, or you won’t be able to sign in again."),
                code="no_address",
            )
        return data

    def save(self) -> None:
        account = self.cleaned_data["account"]
        if is_available(account):
            super().save()
        else:  # its keys were removed, so it signs nobody in any more
            account.delete()


def is_available(account: SocialAccount) -> bool:
    """Whether the provider's keys are still configured."""
    try:
        account.get_provider()
    except SocialApp.DoesNotExist:
        return False
    return True
