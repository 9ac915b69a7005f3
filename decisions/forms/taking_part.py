"""Votes and positions."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.utils.form_fields import RedisplayMixin, TextField
from decisions.models import Choice, Decision, Option, Position
from decisions.services.voting import most_of


class VoteForm(forms.Form):
    """The fields for one poll's method. `chosen` are the options, in order if they are ranked."""

    def __init__(
        self,
        *args: Any,
        decision: Decision,
        options: list[Option],
        before: Sequence[Choice] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.decision, self.options = decision, options
        self.label_suffix = ""
        self.most = most_of(decision, len(options))
        choices = [(str(option.pk), option.text) for option in options]
        chosen = [str(one.option_id) for one in before]
        none = {
            "required": gettext_lazy("Choose an option."),
            "invalid_choice": gettext_lazy("Choose one of these options."),
        }
        if decision.method == Decision.Method.RANKED:
            self._add_places({str(one.option_id): str(one.place) for one in before})
        elif decision.method == Decision.Method.SEVERAL:
            self.fields["option"] = forms.MultipleChoiceField(
                choices=choices, widget=forms.CheckboxSelectMultiple, initial=chosen, error_messages=none
            )
        else:
            self.fields["option"] = forms.ChoiceField(
                choices=choices, widget=forms.RadioSelect, initial="".join(chosen[:1]), error_messages=none
            )

    def _add_places(self, places: dict[str, str]) -> None:
        numbers = [("", "–"), *((str(place), str(place)) for place in range(1, len(self.options) + 1))]
        for option in self.options:
            self.fields[f"place_{option.pk}"] = forms.ChoiceField(
                label=option.text,
                choices=numbers,
                required=False,
                initial=places.get(str(option.pk), ""),
                error_messages={"invalid_choice": gettext_lazy("Choose one of these places.")},
            )

    def clean_option(self) -> Any:
        value = self.cleaned_data["option"]
        if isinstance(value, list):
            value = list(dict.fromkeys(value))  # a repeated option counts once
        if isinstance(value, list) and len(value) > self.most:
            raise ValidationError(
                ngettext("Choose at most %(most)d option.", "Choose at most %(most)d options.", self.most)
                % {"most": self.most},
                code="too_many",
            )
        return value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.decision.method == Decision.Method.RANKED and not self.errors:
            given = {name: int(place) for name, place in cleaned.items() if place}
            taken = Counter(given.values())
            for name, place in given.items():
                if taken[place] > 1:
                    self.add_error(name, _("You gave place %(place)d twice.") % {"place": place})
            if not given:
                self.add_error(None, _("Rank at least one option."))
        return cleaned

    @property
    def chosen(self) -> list[Option]:
        by_key = {str(option.pk): option for option in self.options}
        if self.decision.method == Decision.Method.RANKED:
            given = {name: int(place) for name, place in self.cleaned_data.items() if place}
            return [
                by_key[name.removeprefix("place_")] for name in sorted(given, key=lambda name: given[name])
            ]
        value = self.cleaned_data["option"]
        return [by_key[key] for key in (value if isinstance(value, list) else [value])]


class WordsForm(RedisplayMixin, forms.Form):
    """A text that becomes a comment. The field has the name of that in the comment form, for its errors."""

    body = TextField(
        label=gettext_lazy("Reason"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=gettext_lazy("You can use Markdown, as in comments."),
        error_messages={"required": gettext_lazy("Write something first.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class PositionForm(WordsForm):
    stance = forms.ChoiceField(
        label=gettext_lazy("What do you think?"),
        choices=Position.Stance,
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose one of the options."),
            "invalid_choice": gettext_lazy("Choose one of the options."),
        },
    )
    field_order = ["stance", "body"]
