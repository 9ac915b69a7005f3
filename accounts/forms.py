"""What people type to sign up and about themselves."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.core import context
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.code_forms import CountedMailMixin
from accounts.models import ChosenPicture, Departure, MemberTopic, ProfileLink, User
from accounts.names import validate_display_name
from accounts.networks import read_address
from accounts.pictures import SHAPES, Shape
from accounts.services import forget_unfinished_signup, link_key
from core.addresses import WebAddressValidator
from core.pictures import Cut
from core.text import one_line, search_key


class LoginForm(AllauthLoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Email or user name")
        self.fields["login"].widget.attrs |= {"autocomplete": "username webauthn", "autocapitalize": "none", "spellcheck": "false"}


def word_signup_fields(form: forms.Form) -> None:
    """Our words for the fields that every sign-up has."""
    form.fields["email"].help_text = _("Only to sign you in and to tell you of answers. Nobody else sees it.")
    username = form.fields["username"]
    username.label = _("User name")
    username.help_text = _("For signing in and for the address of your page. Small letters, numbers, - and _. The name people see can be another.")
    username.widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}


class SignupForm(CountedMailMixin, AllauthSignupForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_signup_fields(self)
        if password := self.fields.get("password1"):
            password.label = _("Password (if you want one)")
            password.help_text = _("At least eight signs. Leave it empty, and we email you a code each time you sign in.")
        # allauth hides it with a style attribute, which the content security policy forbids; the template hides it.
        self.fields["phone_number"].widget = forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"})
        self.fields["phone_number"].label = _("Leave this empty")

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Whoever has an account gets a mail and no second one. Their password is hashed as anybody's, so that it takes as long."""
        password = self.cleaned_data.get("password1")
        if self.account_already_exists and password:
            make_password(password)
        saved: tuple[User | None, HttpResponse | None] = super().try_save(request)
        return saved

    def full_clean(self) -> None:
        if self.is_bound and context.request is not None:
            forget_unfinished_signup(context.request.session)
        super().full_clean()


