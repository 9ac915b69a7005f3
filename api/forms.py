from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from api.models import Scope, Token
from api.services.tokens import make_token, scopes_for
from core.utils.text import one_line

DAYS = [("30", _("In 30 days")), ("90", _("In 90 days")), ("365", _("In 1 year")), ("", _("Never"))]


class TokenForm(forms.Form):
    """A new token of `member`, with no more permissions than they have."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        help_text=_("What it’s for, such as “Backup script”."),
        error_messages={"required": _("Enter a name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": False}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("Permissions"),
        help_text=_("Every token can read what you can read."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("You can’t choose this. Select again.")},
    )
    days = forms.ChoiceField(label=_("Expires"), required=False, choices=DAYS, initial="90")

    def __init__(self, *args: Any, member: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member
        choices = [(scope.value, scope.label) for scope in scopes_for(member) if scope != Scope.READ]
        self.fields["scopes"].choices = choices  # type: ignore[attr-defined]  # a MultipleChoiceField has them

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    @property
    def ends_on(self) -> date | None:
        days = self.cleaned_data["days"]
        return timezone.localdate() + timedelta(days=int(days)) if days else None

    def save(self, request: HttpRequest) -> tuple[Token, str] | None:
        """Return the token and its key, or None with an error at the field."""
        data = self.cleaned_data
        try:
            return make_token(
                self.member, name=data["name"], scopes=data["scopes"], ends_on=self.ends_on, request=request
            )
        except ValidationError as error:
            self.add_error("name", error)
            return None
