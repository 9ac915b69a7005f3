from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from notifications.models import Choices, Kind, ThreadSubscription, Way
from notifications.push.encryption import AUTH_BYTES, from_base64, read_browser_key
from notifications.services.notify import choices_of, choose
from notifications.services.recipients import MAILED


class ChoicesForm(forms.ModelForm):
    """A member's notification preferences by type. Omitted fields stay unchanged."""

    class Meta:
        model = Choices
        fields = [kind.value for kind in Kind]

    def __init__(self, *args: Any, member: User, **kwargs: Any) -> None:
        super().__init__(*args, instance=choices_of(member), **kwargs)
        self.member = member
        if not member.posts.exists():
            del self.fields[Kind.OWN_POSTS.value]
        if not member.is_moderator:
            del self.fields[Kind.REVIEW.value]
        for field in self.fields.values():
            field.required = False

    def save(self, commit: bool = True) -> Choices:
        choose(self.member, **{kind: way for kind, way in self.cleaned_data.items() if way})
        return self.instance


class DeviceForm(forms.Form):
    """A browser's push subscription (Push API, PushSubscription)."""

    endpoint = forms.URLField(max_length=1000, assume_scheme="https")
    p256dh = forms.CharField(max_length=100)
    auth = forms.CharField(max_length=50)

    def clean_endpoint(self) -> str:
        endpoint: str = self.cleaned_data["endpoint"]
        if not endpoint.startswith("https://"):
            raise forms.ValidationError(_("A push service address must start with https."), code="not_https")
        return endpoint

    def clean_p256dh(self) -> str:
        try:
            read_browser_key(self.cleaned_data["p256dh"])
        except ValueError:
            raise forms.ValidationError(_("This isn’t a valid browser key."), code="no_key") from None
        return self.cleaned_data["p256dh"]

    def clean_auth(self) -> str:
        try:
            is_right = len(from_base64(self.cleaned_data["auth"])) == AUTH_BYTES
        except ValueError:
            is_right = False
        if not is_right:
            raise forms.ValidationError(_("This isn’t a valid browser key."), code="no_key")
        return self.cleaned_data["auth"]


class LevelForm(forms.Form):
    level = forms.ChoiceField(
        choices=ThreadSubscription.Level.choices, error_messages={"required": _("Choose one."), "invalid_choice": _("Choose one of the three.")}
    )


class UnsubscribeForm(forms.Form):
    """The choices of the unsubscribe page. Without one (RFC 8058: an email program's click) it is the first.

    `undo` reverts one change, `left` are those that can still be reverted: "answers:at_once" is a type and its previous channel.
    """

    STOP, DAILY, MUTE = "stop", "daily", "mute"

    change = forms.ChoiceField(widget=forms.RadioSelect, initial=STOP, required=False, label=_("What would you like to change?"))
    undo = forms.ChoiceField(required=False)
    left = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, kinds: list[Kind], has_talk: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offers = [(self.STOP, _("No more emails about this. You’ll still find it in your inbox"))]
        undoable = [f"{kind.value}:{way.value}" for kind in kinds for way in Way if way in MAILED]
        if not kinds:
            offers = [(self.STOP, _("No more emails from this site"))]
        else:
            offers.append((self.DAILY, _("Send one email a day instead")))
            if has_talk:
                offers.append((self.MUTE, _("No more notifications about this post")))
                undoable += [f"{self.MUTE}:{level.value}" for level in (ThreadSubscription.Level.NORMAL, ThreadSubscription.Level.FOLLOWING)]
        self.fields["change"].choices = offers
        self.fields["undo"].choices = self.fields["left"].choices = [(one, one) for one in undoable]

    def clean_change(self) -> str:
        return self.cleaned_data["change"] or self.STOP


class GuestAskForm(forms.Form):
    email = forms.EmailField(
        label=_("The email address you gave when you commented"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Enter your email address."),
            "invalid": _("Enter a valid email address."),
        },
    )

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()
