"""What people type to sign up and about themselves."""

import unicodedata
from collections.abc import Iterator
from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.core import context
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import URLValidator
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.models import ProfileLink, User
from accounts.networks import read_address
from accounts.services import forget_unfinished_signup, is_like_a_house_name
from core.markup import tidy_address
from core.pictures import clean_picture
from core.text import one_line, validate_name

AVATAR_SIZE = (512, 512)


class LoginForm(AllauthLoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Email or user name")
        self.fields["login"].widget.attrs |= {"autocomplete": "username webauthn", "autocapitalize": "none", "spellcheck": "false"}


class SignupForm(AllauthSignupForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].help_text = _("Only to sign you in and to tell you of answers. Nobody else sees it.")
        username = self.fields["username"]
        username.label = _("User name")
        username.help_text = _(
            "For signing in and for the address of your page. Small letters, numbers, - and _. The name people see can be another."
        )
        username.widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}
        if password := self.fields.get("password1"):
            password.label = _("Password (if you want one)")
            password.help_text = _("At least eight signs. Leave it empty, and we email you a code each time you sign in.")
        # allauth hides it with a style attribute, which the content security policy forbids; the template hides it.
        self.fields["phone_number"].widget = forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"})
        self.fields["phone_number"].label = _("Leave this empty")

    def full_clean(self) -> None:
        if self.is_bound and context.request is not None:
            forget_unfinished_signup(context.request.session)
        super().full_clean()


class OneLineField(forms.CharField):
    """Text on one line, without control characters and without signs that turn the direction of what follows."""

    UNSEEN = {"Cc", "Cs", "Co", "Zl", "Zp"}
    TURNING = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

    def to_python(self, value: Any) -> str:
        line = one_line(super().to_python(value))
        return "".join(sign for sign in line if unicodedata.category(sign) not in self.UNSEEN and sign not in self.TURNING)


class TextField(forms.CharField):
    """Text on many lines. A line's end is one sign, as the reader and the browser count it."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return super().to_python(value).replace("\r\n", "\n")


class PictureField(forms.FileField):
    """An uploaded picture, redrawn by us. Django's own field would hand every format it knows to a decoder."""

    widget = forms.ClearableFileInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        picture = super().clean(data, initial)
        return clean_picture(picture, size=AVATAR_SIZE, crop=True) if isinstance(picture, UploadedFile) else picture


