from datetime import time
from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy

from accounts.models import User
from core.models import SiteSettings
from core.models.site import time_zones
from core.utils.dates import time_format
from core.utils.form_fields import EmailAddressField
from core.utils.languages import name_of_interface
from notifications.models import (
    TYPES,
    Mailing,
    NotificationChannel,
    NotificationType,
    Subscriber,
    ThreadSubscription,
)
from notifications.models.preferences import HOURS
from notifications.models.types import REPLIES
from notifications.push.encryption import AUTH_BYTES, from_base64, read_browser_key
from notifications.services.preferences import choose, preferences_of
from notifications.services.timing import choose_timing, timing_of
from notifications.services.verdicts import MAILED


class PreferencesForm(forms.Form):
    """A member's notification settings, by type. Missing fields are left unchanged."""

    def __init__(self, *args: Any, member: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member
        current = preferences_of(member)
        for key, one in TYPES.items():
            if one.is_offered_to(member):
                self.fields[key] = forms.ChoiceField(
                    label=one.label,
                    choices=[(channel.value, channel.label) for channel in one.channels],
                    initial=current[key],
                    required=False,
                )

    def save(self) -> None:
        choose(self.member, **{key: channel for key, channel in self.cleaned_data.items() if channel})


class RepliesForm(forms.Form):
    """The only choice of new members: how they are notified of replies and mentions."""

    replies = forms.ChoiceField(
        label=_("When someone replies to you or mentions you"),
        choices=[
            (NotificationChannel.AT_ONCE, _("Email me at once")),
            (NotificationChannel.DAILY, _("Email me once a day")),
            (NotificationChannel.HERE, _("Don’t email me: I’ll see it on the site")),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, member: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member
        self.initial.setdefault("replies", preferences_of(member)[REPLIES.key])

    def save(self) -> None:
        choose(self.member, **{REPLIES.key: self.cleaned_data["replies"]})


SUMMARY_WEEKS = (2, 4, 8)


def _after(weeks: int) -> Any:
    """Arabic has a dual."""
    return format_lazy(
        ngettext_lazy("after {weeks} week away", "after {weeks} weeks away", weeks), weeks=weeks
    )


def _hours(first: Any) -> list[tuple[str, Any]]:
    """The hours of the day in the current language's format."""
    return [("", first), *((str(hour), time_format(time(hour), "TIME_FORMAT")) for hour in range(HOURS))]


class TimingForm(forms.Form):
    """A member's time zone, quiet hours, and other settings besides channels."""

    time_zone = forms.ChoiceField(
        label=_("Your time zone"),
        required=False,
        help_text=_("For times on pages and in emails, for daily and weekly emails, and for quiet hours."),
    )
    quiet_from = forms.TypedChoiceField(
        label=pgettext_lazy("time of day", "From"), required=False, coerce=int, empty_value=None
    )
    quiet_until = forms.TypedChoiceField(
        label=pgettext_lazy("time of day", "Until"), required=False, coerce=int, empty_value=None
    )

    mails_when_away = forms.BooleanField(
        label=_("Only email me while I’m away from the site"),
        required=False,
        help_text=format_lazy(
            _(
                "Emails wait until you’ve been away for {minutes} minutes. What you read here in the meantime isn’t emailed. While this is on, we note when you were last here."
            ),
            minutes=settings.AWAY_AFTER_MINUTES,
        ),
    )

    follows_by_commenting = forms.BooleanField(
        label=_("Follow the posts I comment on"),
        required=False,
        help_text=_(
            "You’ll be notified of all comments there, not only of replies to you. You can stop following each post on its page."
        ),
    )

    summary_after_weeks = forms.TypedChoiceField(
        label=_("Email me what I missed"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", _("Never")),
            *((weeks, _after(weeks)) for weeks in SUMMARY_WEEKS),
        ],
        help_text=_(
            "One email with up to three discussions, then none until you’ve been back. If nothing happened, we don’t send one."
        ),
    )

    def __init__(self, *args: Any, member: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member
        now = timing_of(member)
        for name in ("time_zone", "mails_when_away", "summary_after_weeks", "follows_by_commenting"):
            self.initial.setdefault(name, getattr(member, name))
        for name in ("quiet_from", "quiet_until"):
            self.initial.setdefault(name, getattr(now, name))
        site = SiteSettings.current()
        if site.is_multilingual:
            same = _("Same as the site: %(zone)s") % {"zone": name_of_interface(site.language_code)}
            others = [one for one in site.offered_languages if one[0] != site.language_code]
            self.fields["language"] = forms.ChoiceField(
                label=_("Language"),
                choices=[("", same), *others],
                required=False,
                initial=member.language if member.language in dict(others) else "",
            )
        own = _("Same as the site: %(zone)s") % {"zone": SiteSettings.current().zone.key.replace("_", " ")}
        zones = sorted({*time_zones(), *filter(None, [member.time_zone])})
        choices = {
            "time_zone": [("", own), *((name, name.replace("_", " ")) for name in zones)],
            "quiet_from": _hours(_("No quiet hours")),
            "quiet_until": _hours(_("No quiet hours")),
        }
        for name, offered in choices.items():
            cast(forms.ChoiceField, self.fields[name]).choices = offered
        self.fields["time_zone"].widget.attrs["data-zone"] = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        begin, end = cleaned.get("quiet_from"), cleaned.get("quiet_until")
        if not self.errors and (begin is None) != (end is None):
            missing = "quiet_from" if begin is None else "quiet_until"
            self.add_error(missing, _("Choose both hours, or “No quiet hours” twice."))
        elif not self.errors and begin is not None and begin == end:
            self.add_error("quiet_until", _("Choose a different hour from the one they begin at."))
        return cleaned

    def save(self) -> None:
        choose_timing(self.member, **self.cleaned_data)


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
    """The choices of the unsubscribe page.

    The default is the first, as for an email program's click (RFC 8058).

    `undo` reverts one change; `left` are those that can still be reverted. "answers:at_once" is a type and
    its previous channel.
    """

    STOP, DAILY, MUTE = "stop", "daily", "mute"

    change = forms.ChoiceField(
        widget=forms.RadioSelect, initial=STOP, required=False, label=_("What would you like to change?")
    )
    undo = forms.ChoiceField(required=False)
    left = forms.MultipleChoiceField(required=False)

    def __init__(
        self, *args: Any, types: list[NotificationType], has_discussion: bool, **kwargs: Any
    ) -> None:
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
            if has_discussion:
                offers.append((self.MUTE, _("No more notifications about this post")))
                undoable += [
                    f"{self.MUTE}:{level.value}"
                    for level in (ThreadSubscription.Level.NORMAL, ThreadSubscription.Level.FOLLOWING)
                ]
        cast(forms.ChoiceField, self.fields["change"]).choices = offers
        for name in ("undo", "left"):
            cast(forms.ChoiceField, self.fields[name]).choices = [(one, one) for one in undoable]

    def clean_change(self) -> str:
        return self.cleaned_data["change"] or self.STOP


class GuestAskForm(forms.Form):
    email = EmailAddressField(label=_("The email address you gave when you commented"))


class SubscribeForm(forms.Form):
    """An address for new posts by email. The form does not reveal whether it is subscribed already."""

    email = EmailAddressField(
        label=_("Your email address"),
        help_text=_("We’ll email you a link to confirm. Your address is used for nothing else."),
    )
    rhythm = forms.ChoiceField(
        label=_("How often?"),
        choices=Subscriber.Rhythm.choices,
        initial=Subscriber.Rhythm.AT_ONCE,
        required=False,
        widget=forms.RadioSelect,
    )

    def clean_rhythm(self) -> str:
        return self.cleaned_data["rhythm"] or Subscriber.Rhythm.AT_ONCE


class SubscriptionForm(forms.Form):
    """The choices of the page that an email to subscribers links to.

    The default is to unsubscribe (RFC 8058).
    """

    STOP, AGAIN = "stop", "again"

    change = forms.ChoiceField(
        label=_("What would you like to change?"), required=False, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["change"]).choices = [
            *Subscriber.Rhythm.choices,
            (self.STOP, _("No more emails")),
            (self.AGAIN, _("Subscribe again")),
        ]

    @property
    def offers(self) -> list[Any]:
        """The choices that are shown. The last one is a separate button."""
        return list(self["change"])[:-1]

    def clean_change(self) -> str:
        return self.cleaned_data["change"] or self.STOP


class MailingForm(forms.Form):
    """How a post is sent by email."""

    content = forms.ChoiceField(label=_("Content"), choices=Mailing.Content.choices, widget=forms.RadioSelect)


class SubscriberFileForm(forms.Form):
    file = forms.FileField(
        label=_("CSV file"),
        help_text=_(
            "The first line names the columns. “email” is needed; “frequency” (at_once or weekly), “consent_date” and "
            "“unsubscribed_date” are read too, as are the names that Ghost, Substack and Mailchimp use."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={"required": _("Choose a file.")},
    )
    has_consent = forms.BooleanField(
        label=_("These people agreed to get posts by email, and I can prove it."),
        error_messages={
            "required": _("Confirm that they agreed. Without consent these emails aren’t allowed.")
        },
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.SUBSCRIBER_FILE_MAX_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(limit)d MB. Split it and import the parts."),
                params={"limit": settings.SUBSCRIBER_FILE_MAX_BYTES // 2**20},
            )
        return file
