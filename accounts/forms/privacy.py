"""The form for deleting one's account."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import AccountDeletion


class AccountDeletionForm(forms.Form):
    words = forms.ChoiceField(
        label=_("What should happen to your comments?"),
        choices=AccountDeletion.Words,
        widget=forms.RadioSelect,
    )
    is_meant = forms.BooleanField(
        label=_("I understand and want to delete my account."),
        error_messages={"required": _("Tick the box to confirm.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].error_messages = {
            name: _("Choose one of the options.") for name in ("required", "invalid_choice")
        }
