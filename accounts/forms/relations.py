"""Asking for an introduction, and answering."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.utils.form_fields import TextField


class IntroductionForm(forms.Form):
    words = TextField(
        label=_("Your words"),
        max_length=1000,
        help_text=_("Who you are, and what you would like to talk about. Leave addresses out: your page is linked below your words."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def clean_words(self) -> str:
        words = self.cleaned_data["words"]
        if re.search(r"://|\bwww\.|\S@\S", words):
            raise ValidationError(_("Leave addresses out. Your page, with your links, comes along by itself."), code="address")
        return words


class IntroductionAnswerForm(forms.Form):
    answer = TextField(label=_("Your answer, if you say yes"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
