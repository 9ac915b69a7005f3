"""Sign-in and sign-up: django-allauth's forms with our own labels and texts."""

from typing import Any

from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import ResetPasswordKeyForm as AllauthResetPasswordKeyForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.core import context
from allauth.mfa.webauthn.forms import AddWebAuthnForm, SignupWebAuthnForm
from django import forms
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts.forms.codes import CountedMailMixin
from accounts.models import User
from accounts.models.names import validate_display_name
from accounts.services.profile import forget_unfinished_signup
from core.models.site import offered_zone
from core.utils.form_fields import OneLineField


class LoginForm(AllauthLoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Email or username")
        self.fields["login"].widget.attrs |= {
            "autocomplete": "username webauthn",
            "autocapitalize": "none",
            "spellcheck": "false",
        }


class NewPasswordMixin(forms.Form):
    """A form with a new password, with our labels: allauth's are in title case."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("New password")
        self.fields["password2"].label = _("New password (again)")


class ChangePasswordForm(NewPasswordMixin, AllauthChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Current password")


class ResetPasswordKeyForm(NewPasswordMixin, AllauthResetPasswordKeyForm):
    pass


def word_signup_fields(form: forms.Form) -> None:
    """Set our labels on the fields that every sign-up form has, including the display name."""
    form.fields["email"].help_text = _("For signing in and notifications. Never shown to others.")
    username = form.fields["username"]
    username.label = _("Username")
    username.help_text = _("Used in your profile link. Lowercase letters, numbers, - and _.")
    username.widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}
    form.fields["time_zone"] = DeviceZoneField()
    form.fields["display_name"] = NameField()
    form.order_fields(["email", "username", "display_name"])


class NameField(OneLineField):
    """The display name shown with comments. If it is blank, the username is shown."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Name (optional)"),
            max_length=User._meta.get_field("display_name").max_length,
            required=False,
            help_text=_("The name shown with your comments. You can change it later."),
            widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
        )

    def validate(self, value: str) -> None:
        super().validate(value)
        validate_display_name(value)


class DeviceZoneField(forms.CharField):
    """The device's time zone, set by static/js/time-zone.js.

    A zone that the site does not offer becomes blank instead of an error.
    """

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput(attrs={"data-zone": ""}))

    def clean(self, value: Any) -> str:
        return offered_zone(value)


class SignupForm(CountedMailMixin, AllauthSignupForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_signup_fields(self)
        if password := self.fields.get("password1"):
            password.label = _("Password (optional)")
            password.help_text = _(
                "At least 8 characters. Leave blank to sign in with an emailed code instead."
            )
        # allauth hides it with a style attribute, which the content security policy forbids, so the template
        # hides it.
        self.fields["phone_number"].widget = forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"})
        self.fields["phone_number"].label = _("Leave this blank")

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Email existing members instead of creating a second account.

        The password is hashed in that case too, so that the response takes as long.
        """
        password = self.cleaned_data.get("password1")
        if self.account_already_exists and password:
            make_password(password)
        saved: tuple[User | None, HttpResponse | None] = super().try_save(request)
        return saved

    def full_clean(self) -> None:
        if self.is_bound and context.request is not None:
            forget_unfinished_signup(context.request.session)
        super().full_clean()


class KeyNameField(OneLineField):
    def __init__(self) -> None:
        super().__init__(
            label=_("Name"), max_length=60, required=False, help_text=_("To tell your keys apart.")
        )


class FirstKeyForm(SignupWebAuthnForm):
    """The passkey of a new account."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = KeyNameField()


class AddKeyForm(AddWebAuthnForm):
    """A new passkey or security key."""

    field_order = ["name", "passwordless", "credential"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = KeyNameField()
        self.fields["passwordless"].initial = True
        self.fields["passwordless"].label = _("Use it as a passkey")
        self.fields["passwordless"].help_text = _(
            "You can then sign in with it alone, using your fingerprint, face or a PIN. Otherwise it’s for two-step verification."
        )
        self.order_fields(self.field_order)
