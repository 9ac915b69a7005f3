from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.utils.form_fields import OneLineField

WISH_MAX = 140


class WishForm(forms.Form):
    """A one-line birthday wish. `member`: the username."""

    body = OneLineField(label=_("Your wish"), max_length=WISH_MAX)
    member = forms.SlugField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["body"].error_messages["required"] = _("Write something first.")
