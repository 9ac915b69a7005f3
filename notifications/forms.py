from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from notifications.models import TYPES, NotificationChannel, NotificationType, ThreadSubscription
from notifications.push.encryption import AUTH_BYTES, from_base64, read_browser_key
from notifications.services.notify import choose, preferences_of
from notifications.services.recipients import MAILED


class PreferencesForm(forms.Form):
    """How a member wants to be notified, type by type. What is left out stays as it was."""

    def __init__(self, *args: Any, member: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member
        current = preferences_of(member)
        for key, one in TYPES.items():
            if one.is_offered_to(member):
                self.fields[key] = forms.ChoiceField(
                    label=one.label, choices=NotificationChannel.choices, initial=current[key], required=False
                )

    def save(self) -> None:
        choose(self.member, **{key: channel for key, channel in self.cleaned_data.items() if channel})


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
        choices=ThreadSubscription.Level.choices,
        error_messages={"required": _("Choose one."), "invalid_choice": _("Choose one of the three.")},
    )


class UnsubscribeForm(forms.Form):
    """The choices of the unsubscribe page. Without one (RFC 8058: an email program's click) it is the first.

    `undo` reverts one change, `left` are those that can still be reverted: "answers:at_once" is a type and its previous channel.
    """

    STOP, DAILY, MUTE = "stop", "daily", "mute"

    change = forms.ChoiceField(
        widget=forms.RadioSelect, initial=STOP, required=False, label=_("What would you like to change?")
    )
    undo = forms.ChoiceField(required=False)
    left = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, types: list[NotificationType], has_talk: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offers = [(self.STOP, _("No more emails about this. You’ll still find it in your inbox"))]
        undoable = [
            f"{one.key}:{channel.value}"
            for one in types
            for channel in NotificationChannel
            if channel in MAILED
        ]
        if not types:
            offers = [(self.STOP, _("No more emails from this site"))]
        else:
            offers.append((self.DAILY, _("Send one email a day instead")))
            if has_talk:
                offers.append((self.MUTE, _("No more notifications about this post")))
                undoable += [
                    f"{self.MUTE}:{level.value}"
                    for level in (ThreadSubscription.Level.NORMAL, ThreadSubscription.Level.FOLLOWING)
                ]
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
