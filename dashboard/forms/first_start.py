"""The set-up form of a new site."""

from typing import Any, cast

from allauth.account.adapter import get_adapter
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.forms.site_settings import languages
from core.models.site import time_zones
from core.utils.form_fields import OneLineField, RedisplayMixin
from transfer.imports.runs import check_recognised


class SetupForm(RedisplayMixin, forms.Form):
    """The host and the site's title. Everything can be changed later."""

    site_name = OneLineField(
        label=_("Site name"),
        max_length=60,
        error_messages={"required": _("Enter the name of the site.")},
    )
    display_name = OneLineField(
        label=_("Your name"),
        max_length=60,
        help_text=_("Shown with your posts."),
        error_messages={"required": _("Enter your name.")},
    )
    username = forms.CharField(
        label=_("Username"),
        max_length=30,
        help_text=_("Used in your profile link and to sign in."),
        error_messages={"required": _("Enter a username.")},
    )
    email = forms.EmailField(
        label=_("Email address"),
        help_text=_("Never shown."),
        error_messages={"required": _("Enter your email address.")},
    )
    key = forms.ChoiceField(
        label=_("How you’ll sign in"),
        choices=[
            ("password", _("With a password")),
            ("passkey", _("With a passkey: you’ll add it on the next page")),
        ],
        initial="password",
        widget=forms.RadioSelect,
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 8 characters. Leave it blank for a passkey."),
    )
    language = forms.ChoiceField(label=_("Language"))
    time_zone = forms.ChoiceField(label=_("Time zone"))
    content = forms.ChoiceField(
        label=_("How to begin"),
        choices=[
            ("empty", _("Start empty")),
            (
                "import",
                _(
                    "Import my blog: an export from WordPress, Ghost, Blogger, Substack, Medium or another system"
                ),
            ),
            ("demo", _("With demo content, to look around")),
        ],
        initial="empty",
        widget=forms.RadioSelect,
    )
    file = forms.FileField(
        label=_("Export of your blog"),
        required=False,
        help_text=_(
            "As the other system exports it: a file, or a zip with its pictures. Pictures that aren’t in it are fetched from the old site. All posts become yours."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        cast(forms.ChoiceField, self.fields["language"]).choices = languages()
        self.fields["language"].initial = settings.LANGUAGE_CODE
        cast(forms.ChoiceField, self.fields["time_zone"]).choices = [
            (name, name.replace("_", " ")) for name in sorted(time_zones())
        ]
        self.fields["time_zone"].initial = settings.TIME_ZONE
        if not self.is_bound:
            self.fields["time_zone"].widget.attrs["data-zone"] = "guess"
        self.fields["site_name"].initial = settings.SITE_NAME

    def clean_username(self) -> str:
        username: str = get_adapter().clean_username(self.cleaned_data["username"])
        return username

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if not file:
            return file
        if file.size > settings.IMPORT_FILE_MAX_BYTES:
            raise ValidationError(
                _("The file is too large to be uploaded. Import it on the server: manage.py import_blog.")
            )
        check_recognised(file, file.name or "", "")
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        password = cleaned.get("password", "")
        if cleaned.get("key") == "password":
            if not password:
                self.add_error("password", _("Choose a password, or a passkey."))
            else:
                person = User(username=cleaned.get("username", ""), email=cleaned.get("email", ""))
                try:
                    validate_password(password, person)
                except ValidationError as error:
                    self.add_error("password", error)
        if cleaned.get("content") == "import" and not cleaned.get("file") and "file" not in self.errors:
            self.add_error("file", _("Choose the export of your blog, or start empty."))
        return cleaned
