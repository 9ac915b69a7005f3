"""Deleting one's account."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Departure


class LeaveForm(forms.Form):
    words = forms.ChoiceField(label=_("What becomes of what you wrote"), choices=Departure.Words, widget=forms.RadioSelect)
    is_meant = forms.BooleanField(
        label=_("I have read this, and I mean it."), error_messages={"required": _("Tick this when you have read what happens.")}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].error_messages = {name: _("Choose one of the two.") for name in ("required", "invalid_choice")}
