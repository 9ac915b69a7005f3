"""The form for the site's settings: fields in sections. Its lists of links are core/forms/links.py."""

import re
from email.utils import parseaddr
from typing import Any, cast
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.forms.utils import ErrorList
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.forms.links import LinkAddressField, LinkForm, SocialLinkForm, link_formset
from core.models import SiteSettings, SiteSettingsChange
from core.models.site import as_json, time_zones
from core.parts import parts
from core.services.site_icon import make_icons, store_icons
from core.services.site_settings import SettingsConflictError, save_settings
from core.utils.dates import date_styles, time_format
from core.utils.form_fields import OneLineField, RedisplayMixin, Slider
from core.utils.languages import name_of_interface, translated_languages

# Scheme, host and port, without anything that could end a directive of a Content-Security-Policy.
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?")


def languages() -> list[tuple[str, str]]:
    """The languages for which this installation has translations."""
    return [(code, name_of_interface(code)) for code in translated_languages()]


class MomentInput(forms.DateTimeInput):
    """The browser's field for a date and a time, in the site's time zone."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class PartsInput(forms.CheckboxSelectMultiple):
    """Checkboxes for the parts, each with its description."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["aria-describedby"] = f"{option['attrs'].get('id', '')}_helptext"
        return option | {"help_text": parts()[str(value)].help_text}


