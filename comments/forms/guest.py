"""The comment form of visitors: the text, then name and address."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms.links import WebAddressField
from accounts.models.names import is_like_a_staff_name, validate_display_name
from accounts.models.networks import read_address
from comments.forms.comment import CommentForm
from core.utils.form_fields import GuestEmailField, OneLineField
from core.utils.text import validate_name


class VisitorForm(CommentForm):
    """The form of a visitor. It does not reveal whether the name or address is a member's.

    `pending` is a pending comment of the same author that this one replaces.
    """

    name = OneLineField(
        label=_("Name"),
        max_length=60,
        validators=[validate_name],
        help_text=_("The name shown with your comments."),
        error_messages={"required": _("Enter your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    email = GuestEmailField()
    link = OneLineField(
        label=_("Website (optional)"),
        max_length=300,
        required=False,
        help_text=_("Your blog or a profile such as @ada@mastodon.social. It will show next to your name."),
        widget=forms.TextInput(
            attrs={"inputmode": "url", "autocomplete": "url", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args: Any, is_preview: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_preview:  # a preview needs no name and address
            self.fields["name"].required = self.fields["email"].required = False

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if is_like_a_staff_name(name):
            raise ValidationError(
                _(
                    "This name is too similar to that of a host or moderator. Choose another; if it’s yours, sign in."
                ),
                code="staff_name",
            )
        validate_display_name(name)
        return name

    def clean_link(self) -> str:
        """Accepts a URL, or a handle that becomes one, like a member's profile."""
        typed = self.cleaned_data["link"]
        return WebAddressField(max_length=300).clean(read_address(typed)) if typed else ""
