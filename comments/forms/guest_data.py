"""Forms of people without an account, to see or erase what is stored about them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.utils.form_fields import EmailAddressField


class GuestDataAskForm(forms.Form):
    """An email address. The form does not reveal whether anything is stored about it."""

    email = EmailAddressField(label=_("The email address you used"))


class GuestEraseForm(forms.Form):
    """what: shown only to those who wrote comments; everything else is erased in any case."""

    NAME, ALL = "name", "all"

    what = forms.ChoiceField(
        label=_("What to erase"),
        choices=[
            (NAME, _("My name, email address and link. The comments stay, signed “A guest”.")),
            (ALL, _("My name, email address and link, and the text of my comments. Replies to them stay.")),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what to erase."),
            "invalid_choice": _("Choose what to erase."),
        },
    )
    is_sure = forms.BooleanField(
        label=_("Yes, erase it for good"),
        error_messages={"required": _("Tick the box to confirm. This can’t be undone.")},
    )

    def __init__(self, *args: Any, has_comments: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_comments:
            del self.fields["what"]