class SiteSettingsForm(RedisplayMixin, forms.ModelForm):
    """All settings except the lists of links. `version` is the version that the page was filled with."""

    SECTIONS = [
        ("identity", _("Identity"), ["name", "tagline", "logo", "footer_text"]),
        ("looks", _("Looks"), ["accent_hue", "typeface", "width", "colour_scheme", "home_layout"]),
        (
            "announcement",
            _("Announcement"),
            ["announcement", "announcement_address", "announcement_from", "announcement_until"],
        ),
        ("members", _("Members"), ["sign_up", "counts_views"]),
        ("community", _("Community"), ["parts"]),
        ("emails", _("Emails"), ["sender_name", "reply_to", "welcome_mail"]),
        ("elsewhere", _("Other sites"), ["embed_origins", "webmentions_in", "webmentions_out"]),
        (
            "place",
            _("Language and time"),
            ["language", "languages", "browser_language", "time_zone", "date_style"],
        ),
    ]

    name = OneLineField(label=_("Name"), max_length=60, required=False)
    tagline = OneLineField(
        label=_("Tagline"),
        max_length=160,
        required=False,
        help_text=_("One line, shown on the home page and in search results."),
    )
    footer_text = OneLineField(
        label=_("Footer text"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One or two sentences at the end of every page."),
    )
    announcement = OneLineField(
        label=_("Text"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One or two sentences at the top of every page."),
    )
    announcement_address = LinkAddressField(
        label=_("Link"),
        may_be_path=True,
        required=False,
        help_text=_("Optional, such as /posts/summer/ or https://example.org/."),
    )
    sender_name = OneLineField(
        label=_("Sender’s name"),
        max_length=60,
        required=False,
        validators=[
            RegexValidator(r"[<>@]", _("Enter a name only. The server sets the address."), inverse_match=True)
        ],
    )
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/gif"}),
        help_text=_(
            "A square PNG, JPEG or WebP picture of at least 180 × 180 pixels. The icons for tabs and phones are made from it."
        ),
    )
    no_logo = forms.BooleanField(label=_("Remove the logo"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = SiteSettings
        fields = [
            "name",
            "tagline",
            "footer_text",
            "accent_hue",
            "typeface",
            "width",
            "colour_scheme",
            "home_layout",
            "announcement",
            "announcement_address",
            "announcement_from",
            "announcement_until",
            "counts_views",
            "embed_origins",
            "webmentions_in",
            "webmentions_out",
            "sign_up",
            "parts",
            "sender_name",
            "reply_to",
            "welcome_mail",
            "language",
            "languages",
            "browser_language",
            "time_zone",
            "date_style",
        ]
        widgets = {
            "accent_hue": Slider(attrs={"min": 0, "max": 359, "data-hue": ""}),
            "typeface": forms.RadioSelect,
            "width": forms.RadioSelect,
            "colour_scheme": forms.RadioSelect,
            "home_layout": forms.RadioSelect,
            "sign_up": forms.RadioSelect,
            "welcome_mail": forms.Textarea(attrs={"rows": 5}),
            "embed_origins": forms.Textarea(attrs={"rows": 3}),
            "date_style": forms.RadioSelect,
            "announcement_from": MomentInput,
            "announcement_until": MomentInput,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.icons: dict[str, bytes] | None = None
        self.fields["name"].widget.attrs["placeholder"] = settings.SITE_NAME
        self.fields["tagline"].widget.attrs["placeholder"] = settings.SITE_TAGLINE
        sender = self.fields["sender_name"]
        sender.widget.attrs["placeholder"] = parseaddr(SiteSettings(name=self.instance.name).from_email)[0]
        sender.help_text = _(
            "The name that emails come from. The server sets their address, %(address)s."
        ) % {"address": self.instance.sender_address}
        self.fields["version"].initial = self.instance.version
        self._add_choices()

    def _add_choices(self) -> None:
        """Add the fields whose choices depend on the server and the day."""
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"),
            choices=[
                ("", _("Server default (%(value)s)") % {"value": settings.LANGUAGE_CODE}),
                *languages(),
            ],
            required=False,
        )
        self.fields["languages"] = forms.MultipleChoiceField(
            label=_("Other languages"),
            choices=languages(),
            widget=forms.CheckboxSelectMultiple,
            required=False,
            help_text=_(
                "People can switch to these at the end of each page. Posts and comments stay as they were written."
            ),
        )
        zones = [(name, name.replace("_", " ")) for name in sorted(time_zones())]
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"),
            choices=[("", _("Server default (%(value)s)") % {"value": settings.TIME_ZONE}), *zones],
            required=False,
            help_text=_("For dates on pages and in emails, and for the hour at which posts are published."),
        )
        style = cast(forms.ChoiceField, self.fields["date_style"])
        style.choices, style.required = date_styles(timezone.localdate()), False
        self.fields["width"].required = False
        self.fields["parts"] = forms.MultipleChoiceField(
            label=_("Parts of the community"),
            choices=[(part.key, part.label) for part in parts().values()],
            widget=PartsInput,
            required=False,
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        begins, ends = cleaned.get("announcement_from"), cleaned.get("announcement_until")
        if begins and ends and ends <= begins:
            self.add_error("announcement_until", _("Choose a time after the one from which it is shown."))
        return cleaned

    def clean_embed_origins(self) -> str:
        """Origins, one per line, as browsers compare them. A pasted path is dropped."""
        found = []
        for line in self.cleaned_data["embed_origins"].split():
            try:
                parts = urlsplit(line)
                is_local = parts.hostname in {"localhost", "127.0.0.1"}
                is_origin = parts.scheme == "https" or (parts.scheme == "http" and is_local)
                origin = f"{parts.scheme}://{parts.netloc.lower()}" if is_origin and parts.hostname else ""
            except ValueError:
                origin = ""
            if not ORIGIN.fullmatch(origin):
                raise forms.ValidationError(
                    _("“%(line)s” isn’t an address such as https://blog.example."),
                    code="invalid",
                    params={"line": line[:60]},
                )
            found.append(origin)
        return "\n".join(dict.fromkeys(found))

    def clean_languages(self) -> list[str]:
        """Without the site's own language."""
        own = self.cleaned_data.get("language") or settings.LANGUAGE_CODE
        return [code for code in self.cleaned_data["languages"] if code != own]

    def clean_width(self) -> str:
        """Kept if the form was opened before this field existed."""
        chosen: str = self.cleaned_data["width"] or self.instance.width
        return chosen

    def clean_date_style(self) -> str:
        """Kept if the form was opened before this field existed."""
        chosen: str = self.cleaned_data["date_style"] or self.instance.date_style
        return chosen

    def clean_logo(self) -> Any:
        upload = self.cleaned_data["logo"]
        self.icons = make_icons(upload) if upload else None
        return upload

    @property
    def sections(self) -> list[dict[str, Any]]:
        return [
            {"key": key, "title": title, "fields": [self[name] for name in names]}
            for key, title, names in self.SECTIONS
        ]

    def add_conflict_error(self, change: SiteSettingsChange | None) -> None:
        """Add an error about the change that was saved after the form was opened.

        Sent again, the form is saved over it.
        """
        if change is None:
            return
        who = str(change.changed_by or "")
        words = _(
            "%(name)s saved these settings at %(time)s, after you opened this page. Check the settings below, then save again."
        ) % {"name": who, "time": time_format(timezone.localtime(change.changed_at), "TIME_FORMAT")}
        self.errors.setdefault("__all__", ErrorList(error_class="nonfield")).append(words)
        data = cast(QueryDict, self.data).copy()
        data["version"] = str(change.version)
        self.data = data


class SettingsForms:
    """The form and its two lists of links, as one."""

    def __init__(self, data: Any = None, files: Any = None) -> None:
        row = SiteSettings.objects.stored()
        self.form = SiteSettingsForm(data, files, instance=row)
        navigation, social = link_formset(LinkForm), link_formset(SocialLinkForm)
        self.navigation = navigation(data, prefix="navigation", initial=row.navigation)
        self.social = social(data, prefix="social", initial=row.social_links)

    def move(self, which: str) -> None:
        """Move a row.

        which: the name of a list and the argument of BaseLinkFormSet.move, such as "social-2-up".
        """
        name, _dash, row = which.partition("-")
        if name in {"navigation", "social"}:
            getattr(self, name).move(row)

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), self.navigation.is_valid(), self.social.is_valid()])

    def wanted(self) -> dict[str, Any]:
        names = {field.name for field in SiteSettings._meta.concrete_fields} - {"version"}
        fields = {name: as_json(value) for name, value in self.form.cleaned_data.items() if name in names}
        if self.form.icons:
            fields["icon"] = store_icons(self.form.icons)
        elif self.form.cleaned_data["no_logo"]:
            fields["icon"] = ""
        return fields | {"navigation": self.navigation.links, "social_links": self.social.links}

    def save(self, *, by: Any) -> SiteSettingsChange | None:
        """Returns the change, or None.

        Raises SettingsConflictError after adding an error to the form.
        """
        try:
            return save_settings(self.wanted(), by=by, seen_version=self.form.cleaned_data["version"])
        except SettingsConflictError as error:
            self.form.add_conflict_error(error.change)
            raise
