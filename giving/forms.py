from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from giving.models import Pledge


class PledgeForm(forms.ModelForm):
    class Meta:
        model = Pledge
        fields = ["amount", "is_thanked"]
        localized_fields = ["amount"]

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        if self.instance.currency != currency:  # the host chose another one since
            self.initial.pop("amount", None)
        self.fields["amount"].label = _("Monthly amount, in %(currency)s") % {"currency": currency}
        self.fields["amount"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}
