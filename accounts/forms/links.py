"""The links of a profile, as rows of a formset."""

from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.models import ProfileLink, User
from accounts.models.networks import read_address
from accounts.services.profile import link_key
from core.utils.form_fields import OneLineField, RedisplayMixin
from core.utils.urls import WebAddressValidator


class WebAddressField(forms.URLField):
    """A web address. One typed without http:// or https:// gets https."""

    default_validators = [WebAddressValidator(message=_("Enter a valid web address."))]
    default_error_messages = {"invalid": _("Enter a valid web address.")}

    # Characters that no URL needs unescaped and that would end an unquoted attribute.
    QUOTED = str.maketrans({sign: f"%{ord(sign):02X}" for sign in "\"'<>`\\"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            assume_scheme="https",
            **{name: value for name, value in kwargs.items() if name != "assume_scheme"},
        )

    def to_python(self, value: Any) -> str:
        scheme, mark, rest = (super().to_python(value) or "").partition("://")
        return scheme.lower() + mark + rest.translate(self.QUOTED) if mark else scheme


class LinkForm(RedisplayMixin, forms.ModelForm):
    label = OneLineField(label=_("Label"), max_length=40, required=False)
    url = forms.CharField(
        label=_("Address"),
        max_length=300,
        # Not type="url": browsers would refuse a URL without https://, which is added here, and an @handle.
        widget=forms.TextInput(
            attrs={"inputmode": "url", "autocomplete": "url", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={"required": _("Add the address, or clear the label.")},
    )

    class Meta:
        model = ProfileLink
        fields = ["label", "url"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["label"].widget.attrs["list"] = "networks"

    def clean_url(self) -> str:
        """The URL as typed, or the one that a handle such as @ada@mastodon.social stands for."""
        url = read_address(self.cleaned_data["url"], label=self.cleaned_data.get("label", ""))
        return WebAddressField(max_length=300).clean(url)


class PlaceField(forms.Field):
    """The position of a row.

    An invalid value is ignored, since members do not type it. Moving a row does not count as a change of it.
    """

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class BaseLinkFormSet(forms.BaseInlineFormSet):
    """A member's links. Only the member's own rows can be changed: other ids are ignored."""

    deletion_widget = forms.CheckboxInput
    ordering_widget = forms.HiddenInput
    default_error_messages = {
        "missing_management_form": _("We couldn’t read your list of links. Nothing was changed; try again."),
        "too_many_forms": ngettext_lazy("You can have up to %d link.", "You can have up to %d links.", "num"),
    }

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("Remove")
        form.fields["ORDER"] = PlaceField(
            required=False, widget=self.ordering_widget, initial=form.fields["ORDER"].initial
        )
        cast(forms.ModelChoiceField, form.fields["id"]).queryset = self.get_queryset()
        form.fields["id"].error_messages["invalid_choice"] = _(
            "This link no longer exists. Tick “Remove” to continue."
        )

    def _should_delete_form(self, form: forms.ModelForm) -> bool:
        """Delete a link that is ticked, or whose two fields were cleared."""
        typed = [form.data.get(form.add_prefix(name), "").strip() for name in ("label", "url")]
        is_ticked: bool = super()._should_delete_form(form)  # type: ignore[misc]  # not in the stubs
        return is_ticked or (form.instance.pk is not None and not any(typed))

    def clean(self) -> None:
        seen = {link_key(link.url) for link in self._untouched_rows()}
        for form in self._remaining_forms():
            url = form.cleaned_data.get("url")
            if not url:
                continue
            if link_key(url) in seen:
                form.add_error("url", _("You’ve added this address twice."))
            seen.add(link_key(url))
        if len(seen) > ProfileLink.MAX_PER_MEMBER:
            raise ValidationError(
                ngettext_lazy(
                    "You can have up to %d link.", "You can have up to %d links.", ProfileLink.MAX_PER_MEMBER
                )
                % ProfileLink.MAX_PER_MEMBER,
                code="too_many_links",
            )

    def _untouched_rows(self) -> list[ProfileLink]:
        shown = {form.instance.pk for form in self.initial_forms}
        return [link for link in self.get_queryset() if link.pk not in shown]

    def _remaining_forms(self) -> Iterator[forms.ModelForm]:
        for form in self.forms:
            if (
                not self._should_delete_form(form)
                and form.is_valid()
                and (form.instance.pk or form.has_changed())
            ):
                yield form

    def in_order(self) -> list[forms.ModelForm]:
        """The rows in the member's order. A new row comes last."""
        return sorted(self.forms, key=self._place)

    def _place(self, form: forms.ModelForm) -> int:
        if not self.is_bound:
            return self.forms.index(form)
        place = str(form.data.get(form.add_prefix("ORDER"), ""))
        return int(place) if place.isascii() and place.isdigit() and len(place) < 6 else self.absolute_max

    @classmethod
    def moved(cls, data: QueryDict, rows: list[forms.ModelForm], which: str) -> None:
        """Write the positions of the rows into `data` after one of them was moved.

        which: the index of a row in `rows` and a direction, such as "2-up". Any other value changes nothing.
        """
        number, _dash, way = which.partition("-")
        if number in {str(index) for index in range(len(rows))}:
            row = rows.pop(int(number))
            rows.insert(max(0, int(number) + (-1 if way == "up" else 1)), row)
        for place, row in enumerate(rows, start=1):
            data[row.add_prefix("ORDER")] = str(place)

    def remaining_links(self) -> list[ProfileLink]:
        staying = list(self._remaining_forms())
        return [form.instance for form in sorted(staying, key=self._place)]

    def deleted_links(self) -> list[ProfileLink]:
        return [form.instance for form in self.forms if self._should_delete_form(form) and form.instance.pk]

    def is_marked_for_deletion(self, form: forms.ModelForm) -> bool:
        return self._should_delete_form(form)

    def without_errors(self) -> None:
        for form in self.forms:
            cast(LinkForm, form).without_errors()


# The cast is needed because the factory's declared type only knows Django's base class.
LinkFormSet = cast(
    type[BaseLinkFormSet],
    forms.inlineformset_factory(
        User,
        ProfileLink,
        form=LinkForm,
        formset=BaseLinkFormSet,
        extra=0,
        max_num=ProfileLink.MAX_PER_MEMBER,
        absolute_max=ProfileLink.MAX_PER_MEMBER + 10,
        validate_max=True,
        can_order=True,
    ),
)
