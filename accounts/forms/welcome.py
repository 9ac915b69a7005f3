"""The first step of the welcome pages of a new member."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.profile import PictureField
from accounts.models import User
from accounts.models.images import SHAPES
from accounts.models.names import validate_display_name
from accounts.services.profile import save_profile
from core.utils.form_fields import OneLineField
from core.utils.text import one_line


class NameAndPictureForm(forms.ModelForm):
    """Name and picture only. The picture is cropped to its centre; the profile page offers other crops."""

    avatar = PictureField(
        label=_("Picture"),
        required=False,
        shape=SHAPES["avatar"],
        help_text=_(
            "JPEG up to 30 MB; PNG, GIF or WebP up to 10 MB. We crop it square and remove location data."
        ),
    )
    display_name = OneLineField(
        label=_("Name"),
        max_length=User._meta.get_field("display_name").max_length,
        required=False,
        help_text=_("The name shown with your comments. Leave blank to use your username."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )

    class Meta:
        model = User
        fields = ["display_name", "avatar"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accepted = self.fields["avatar"].widget.attrs["accept"]
        self.fields["avatar"].widget = forms.FileInput(attrs={"accept": accepted})

    def clean_display_name(self) -> str:
        name = one_line(self.cleaned_data["display_name"])
        if name != self.initial.get("display_name"):
            validate_display_name(name, but=self.instance)
        return name

    def save(self, commit: bool = True) -> Any:
        """Save through save_profile, which may raise ValidationError."""
        save_profile(self.instance, list(self.instance.links.all()), fields=self._meta.fields or [])
        return self.instance
