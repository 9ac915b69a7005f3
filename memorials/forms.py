"""Forms of memorials."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import AccountDeletion, User
from core.utils.form_fields import OneLineField, TextField
from core.utils.urls import WebAddressValidator
from memorials.models import Memorial
from memorials.services.editing import Text, stamp_of
from memorials.services.keeping import Proposal
from posts.models import Post

READERS = [
    (Post.Visibility.PUBLIC.value, gettext_lazy("Everyone")),
    (Post.Visibility.MEMBERS.value, gettext_lazy("Members")),
]
MAX_LINK_LENGTH = 500


class UsernameField(OneLineField):
    """The username of a member with an active account. Returns the member."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=31, **kwargs)  # including an @ before it
        self.widget.attrs |= {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        name = typed.removeprefix("@").lower()
        member = User.objects.public().filter(username=name).first()
        if member is None:
            raise ValidationError(_("There’s no member with this username."), code="unknown")
        return member


class QuietForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class ProposalForm(QuietForm):
    """A host's proposal of a memorial, which also is their confirmation."""

    member = UsernameField(
        label=gettext_lazy("Who has died"),
        help_text=gettext_lazy(
            "Their username. Nothing about the account changes until the second keeper agrees."
        ),
    )
    keeper = UsernameField(
        label=gettext_lazy("Who keeps the memorial with you"),
        help_text=gettext_lazy(
            "The username of a member or moderator who knew them. We ask by email; the memorial opens when they confirm."
        ),
    )
    dates = OneLineField(
        label=pgettext_lazy("of a life", "Dates"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("As they should appear, such as: 19 August 1968 to 28 May 2025."),
    )
    visibility = forms.ChoiceField(label=gettext_lazy("Who can read it"), choices=READERS)
    is_certain = forms.BooleanField(
        label=gettext_lazy("I know from the family, or from someone close to them, that they have died."),
        error_messages={"required": gettext_lazy("Please make sure first. This closes an account.")},
    )

    @property
    def proposal(self) -> Proposal:
        data = self.cleaned_data
        return Proposal(data["member"], data["keeper"], data["dates"], data["visibility"])


class PageForm(QuietForm):
    """The page of a memorial. seen: its stamp when the form was rendered (services.editing)."""

    is_typed = False

    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    title = OneLineField(label=gettext_lazy("Title"), max_length=200)
    dates = OneLineField(
        label=pgettext_lazy("of a life", "Dates"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("As they should appear, such as: 19 August 1968 to 28 May 2025."),
    )
    letter = TextField(
        label=gettext_lazy("Letter"),
        max_length=20_000,
        required=False,
        help_text=gettext_lazy(
            "Their own words, if they left any, or yours. You can also use Markdown. Take your time; you can change it later."
        ),
    )
    recording = forms.CharField(
        label=gettext_lazy("Recording as a link"),
        max_length=MAX_LINK_LENGTH,
        required=False,
        help_text=gettext_lazy("A link to a voice recording or a film, on any site."),
    )
    recording_label = OneLineField(
        label=gettext_lazy("What the recording is"), max_length=120, required=False
    )
    visibility = forms.ChoiceField(label=gettext_lazy("Who can read it"), choices=READERS)

    @classmethod
    def of(cls, memorial: Memorial, sent: Any = None) -> "PageForm":
        """sent: input that was sent along with a different button. It is shown again but not saved."""
        form = cls(
            initial={
                "title": memorial.post.title,
                "dates": memorial.dates,
                "letter": memorial.letter,
                "recording": memorial.recording,
                "recording_label": memorial.recording_label,
                "visibility": memorial.post.visibility,
                "seen": stamp_of(memorial.post),
            }
        )
        typed = {name: sent[name] for name in form.fields if name in (sent or {})}
        form.is_typed = any(
            form.fields[name].has_changed(form.initial[name], value)
            for name, value in typed.items()
            if name != "seen"
        )
        form.initial = {**form.initial, **typed}
        return form

    def clean_recording(self) -> str:
        link: str = self.cleaned_data["recording"].strip()
        if link and "://" not in link:
            link = f"https://{link}"
        if link:
            MaxLengthValidator(MAX_LINK_LENGTH)(link)
            WebAddressValidator(message=_("Enter a web address such as https://example.org/voice."))(link)
        return link

    @property
    def text(self) -> Text:
        return Text(**{name: self.cleaned_data[name] for name in Text.__dataclass_fields__})


class PictureForm(QuietForm):
    """file: re-encoded by the service, without its location."""

    file = forms.FileField(
        label=gettext_lazy("Picture"),
        error_messages={"required": gettext_lazy("Choose a picture.")},
        help_text=gettext_lazy("We remove location and camera data."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/gif,image/webp"}),
    )
    alt = OneLineField(
        label=gettext_lazy("Describe the picture"),
        max_length=200,
        error_messages={"required": gettext_lazy("Describe the picture for people who can’t see it.")},
    )


class RecordingForm(QuietForm):
    """file: validated by the service like recordings in posts.

    It is prefixed, because the picture in the same form has the plain field name.
    """

    prefix = "recording"
    file = forms.FileField(
        label=gettext_lazy("Recording as a file"),
        error_messages={"required": gettext_lazy("Choose a recording.")},
        widget=forms.FileInput(attrs={"accept": ".mp3,.m4a,.ogg,.oga,.opus,.wav,.flac"}),
    )

    @classmethod
    def of(cls, sent: Any, files: Any) -> "RecordingForm":
        """The submitted form. Pages opened earlier use the plain name."""
        plain = files.get("file")
        is_plain = "recording-file" not in files and plain is not None and "alt" not in sent
        return cls(sent, {"recording-file": plain} if is_plain else files)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _(
            "A voice recording or music as an MP3, M4A, Ogg, WAV or FLAC file of up to %(limit)d MB."
        ) % {"limit": settings.POST_FILE_MAX_BYTES // 2**20}


class TellForm(QuietForm):
    words = TextField(
        label=gettext_lazy("What we should know"),
        max_length=2000,
        error_messages={"required": gettext_lazy("Write something first.")},
    )


class CustodianForm(QuietForm):
    custodian = UsernameField(
        label=gettext_lazy("Who may speak for you"),
        required=False,
        help_text=gettext_lazy("Their username. Leave blank for no one."),
    )


class ErasureForm(QuietForm):
    words = forms.ChoiceField(
        label=gettext_lazy("What they wrote here"),
        choices=[
            (AccountDeletion.Words.KEEP.value, gettext_lazy("Keep the comments, without a name")),
            (AccountDeletion.Words.ERASE.value, gettext_lazy("Delete the comments")),
        ],
    )
    is_certain = forms.BooleanField(
        label=gettext_lazy("The family has asked for this, and has the book if they want it."),
        error_messages={"required": gettext_lazy("Please make sure first. This can’t be undone later.")},
    )
