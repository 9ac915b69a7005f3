"""Forms for outcomes, reviews and invitations."""

from email.utils import parseaddr
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.utils.form_fields import OneLineField, RedisplayMixin, TextField
from decisions.forms.asking import check_far
from decisions.forms.taking_part import WordsForm
from decisions.services.inviting import MOST

# RFC 5321, and the size of the column.
LONGEST_ADDRESS = 254


class ReviewField(forms.DateField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=gettext_lazy("Review on"),
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            help_text=gettext_lazy(
                "On that day it appears on the host’s dashboard. Leave blank for no review."
            ),
            **kwargs,
        )

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day is not None and day <= timezone.localdate():
            raise ValidationError(_("Choose a day in the future."), code="past")
        if day is not None:
            check_far(day)
        return day


class OutcomeForm(WordsForm):
    """With a prefixed field name, because the form of positions on the same page uses the plain one."""

    prefix = "outcome"
    review_on = ReviewField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].label = _("Outcome")
        self.fields["body"].help_text = _(
            "It is posted as a comment, and everyone who took part is notified."
        )

    @classmethod
    def of(cls, sent: QueryDict) -> "OutcomeForm":
        """The submitted form. Older pages and API clients use the plain names."""
        form = cls(sent)
        if not form.is_in(sent):
            sent = sent.copy()
            for name in form.fields:
                sent[form.add_prefix(name)] = sent.get(name, "")
        return cls(sent)

    def is_in(self, sent: QueryDict) -> bool:
        return self.add_prefix("body") in sent


class PeopleField(TextField):
    """Names with addresses, one per line. Returns a list of (name, address)."""

    def clean(self, value: Any) -> Any:
        people = []
        for line in super().clean(value).split("\n"):
            if line.strip():
                people.append(self.read_line(OneLineField().clean(line)))
        if len(people) > MOST[0][0]:
            raise ValidationError(
                _("You entered %(count)d people. Invite at most %(most)d at once.")
                % {"count": len(people), "most": MOST[0][0]},
                code="too_many",
            )
        return people

    def read_line(self, line: str) -> tuple[str, str]:
        name, email = parseaddr(line) if "<" in line else line.rpartition(",")[::2]
        name, email = name.strip(), email.strip().lower()
        try:
            validate_email(email)
        except ValidationError:
            email = ""
        if not (name and email and len(name) <= 100 and len(email) <= LONGEST_ADDRESS):
            raise ValidationError(
                _("“%(line)s” isn’t a name and an address, such as Ada Lovelace, ada@example.org.")
                % {"line": line[:60]},
                code="invalid",
            )
        return name, email


class InviteForm(RedisplayMixin, forms.Form):
    people = PeopleField(
        label=gettext_lazy("Names and email addresses"),
        help_text=gettext_lazy(
            "One per line, such as Ada Lovelace, ada@example.org. The name is shown with the vote."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=10_000,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class ReviewForm(forms.Form):
    review_on = ReviewField()
