"""Forms for merging two accounts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.merging import why_not_merge


class MergeAskForm(forms.Form):
    """For members: their other account. The page does not say whether it exists; only its mailbox is told."""

    account = forms.CharField(
        label=_("Username or email of your other account"),
        max_length=254,
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
        ),
        error_messages={"required": _("Enter a username or an email address.")},
    )


class MergeIntoForm(forms.Form):
    """For hosts: the username of the account that is kept."""

    kept = forms.CharField(
        label=_("Username of the account to keep"),
        max_length=31,  # including an @ before it
        error_messages={"required": _("Enter a username.")},
    )

    def __init__(self, *args: Any, other: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.other = other

    def clean_kept(self) -> User:
        kept = (
            User.objects.public().filter(username=self.cleaned_data["kept"].removeprefix("@").lower()).first()
        )
        if kept is None:
            raise forms.ValidationError(_("There’s no member with this username."), code="unknown")
        if reason := why_not_merge(kept, self.other):
            raise forms.ValidationError(reason, code="not_merged")
        return kept
