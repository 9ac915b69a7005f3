"""Lists of links in the site's settings (navigation, social links), in an order that buttons change."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core.utils.form_fields import OneLineField
from core.utils.urls import WebAddressValidator

LINKS_MAX = 12


class LinkAddressField(forms.CharField):
    """A path of this site, or an http or https URL. Without a scheme it becomes https."""

    def __init__(self, *, may_be_path: bool, **kwargs: Any) -> None:
        super().__init__(max_length=300, **kwargs)
        self.may_be_path = may_be_path
        self.widget.attrs |= {"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"}

    def clean(self, value: Any) -> str:
        address = super().clean(value).strip()
        if not address:
            return ""
        if address.startswith("/"):
            if not self.may_be_path or address.startswith(("//", "/\\")) or any(map(str.isspace, address)):
                raise ValidationError(
                    _("Enter a full web address, such as https://example.org/."), code="invalid"
                )
            return address
        if "://" not in address:
            address = f"https://{address}"
        WebAddressValidator(message=_("Enter a web address such as /about/ or https://example.org/."))(
            address
        )
        return address


class LinkForm(forms.Form):
    """A row: a link of the navigation or the footer. An empty row is no link."""

    may_be_path = True

    label = OneLineField(label=_("Label"), max_length=40, required=False)
    address = forms.CharField(label=_("Address"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["address"] = LinkAddressField(
            label=_("Address"), may_be_path=self.may_be_path, required=False
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        label, address = cleaned.get("label"), cleaned.get("address")
        if label and not address and "address" not in self.errors:
            self.add_error("address", _("Add the address, or clear the label."))
        if address and not label:
            self.add_error("label", _("Add a label, or clear the address."))
        return cleaned


class SocialLinkForm(LinkForm):
    may_be_path = False


class BaseLinkFormSet(forms.BaseFormSet):
    default_error_messages = {"missing_management_form": _("We couldn’t read the list of links. Try again.")}

    @property
    def links(self) -> list[dict[str, str]]:
        """The rows that are links, in order."""
        rows = [form.cleaned_data for form in self.forms if form.cleaned_data.get("address")]
        return [{"label": row["label"], "address": row["address"]} for row in rows]

    def move(self, which: str) -> None:
        """Swap the data of a row with its neighbour's, before the rows are validated.

        which: the number of a row and a direction, such as "2-up". Anything else, and moves out of the list,
        are ignored.
        """
        number, _dash, way = which.partition("-")
        last = self.total_form_count() - 1
        here = int(number) if number.isascii() and number.isdigit() and len(number) < 3 else -1
        there = here + {"up": -1, "down": 1}.get(way, 0)
        if not (0 <= here <= last and 0 <= there <= last):
            return
        data = cast(QueryDict, self.data).copy()
        for name in ("label", "address"):
            one, other = (f"{self.prefix}-{row}-{name}" for row in (here, there))
            data[one], data[other] = data.get(other, ""), data.get(one, "")
        self.data = data


def link_formset(form: type[LinkForm]) -> type[BaseLinkFormSet]:
    made = forms.formset_factory(
        form, BaseLinkFormSet, extra=2, max_num=LINKS_MAX, absolute_max=2 * LINKS_MAX, validate_max=True
    )
    return cast(type[BaseLinkFormSet], made)
