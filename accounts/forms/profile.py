"""The profile form and its fields."""

import re
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from accounts.forms.links import BaseLinkFormSet
from accounts.models import ChosenPicture, MemberTopic, User
from accounts.models.images import SHAPES, Shape
from accounts.models.names import validate_display_name
from core.parts import is_on
from core.utils.form_fields import OneLineField, RedisplayMixin, Slider, SliderField, TextField
from core.utils.images import CropBox
from core.utils.text import one_line, search_key


class PictureField(forms.FileField):
    """An uploaded picture, decoded here. Django's own field would let Pillow decode every format it knows."""

    widget = forms.ClearableFileInput

    def __init__(self, *, shape: Shape, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shape = shape
        self.widget.attrs["accept"] = "image/jpeg,image/png,image/gif,image/webp"

    def clean(self, data: Any, initial: Any = None) -> Any:
        return self.draw(super().clean(data, initial), CropBox())

    def draw(self, picture: Any, cut: CropBox) -> Any:
        return self.shape.draw(picture, cut) if isinstance(picture, UploadedFile) else picture


class CutPictureField(PictureField):
    """A picture with its crop in separate fields. The form processes it once the crop is known."""

    def draw(self, picture: Any, cut: CropBox) -> Any:
        return picture

    def draw_part(self, picture: Any, cut: CropBox) -> Any:
        return super().draw(picture, cut)


class TopicsField(forms.CharField):
    """Topics on one line, separated by commas. Returns a list of names, each topic once."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MemberTopic.MAX_PER_KIND * 50, required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]  # text becomes a list
        names = [
            one_line("".join(sign for sign in name if sign.isprintable()))
            for name in re.split(r"[,;\n]", super().to_python(value) or "")
        ]
        first_spellings: dict[str, str] = {}
        for name in names:
            if key := search_key(name):
                first_spellings.setdefault(key, name)
        return list(first_spellings.values())

    def run_validators(self, value: list[str]) -> None:
        super().run_validators(", ".join(value))
        if len(value) > MemberTopic.MAX_PER_KIND:
            raise ValidationError(
                _("Choose up to %(limit)d."), "too_many", {"limit": MemberTopic.MAX_PER_KIND}
            )
        for name in value:
            if len(name) > 40 or len(search_key(name)) > 80:
                raise ValidationError(
                    _("“%(name)s…” is too long. A topic can have up to 40 characters."),
                    "too_long",
                    {"name": name[:20]},
                )


def is_birthday(day: int, month: int, year: int | None) -> bool:
    """Whether this is a plausible birthday. Without a year, 29 February is valid."""
    try:
        return date(year or 2000, month, day) <= timezone.localdate()
    except ValueError:
        return False


class ProfileForm(RedisplayMixin, forms.ModelForm):
    TOPIC_FIELDS = {MemberTopic.Kind.HELP: "help_with", MemberTopic.Kind.LOOK: "look_for"}

    avatar = CutPictureField(
        label=_("Picture"),
        required=False,
        shape=SHAPES["avatar"],
        help_text=_(
            "JPEG up to 30 MB; PNG, GIF or WebP up to 10 MB. We crop it square and remove location data."
        ),
        error_messages={
            "contradiction": _("Either choose a new picture or remove the current one, not both.")
        },
    )
    avatar_alt = OneLineField(label=_("Picture description (alt text)"), max_length=150, required=False)
    cover = CutPictureField(
        label=_("Banner picture"),
        required=False,
        shape=SHAPES["cover"],
        help_text=_("3:1. We’ll crop it to fit."),
        error_messages={
            "contradiction": _("Either choose a new picture or remove the current one, not both.")
        },
    )
    cover_alt = OneLineField(label=_("Banner description (alt text)"), max_length=150, required=False)
    tagline = OneLineField(label=_("Tagline"), max_length=90, required=False)
    bio = TextField(label=_("About you"), max_length=2000, required=False)
    birthday_day = forms.IntegerField(label=_("Day"), min_value=1, max_value=31, required=False)
    birthday_month = forms.TypedChoiceField(
        label=_("Month"), choices=[("", "–"), *MONTHS.items()], coerce=int, empty_value=None, required=False
    )
    birthday_year = forms.IntegerField(label=_("Year (optional)"), min_value=1900, required=False)
    birthday_seen_by = forms.ChoiceField(label=_("Visible to"), choices=User.SeenBy, required=False)
    help_with = TopicsField(
        label=_("I can help with"),
        help_text=_("A few topics, separated by commas. Others can find you by them."),
    )
    look_for = TopicsField(label=_("I am looking for"), help_text=_("A few topics, separated by commas."))
    takes_introductions = forms.BooleanField(
        label=_(
            "Members can ask to be introduced to me. I get their message by email; they don’t see my address."
        ),
        required=False,
    )
    found_by_expertise = forms.BooleanField(
        label=_(
            "Members find me under “Who knows about …”, by what I can help with and by comments that others thanked me for."
        ),
        required=False,
    )

    class Meta:
        model = User
        fields = [
            "avatar",
            "avatar_alt",
            "cover",
            "cover_alt",
            "display_name",
            "tagline",
            "bio",
            "birthday_in_march",
            "birthday_told",
            "wants_party",
            "takes_introductions",
            "found_by_expertise",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        display_name = self.fields["display_name"]
        display_name.label = _("Name")
        display_name.help_text = _("The name shown with your comments. Leave blank to use your username.")
        display_name.widget.attrs["autocomplete"] = "nickname"
        self.fields["bio"].widget.attrs["rows"] = 5
        for picture in SHAPES:
            self.fields |= {
                f"{picture}_x": SliderField(
                    label=_("Horizontal position"), initial=50, min_value=0, max_value=100, widget=Slider
                ),
                f"{picture}_y": SliderField(
                    label=_("Vertical position"), initial=50, min_value=0, max_value=100, widget=Slider
                ),
                f"{picture}_zoom": SliderField(
                    label=_("Zoom"), initial=100, min_value=100, max_value=400, widget=Slider
                ),
                f"{picture}_chosen": SliderField(
                    initial=0, min_value=0, max_value=2**62, widget=forms.HiddenInput
                ),
            }
        self.fields["birthday_in_march"].label = _(
            "Born on 29 February: celebrate on 1 March in other years, not on 28 February"
        )
        for name, part in {"birthday_told": "birthdays", "wants_party": "party"}.items():
            if not is_on(part):
                del self.fields[name]
        for name in ("birthday_day", "birthday_month", "birthday_year", "birthday_seen_by"):
            self.initial.setdefault(name, getattr(self.instance, name))
        self.fields["birthday_day"].widget.attrs["autocomplete"] = "bday-day"
        self.fields["birthday_month"].widget.attrs["autocomplete"] = "bday-month"
        self.fields["birthday_year"].widget.attrs["autocomplete"] = "bday-year"
        topics = self.instance.topics.select_related("topic")
        for kind, field in self.TOPIC_FIELDS.items():
            self.initial.setdefault(field, [row.topic.name for row in topics if row.kind == kind])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in SHAPES:
            self.clean_picture(name, data)
        self.clean_birthday(data)
        return data

    def clean_picture(self, name: str, data: dict[str, Any]) -> None:
        """Set the picture: the cropped upload, else the one uploaded before, unless it is removed."""
        if isinstance(data.get(name), UploadedFile):
            cut = CropBox(data[f"{name}_x"] / 100, data[f"{name}_y"] / 100, data[f"{name}_zoom"] / 100)
            try:
                data[name] = cast(CutPictureField, self.fields[name]).draw_part(data[name], cut)
            except ValidationError as error:
                self.add_error(name, error)
        elif data[f"{name}_chosen"] and name in data and data[name] is not False:
            if chosen := self.chosen(name):
                data[name] = chosen.file.name
            else:
                self.add_error(
                    name,
                    ValidationError(
                        _("The picture you chose is no longer here. Choose it again."), code="gone"
                    ),
                )

    def chosen(self, name: str) -> ChosenPicture | None:
        """The member's pending picture that this form refers to."""
        key = self.fields[f"{name}_chosen"].clean(self[f"{name}_chosen"].value())
        return self.instance.chosen_pictures.filter(field=name, pk=key).first() if key else None

    def clean_birthday(self, data: dict[str, Any]) -> None:
        day, month, year = (data.get(f"birthday_{part}") for part in ("day", "month", "year"))
        if not {"birthday_day", "birthday_month", "birthday_year"} & set(self.errors):
            if (day is None) != (month is None):
                self.add_error(
                    "birthday_day" if day is None else "birthday_month",
                    _("Enter both the day and the month, or leave both blank."),
                )
            elif year and day is None:
                self.add_error("birthday_day", _("Enter the day and the month too, or clear the year."))
            elif day and month and not is_birthday(day, month, year):
                self.add_error("birthday_day", _("This date doesn’t exist. Check the day and month."))
        self.instance.birthday_day, self.instance.birthday_month, self.instance.birthday_year = (
            day,
            month,
            year,
        )
        self.instance.birthday_seen_by = data.get("birthday_seen_by") or User.SeenBy.NOBODY

    @property
    def columns(self) -> list[str]:
        """The names of the columns that this form fills. All of them are saved."""
        columns = {field.name for field in User._meta.concrete_fields}
        return [name for name in self.fields if name in columns]

    @property
    def topics(self) -> dict[str, list[str]]:
        """The entered topics by kind, once the form is valid."""
        return {kind: self.cleaned_data[field] for kind, field in self.TOPIC_FIELDS.items()}

    def clean_display_name(self) -> str:
        name = one_line(self.cleaned_data["display_name"])
        if name != self.initial.get("display_name"):
            validate_display_name(name, but=self.instance)
        return name


def list_problems(form: ProfileForm, links: BaseLinkFormSet) -> list[tuple[str, str]]:
    """The errors of a profile form in page order: (id of the field or "", message)."""
    problems = [
        ("" if name == "__all__" else form[name].id_for_label, str(error))
        for name, errors in form.errors.items()
        for error in errors
    ]
    problems += [("", str(error)) for error in links.non_form_errors()]
    for number, row in enumerate(links.in_order(), start=1):
        if links.is_marked_for_deletion(row):
            continue
        for name, errors in row.errors.items():
            field = row["url" if name in {"__all__", "id"} else name]
            # Two wrong links would otherwise be two lines with the same words.
            problems += [
                (
                    field.id_for_label,
                    str(_("Link %(number)d: %(problem)s") % {"number": number, "problem": error}),
                )
                for error in errors
            ]
    return problems
