"""Forms for requesting an introduction and for answering a request."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.utils.form_fields import TextField


class IntroductionForm(forms.Form):
    words = TextField(
        label=_("Your message"),
        max_length=1000,
        help_text=_(
            "Say who you are and what you’d like to talk about. Don’t include contact details: your profile is linked automatically."
        ),
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def clean_words(self) -> str:
        words = self.cleaned_data["words"]
        if re.search(r"://|\bwww\.|\S@\S", words):
            raise ValidationError(
                _("Don’t include contact details. Your profile, with its links, is attached automatically."),
                code="address",
            )
        return words


class IntroductionAnswerForm(forms.Form):
    answer = TextField(
        label=_("Your reply, if you accept"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