class AddKeyForm(AddWebAuthnForm):
    """A new passkey or security key."""

    field_order = ["name", "passwordless", "credential"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = OneLineField(label=_("Name"), max_length=60, required=False, help_text=_("So that you can tell your keys apart."))
        self.fields["passwordless"].initial = True
        self.fields["passwordless"].label = _("Sign in with it alone")
        self.fields["passwordless"].help_text = _(
            "It is a passkey then: it asks for your finger, your face or a number, and nothing else is needed. If not, it is a second step."
        )
        self.order_fields(self.field_order)


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

    def __init__(self, *, shape: Shape, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shape = shape
        self.widget.attrs["accept"] = "image/jpeg,image/png,image/gif,image/webp"

    def clean(self, data: Any, initial: Any = None) -> Any:
        return self.draw(super().clean(data, initial), Cut())

    def draw(self, picture: Any, cut: Cut) -> Any:
        return self.shape.draw(picture, cut) if isinstance(picture, UploadedFile) else picture


class CutPictureField(PictureField):
    """A picture whose part somebody chose, in fields beside it. The form draws it when it knows which part."""

    def draw(self, picture: Any, cut: Cut) -> Any:
        return picture

    def draw_part(self, picture: Any, cut: Cut) -> Any:
        return super().draw(picture, cut)


class SliderField(forms.IntegerField):
    """A number from a slider. Where there is none, or one that makes no sense, the slider was never touched."""

    def clean(self, value: Any) -> int:
        try:
            found = super().clean(value)
        except ValidationError:
            found = None
        return self.initial if found is None else found


class WebAddressField(forms.URLField):
    """An address of the web. Typed without http:// or https:// it is taken for https."""

    default_validators = [WebAddressValidator(message=_("This is not an address of the web. Check it for a typing slip."))]
    default_error_messages = {"invalid": _("This is not an address of the web. Check it for a typing slip.")}

    # Signs that no address needs as they are, and that end an attribute where somebody forgot to escape.
    QUOTED = str.maketrans({sign: f"%{ord(sign):02X}" for sign in "\"'<>`\\"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(assume_scheme="https", **{name: value for name, value in kwargs.items() if name != "assume_scheme"})

    def to_python(self, value: Any) -> str:
        scheme, mark, rest = super().to_python(value).partition("://")
        return scheme.lower() + mark + rest.translate(self.QUOTED) if mark else scheme


class TopicsField(forms.CharField):
    """Some topics on one line, with commas between them. Gives a list of names, each topic once."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MemberTopic.MAX_PER_KIND * 50, required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        names = [one_line("".join(sign for sign in name if sign.isprintable())) for name in re.split(r"[,;\n]", super().to_python(value))]
        first_spellings: dict[str, str] = {}
        for name in names:
            if key := search_key(name):
                first_spellings.setdefault(key, name)
        return list(first_spellings.values())

    def run_validators(self, value: list[str]) -> None:
        super().run_validators(", ".join(value))
        if len(value) > MemberTopic.MAX_PER_KIND:
            raise ValidationError(_("Choose %(limit)d at most."), "too_many", {"limit": MemberTopic.MAX_PER_KIND})
        for name in value:
            if len(name) > 40 or len(search_key(name)) > 80:
                raise ValidationError(_("“%(name)s…” is too long. Forty signs are as many as one topic may have."), "too_long", {"name": name[:20]})


class KeptAsTyped:
    """A form that can be shown once more without a word about what is not finished yet."""

    def without_errors(self, but: Iterable[str] = ()) -> None:
        """but: fields whose errors are shown all the same, if the form was looked at."""
        found = self._errors or {}
        self._errors = ErrorDict({name: found[name] for name in but if name in found})


class Slider(forms.NumberInput):
    input_type = "range"


def is_birthday(day: int, month: int, year: int | None) -> bool:
    """Whether somebody alive may have been born then. Without a year, 29 February is a day."""
    try:
        return date(year or 2000, month, day) <= timezone.localdate()
    except ValueError:
        return False


class ProfileForm(KeptAsTyped, forms.ModelForm):
    TOPIC_FIELDS = {MemberTopic.Kind.HELP: "help_with", MemberTopic.Kind.LOOK: "look_for"}

    avatar = CutPictureField(
        label=_("Picture"),
        required=False,
        shape=SHAPES["avatar"],
        help_text=_("JPEG, PNG, GIF or WebP, up to 10 MB. We cut a square from it and leave out where it was taken."),
        error_messages={"contradiction": _("Either choose a picture or take the old one away, not both.")},
    )
    avatar_alt = OneLineField(label=_("What it shows, for those who do not see it"), max_length=150, required=False)
    cover = CutPictureField(
        label=_("Wide picture for the top of your page"),
        required=False,
        shape=SHAPES["cover"],
        help_text=_("Three times as wide as high; we cut it to that."),
        error_messages={"contradiction": _("Either choose a picture or take the old one away, not both.")},
    )
    cover_alt = OneLineField(label=_("What the wide picture shows"), max_length=150, required=False)
    tagline = OneLineField(label=_("One line about you"), max_length=90, required=False)
    bio = TextField(label=_("More, if you like"), max_length=2000, required=False)
    birthday_day = forms.IntegerField(label=_("Day"), min_value=1, max_value=31, required=False)
    birthday_month = forms.TypedChoiceField(label=_("Month"), choices=[("", "–"), *MONTHS.items()], coerce=int, empty_value=None, required=False)
    birthday_year = forms.IntegerField(label=_("Year, if you like"), min_value=1900, required=False)
    birthday_seen_by = forms.ChoiceField(label=_("Who sees it"), choices=User.SeenBy, required=False)
    help_with = TopicsField(label=_("I can help with"), help_text=_("A few topics, with commas between them. People find you by them."))
    look_for = TopicsField(label=_("I am looking for"), help_text=_("The same for what you would like to find."))
    takes_introductions = forms.BooleanField(
        label=_("Members may ask to be introduced to me. Their words come by email; my address is not shown."), required=False
    )

    class Meta:
        model = User
        fields = ["avatar", "avatar_alt", "cover", "cover_alt", "display_name", "tagline", "bio", "takes_introductions"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = self.fields["display_name"]
        name.label = _("Name")
        name.help_text = _("What people should call you here. Left empty, it is your user name.")
        name.widget.attrs["autocomplete"] = "nickname"
        self.fields["bio"].widget.attrs["rows"] = 5
        for picture in SHAPES:
            self.fields |= {
                f"{picture}_x": SliderField(label=_("Left or right"), initial=50, min_value=0, max_value=100, widget=Slider),
                f"{picture}_y": SliderField(label=_("Up or down"), initial=50, min_value=0, max_value=100, widget=Slider),
                f"{picture}_zoom": SliderField(label=_("Closer"), initial=100, min_value=100, max_value=400, widget=Slider),
                f"{picture}_chosen": SliderField(initial=0, min_value=0, max_value=2**62, widget=forms.HiddenInput),
            }
        for name in ("birthday_day", "birthday_month", "birthday_year", "birthday_seen_by"):
            self.initial.setdefault(name, getattr(self.instance, name))
        self.fields["birthday_day"].widget.attrs["autocomplete"] = "bday-day"
        self.fields["birthday_month"].widget.attrs["autocomplete"] = "bday-month"
        self.fields["birthday_year"].widget.attrs["autocomplete"] = "bday-year"
        topics = self.instance.topics.select_related("topic")
        for kind, field in self.TOPIC_FIELDS.items():
            self.initial.setdefault(field, [row.topic.name for row in topics if row.kind == kind])

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for name in SHAPES:
            self.clean_picture(name, data)
        self.clean_birthday(data)
        return data

    def clean_picture(self, name: str, data: dict[str, Any]) -> None:
        """The picture that came along, cut; else the one that was chosen before and waits, unless none is wanted."""
        if isinstance(data.get(name), UploadedFile):
            cut = Cut(data[f"{name}_x"] / 100, data[f"{name}_y"] / 100, data[f"{name}_zoom"] / 100)
            try:
                data[name] = self.fields[name].draw_part(data[name], cut)
            except ValidationError as error:
                self.add_error(name, error)
        elif data[f"{name}_chosen"] and name in data and data[name] is not False:
            if chosen := self.chosen(name):
                data[name] = chosen.file.name
            else:
                self.add_error(name, ValidationError(_("The picture you chose is no longer here. Choose it again."), code="gone"))

    def chosen(self, name: str) -> ChosenPicture | None:
        """The picture that waits for this form, the member's own."""
        key = self.fields[f"{name}_chosen"].clean(self[f"{name}_chosen"].value())
        return self.instance.chosen_pictures.filter(field=name, pk=key).first() if key else None

    def clean_birthday(self, data: dict[str, Any]) -> None:
        day, month, year = (data.get(f"birthday_{part}") for part in ("day", "month", "year"))
        if not {"birthday_day", "birthday_month", "birthday_year"} & set(self.errors):
            if (day is None) != (month is None):
                self.add_error("birthday_day" if day is None else "birthday_month", _("Give both the day and the month, or neither."))
            elif year and day is None:
                self.add_error("birthday_day", _("Give the day and the month too, or leave the year out."))
            elif day and not is_birthday(day, month, year):
                self.add_error("birthday_day", _("There is no such day. Check it for a typing slip."))
        self.instance.birthday_day, self.instance.birthday_month, self.instance.birthday_year = day, month, year
        self.instance.birthday_seen_by = data.get("birthday_seen_by") or User.SeenBy.NOBODY

    @property
    def columns(self) -> list[str]:
        """The columns of a member that this form fills: all of them are stored, whatever fields there will be."""
        columns = {field.name for field in User._meta.concrete_fields}
        return [name for name in self.fields if name in columns]

    @property
    def topics(self) -> dict[str, list[str]]:
        """What was typed, by kind, once the form is valid."""
        return {kind: self.cleaned_data[field] for kind, field in self.TOPIC_FIELDS.items()}

    def clean_display_name(self) -> str:
        name = one_line(self.cleaned_data["display_name"])
        if name != self.initial.get("display_name"):
            validate_display_name(name, but=self.instance)
        return name


class IntroductionForm(forms.Form):
    words = TextField(
        label=_("Your words"),
        max_length=1000,
        help_text=_("Who you are, and what you would like to talk about. Leave addresses out: your page is linked below your words."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def clean_words(self) -> str:
        words = self.cleaned_data["words"]
        if re.search(r"://|\bwww\.|\S@\S", words):
            raise ValidationError(_("Leave addresses out. Your page, with your links, comes along by itself."), code="address")
        return words


class IntroductionAnswerForm(forms.Form):
    answer = TextField(label=_("Your answer, if you say yes"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class LeaveForm(forms.Form):
    words = forms.ChoiceField(label=_("What becomes of what you wrote"), choices=Departure.Words, widget=forms.RadioSelect)
    is_meant = forms.BooleanField(
        label=_("I have read this, and I mean it."), error_messages={"required": _("Tick this when you have read what happens.")}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].error_messages = {name: _("Choose one of the two.") for name in ("required", "invalid_choice")}


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