class WebAddressField(forms.URLField):
    """An address of the web. Typed without http:// or https:// it is taken for https."""

    default_validators = [URLValidator(schemes=["http", "https"], message=_("This is not an address of the web. Check it for a typing slip."))]
    default_error_messages = {"invalid": _("This is not an address of the web. Check it for a typing slip.")}

    # Signs that no address needs as they are, and that end an attribute where somebody forgot to escape.
    QUOTED = str.maketrans({sign: f"%{ord(sign):02X}" for sign in "\"'<>`\\"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(assume_scheme="https", **{name: value for name, value in kwargs.items() if name != "assume_scheme"})

    def to_python(self, value: Any) -> str:
        scheme, mark, rest = super().to_python(value).partition("://")
        return scheme.lower() + mark + rest.translate(self.QUOTED) if mark else scheme


class KeptAsTyped:
    """A form that can be shown once more without a word about what is not finished yet."""

    def without_errors(self) -> None:
        self._errors = ErrorDict()


class ProfileForm(KeptAsTyped, forms.ModelForm):
    avatar = PictureField(
        label=_("Picture"),
        required=False,
        help_text=_("JPEG, PNG, GIF or WebP, up to 10 MB. We cut a square from the middle and leave out where it was taken."),
        error_messages={"contradiction": _("Either choose a picture or take the old one away, not both.")},
    )
    tagline = OneLineField(label=_("One line about you"), max_length=90, required=False)
    bio = TextField(label=_("More, if you like"), max_length=2000, required=False)

    class Meta:
        model = User
        fields = ["avatar", "display_name", "tagline", "bio"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["avatar"].widget.attrs["accept"] = "image/jpeg,image/png,image/gif,image/webp"
        name = self.fields["display_name"]
        name.label = _("Name")
        name.help_text = _("What people should call you here. Left empty, it is your user name.")
        name.widget.attrs["autocomplete"] = "nickname"
        self.fields["bio"].widget.attrs["rows"] = 5

    def clean_display_name(self) -> str:
        name = one_line(self.cleaned_data["display_name"])
        if name:
            validate_name(name)
            if is_like_a_house_name(name, but=self.instance):
                raise ValidationError(_("This name is too close to one of the people who run this place. Choose another."), code="house_name")
        return name


class LinkForm(KeptAsTyped, forms.ModelForm):
    label = OneLineField(label=_("Label"), max_length=40, required=False)
    url = forms.CharField(
        label=_("Address"),
        max_length=300,
        # Not type="url": browsers would refuse an address without https://, which we add ourselves, and an @handle.
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "url", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Give the address too, or empty the label.")},
    )

    class Meta:
        model = ProfileLink
        fields = ["label", "url"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["label"].widget.attrs["list"] = "networks"

    def clean_url(self) -> str:
        """An address, or a handle such as @ada@mastodon.social, made an address."""
        url = read_address(self.cleaned_data["url"], label=self.cleaned_data.get("label", ""))
        return WebAddressField(max_length=300).clean(url)


class PlaceField(forms.Field):
    """Where a row stands. What makes no sense there is no mistake of the member's, and a moved row is no typed one."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class BaseLinkFormSet(forms.BaseInlineFormSet):
    """A member's links. Rows are found among the member's own alone: a foreign number finds nothing."""

    deletion_widget = forms.CheckboxInput
    ordering_widget = forms.HiddenInput
    default_error_messages = {
        "missing_management_form": _("The list of links arrived broken. Your links are as they were; try again."),
        "too_many_forms": ngettext_lazy("No more than %d link fits.", "No more than %d links fit.", "num"),
    }

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("Remove")
        form.fields["ORDER"] = PlaceField(required=False, widget=self.ordering_widget, initial=form.fields["ORDER"].initial)
        form.fields["id"].queryset = self.get_queryset()
        form.fields["id"].error_messages["invalid_choice"] = _("This link is gone meanwhile. Tick “Remove” to go on.")

    def _should_delete_form(self, form: forms.ModelForm) -> bool:
        """Ticked, or emptied: whoever wipes both fields of a link wants it gone."""
        typed = [form.data.get(form.add_prefix(name), "").strip() for name in ("label", "url")]
        return super()._should_delete_form(form) or (form.instance.pk is not None and not any(typed))

    def clean(self) -> None:
        seen = {link_key(link.url) for link in self._rows_left_alone()}
        for form in self._forms_that_stay():
            url = form.cleaned_data.get("url")
            if not url:
                continue
            if link_key(url) in seen:
                form.add_error("url", _("You have this address twice."))
            seen.add(link_key(url))
        if len(seen) > ProfileLink.MAX_PER_MEMBER:
            raise ValidationError(
                ngettext_lazy("No more than %d link fits.", "No more than %d links fit.", ProfileLink.MAX_PER_MEMBER) % ProfileLink.MAX_PER_MEMBER,
                code="too_many_links",
            )

    def _rows_left_alone(self) -> list[ProfileLink]:
        shown = {form.instance.pk for form in self.initial_forms}
        return [link for link in self.get_queryset() if link.pk not in shown]

    def _forms_that_stay(self) -> Iterator[forms.ModelForm]:
        for form in self.forms:
            if not self._should_delete_form(form) and form.is_valid() and (form.instance.pk or form.has_changed()):
                yield form

    def in_order(self) -> list[forms.ModelForm]:
        """The rows as their owner put them. A new row stands where it was added: at the end."""
        return sorted(self.forms, key=self._place)

    def _place(self, form: forms.ModelForm) -> int:
        if not self.is_bound:
            return self.forms.index(form)
        place = str(form.data.get(form.add_prefix("ORDER"), ""))
        return int(place) if place.isascii() and place.isdigit() and len(place) < 6 else self.absolute_max

    @classmethod
    def moved(cls, data: QueryDict, rows: list[forms.ModelForm], which: str) -> None:
        """Write into `data` the places of the rows after one went up or down.

        which: the number of a row in `rows` and its way, such as "2-up". Anything else leaves all as they are.
        """
        number, _dash, way = which.partition("-")
        if number in {str(index) for index in range(len(rows))}:
            row = rows.pop(int(number))
            rows.insert(max(0, int(number) + (-1 if way == "up" else 1)), row)
        for place, row in enumerate(rows, start=1):
            data[row.add_prefix("ORDER")] = str(place)

    def links_that_stay(self) -> list[ProfileLink]:
        staying = list(self._forms_that_stay())
        return [form.instance for form in sorted(staying, key=self._place)]

    def links_that_go(self) -> list[ProfileLink]:
        return [form.instance for form in self.forms if self._should_delete_form(form) and form.instance.pk]

    def is_going(self, form: forms.ModelForm) -> bool:
        return self._should_delete_form(form)

    def without_errors(self) -> None:
        for form in self.forms:
            form.without_errors()


def link_key(url: str) -> str:
    """Two addresses with the same key lead to the same place."""
    return tidy_address(url).rstrip("/").lower() + url.partition("?")[2]


LinkFormSet = forms.inlineformset_factory(
    User,
    ProfileLink,
    form=LinkForm,
    formset=BaseLinkFormSet,
    extra=0,
    max_num=ProfileLink.MAX_PER_MEMBER,
    absolute_max=ProfileLink.MAX_PER_MEMBER + 10,
    validate_max=True,
    can_order=True,
)


def list_problems(form: ProfileForm, links: BaseLinkFormSet) -> list[tuple[str, str]]:
    """What is wrong with a profile, in the order of the page: (id of the field or "", the words)."""
    problems = [("" if name == "__all__" else form[name].id_for_label, error) for name, errors in form.errors.items() for error in errors]
    problems += [("", error) for error in links.non_form_errors()]
    for row in links.in_order():
        if links.is_going(row):
            continue
        for name, errors in row.errors.items():
            field = row["url" if name in {"__all__", "id"} else name]
            problems += [(field.id_for_label, error) for error in errors]
    return problems
