"""The publishing panel of the post form: date, visibility, tags, search and sharing."""

from datetime import datetime, timedelta
from typing import Any, cast

from django import forms
from django.contrib.admin.widgets import AdminFileWidget, AdminSplitDateTime
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models.site import time_zones
from core.utils.images import clean_picture
from core.utils.moments import moment_in_zone
from posts.models import Post, Tag
from posts.models.review import NOTE_CHARACTERS

SHARE_SIZE = (1200, 1200)
TAGS_MAX = 30
NOW, AT = "now", "at"


def zone_choices() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(time_zones())]


class NaiveDateTimeField(forms.SplitDateTimeField):
    """Date and time as typed. The time zone is a separate field."""

    def compress(self, data_list: Any) -> datetime | None:
        if not data_list or not any(data_list):
            return None
        day, time = data_list
        if not day:
            raise forms.ValidationError(_("Enter a date."), code="invalid_date")
        if time is None:
            raise forms.ValidationError(_("Enter a time."), code="invalid_time")
        return datetime.combine(day, time)


class PublishingFormMixin(forms.ModelForm):
    """Needs `user`, which the admin sets: the user who fills in the form."""

    user: Any = None

    when = forms.ChoiceField(
        label=_("When"),
        required=False,
        widget=forms.RadioSelect,
        choices=[(NOW, _("Now")), (AT, _("At a set time"))],
    )
    published_at = NaiveDateTimeField(label=_("Date and time"), required=False, widget=AdminSplitDateTime)
    zone = forms.ChoiceField(label=_("Time zone"), required=False, choices=zone_choices)
    tag_names = forms.CharField(
        label=_("Tags"),
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "vTextField"}),
        help_text=_("Separate tags with commas."),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=NOTE_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Only people who write here can read it."),
    )
    share_picture = forms.FileField(
        label=_("Picture in link previews"),
        required=False,
        widget=AdminFileWidget(attrs={"accept": "image/jpeg,image/png,image/gif,image/webp"}),
        help_text=_("Leave blank to use the cover picture."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        post, fields = self.instance, self.fields
        zone = timezone.get_current_timezone_name()
        self.initial.setdefault("when", AT if post.is_scheduled else NOW)
        self.initial.setdefault("zone", zone)
        if zone not in time_zones():  # the site's setting may be a zone that is not offered otherwise
            cast(forms.ChoiceField, fields["zone"]).choices = [(zone, zone), *zone_choices()]
        if post.pk:
            self.initial.setdefault("tag_names", ", ".join(post.tags.values_list("name", flat=True)))
        if "visibility" in fields:
            fields["visibility"].required = False
        for name in ("cover_x", "cover_y"):
            if name in fields:
                fields[name].required = False
        for box, label in zip(fields["published_at"].widget.widgets, (_("Date"), _("Time")), strict=True):
            box.attrs["aria-label"] = label  # there are two inputs, and Django labels neither

    @property
    def intends(self) -> str:
        """The action of the pressed button: "publish", "unpublish", "review", "return", or "" (save)."""
        for name in ("publish", "unpublish", "review", "return"):
            if f"_{name}" in self.data:
                break
        else:
            return ""
        may_publish = self.user is None or self.user.has_perm("posts.publish_post")
        return name if may_publish or name == "review" else ""

    def clean_visibility(self) -> str:
        return self.cleaned_data["visibility"] or self.instance.visibility

    def clean_cover_x(self) -> int:
        return self._percent("cover_x")

    def clean_cover_y(self) -> int:
        return self._percent("cover_y")

    def _percent(self, name: str) -> int:
        given = self.cleaned_data[name]
        if given is None:
            return getattr(self.instance, name)
        if given > 100:
            raise forms.ValidationError(_("Enter a number from 0 to 100."), code="invalid")
        return given

    def clean_share_picture(self) -> ContentFile | Any:
        picture = self.cleaned_data["share_picture"]
        return clean_picture(picture, size=SHARE_SIZE) if isinstance(picture, UploadedFile) else picture

    def clean_tag_names(self) -> list[str]:
        names = [" ".join(name.split()) for name in self.cleaned_data["tag_names"].split(",")]
        names = list({name.casefold(): name for name in names if name}.values())
        most = cast(models.CharField, Tag._meta.get_field("name")).max_length or 0
        if any(len(name) > most for name in names):
            raise forms.ValidationError(_("Tags can have up to 50 characters."), code="too_long")
        if len(names) > TAGS_MAX:
            raise forms.ValidationError(_("Choose up to 30 tags."), code="too_many")
        if self.user is not None and not self.user.has_perm("posts.add_tag"):
            known = {name.casefold() for name in Tag.objects.values_list("name", flat=True)}
            if new := [name for name in names if name.casefold() not in known]:
                raise forms.ValidationError(
                    _("You can choose existing tags only. There is no tag called “%(name)s”."),
                    code="no_such_tag",
                    params={"name": new[0]},
                )
        return names

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "published_at" in cleaned:
            try:
                cleaned["published_at"] = self._moment(cleaned)
            except forms.ValidationError as error:
                self.add_error("published_at", error)
        return cleaned

    def _moment(self, cleaned: dict[str, Any]) -> datetime | None:
        """The date on which the post goes live, or None.

        Only errors that concern the pressed button are reported.
        """
        post: Post = self.instance
        naive, when = cleaned["published_at"], cleaned.get("when")
        if not post.is_published:
            if self.intends in {"unpublish", "review", "return"} or (
                self.intends == "publish" and when != AT
            ):
                return None
            if self.intends == "" and when and not post.is_scheduled:
                return None  # a draft stays a draft, whatever is filled in
            if self.intends == "publish" and naive is None:
                raise forms.ValidationError(_("Choose a date and a time, or “Now”."), code="required")
        if naive is None:
            return None
        if post.published_at and self._is_unchanged(post.published_at, naive, cleaned.get("zone")):
            return post.published_at
        at = moment_in_zone(naive, cleaned.get("zone") or timezone.get_current_timezone_name())
        if post.is_published and at > timezone.now():
            raise forms.ValidationError(
                _("This post is already published. To publish it at a later time, unpublish it first."),
                code="future",
            )
        if not post.is_published and at < timezone.now() - timedelta(minutes=1):
            raise forms.ValidationError(_("This time has passed. Choose a later one, or “Now”."), code="past")
        return at

    def show_time_of(self, post: Post) -> None:
        """Show the post's current date when the form comes back with an error.

        An empty date would unpublish a post that has been published since; the date of one that has been
        unpublished is past.
        """
        typed = cast(QueryDict, self.data).copy()
        if post.published_at is None:
            typed["when"], typed["published_at_0"], typed["published_at_1"] = NOW, "", ""
        elif not (typed.get("published_at_0") or typed.get("published_at_1")):
            at = timezone.localtime(post.published_at)
            typed["when"], typed["zone"] = AT, timezone.get_current_timezone_name()
            typed["published_at_0"], typed["published_at_1"] = f"{at:%Y-%m-%d}", f"{at:%H:%M:%S}"
        self.data = typed

    def _is_unchanged(self, before: datetime, naive: datetime, zone: str | None) -> bool:
        """Whether the typed date is the one that the form showed.

        It shows whole seconds, and is ambiguous when the clocks go back.
        """
        shown = timezone.localtime(before).replace(tzinfo=None, microsecond=0)
        return zone in {"", None, timezone.get_current_timezone_name()} and shown == naive
