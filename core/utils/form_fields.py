"""Form fields and widgets used by several apps."""

import unicodedata
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _

from core.utils.text import one_line


class OneLineField(forms.CharField):
    """Text on one line, without control characters and without characters that change the text direction."""

    UNSEEN = {"Cc", "Cs", "Co", "Zl", "Zp"}
    TURNING = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

    def to_python(self, value: Any) -> str:
        line = one_line(super().to_python(value) or "")
        return "".join(
            char
            for char in line
            if unicodedata.category(char) not in self.UNSEEN and char not in self.TURNING
        )


class TextField(forms.CharField):
    """Text of several lines. A line break counts as one character, as in the browser."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class EmailAddressField(forms.EmailField):
    """An email address, in lowercase, since addresses are compared without case everywhere."""

    widget = forms.EmailInput(attrs={"autocomplete": "email"})
    default_error_messages = {
        "required": _("Enter your email address."),
        "invalid": _("Enter a valid email address."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 254, **kwargs})

    def clean(self, value: Any) -> str:
        return str(super().clean(value)).lower()


class GuestEmailField(EmailAddressField):
    """The address of someone without an account, who confirms it by a code."""

    def __init__(self, **kwargs: Any) -> None:
        texts = {
            "label": _("Email"),
            "help_text": _("We’ll email you a code to confirm. Your address is never shown."),
        }
        super().__init__(**texts | kwargs)


class SliderField(forms.IntegerField):
    """A number from a slider. A missing or invalid one means that the slider was not used."""

    def clean(self, value: Any) -> int:
        try:
            found = super().clean(value)
        except ValidationError:
            found = None
        return self.initial if found is None else found


class RedisplayMixin:
    """A form that can be shown again without errors about unfinished fields."""

    _errors: ErrorDict | None

    def without_errors(self, but: Iterable[str] = ()) -> None:
        """Drop the errors. but: fields whose errors are kept, if the form was validated."""
        found: dict[str, Any] = self._errors or {}
        self._errors = ErrorDict({name: found[name] for name in but if name in found})


class Slider(forms.NumberInput):
    input_type = "range"
