"""Forms on pages about members. Each saves through moderation.services.members."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from moderation.forms.decisions import OfferedTextField, ReportForm
from moderation.models import (
    Appeal,
    Decision,
    MemberNote,
    ModerationSettings,
    ModeratorPreferences,
    ProfileReport,
    Restriction,
    TrustOverride,
)
from moderation.services import members, profiles
from moderation.services.blocklist import is_of_many, read_domain


class MultilineField(forms.CharField):
    """A multi-line text. Too long a text is refused, never truncated."""

    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(
            widget=forms.Textarea(attrs={"rows": rows, "dir": "auto", "maxlength": False}), **kwargs
        )


class RestrictForm(forms.Form):
    """Suspend a member until a day, or ban them."""

    FOREVER = "ban"
    DAYS = [
        ("1", _("1 day")),
        ("3", _("3 days")),
        ("7", _("1 week")),
        ("30", _("30 days")),
        ("90", _("90 days")),
    ]

    length = forms.ChoiceField(
        label=_("Duration"),
        choices=[*DAYS, (FOREVER, _("permanent (a ban)"))],
        initial="7",
        error_messages={name: _("Choose a duration.") for name in ("required", "invalid_choice")},
    )
    text = OfferedTextField()
    words = MultilineField(
        label=_("Message to the member"),
        required=False,
        max_length=Restriction._meta.get_field("words").max_length,
        help_text=_("They get it by email and can appeal. Required if you don’t choose a reason."),
    )

    def __init__(self, *args: Any, member: User, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"auto_id": "restrict_%s"})
        self.member, self.by = member, by

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("text") and not data.get("words") and not {"text", "words"} & self.errors.keys():
            self.add_error(
                "words", ValidationError(_("Choose a reason or write a message."), code="required")
            )
        return data

    def save(self) -> Restriction:
        """Raises PermissionDenied and ValidationError, as the services do."""
        data = self.cleaned_data
        why = {"by": self.by, "text": data["text"], "words": data["words"]}
        if data["length"] == self.FOREVER:
            return members.ban(self.member, **why)
        return members.suspend(
            self.member, ends_at=timezone.now() + timedelta(days=int(data["length"])), **why
        )


class LevelForm(forms.Form):
    BY_ITSELF = "auto"

    level = forms.ChoiceField(
        label=_("Level"),
        choices=[
            (BY_ITSELF, _("automatic")),
            ("0", _("0: new, every comment is checked")),
            ("1", _("1: known")),
            ("2", _("2: trusted, not checked")),
            ("3", _("3: like staff")),
        ],
        error_messages={name: _("Choose a level.") for name in ("required", "invalid_choice")},
    )
    words = forms.CharField(
        label=_("Why"),
        max_length=TrustOverride._meta.get_field("words").max_length,
        help_text=_("The member sees it under “My account status”."),
        error_messages={"required": _("Give a short reason.")},
        widget=forms.TextInput(attrs={"maxlength": False, "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, member: User, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"auto_id": "level_%s"})
        self.member, self.by = member, by

    def save(self) -> TrustOverride:
        level = self.cleaned_data["level"]
        return members.set_level(
            self.member,
            None if level == self.BY_ITSELF else int(level),
            by=self.by,
            words=self.cleaned_data["words"],
        )


class NoteForm(forms.Form):
    words = MultilineField(
        label=_("Note for moderators"),
        max_length=MemberNote._meta.get_field("words").max_length,
        help_text=_("Only moderators see it here. It’s part of the data the member can request."),
        error_messages={"required": _("Write something first.")},
    )

    def __init__(self, *args: Any, member: User, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"auto_id": "note_%s"})
        self.member, self.by = member, by

    def save(self) -> MemberNote:
        return members.write_note(self.member, self.cleaned_data["words"], by=self.by)


class ProfileOutcomeForm(forms.Form):
    outcome = forms.ChoiceField(
        choices=ProfileReport.Outcome,
        error_messages={name: _("Choose an outcome.") for name in ("required", "invalid_choice")},
    )

    def __init__(self, *args: Any, member: User, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member, self.by = member, by

    def save(self) -> int:
        return members.close_profile_reports(self.member, self.cleaned_data["outcome"], by=self.by)


class ProfileDecisionForm(forms.Form):
    """Whether a hidden profile is shown again."""

    SHOW, KEEP = "show", "keep"
    decision = forms.ChoiceField(
        choices=[(SHOW, _("Show")), (KEEP, _("Keep hidden"))],
        error_messages={name: _("Choose a decision.") for name in ("required", "invalid_choice")},
    )

    def __init__(self, *args: Any, member: User, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member, self.by = member, by

    def save(self) -> bool:
        if self.cleaned_data["decision"] == self.SHOW:
            return profiles.show_profile(self.member, by=self.by)
        return profiles.keep_hidden(self.member, by=self.by)


class PeopleSearchForm(forms.Form):
    q = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


class BlocklistForm(forms.Form):
    """Block a domain for links, or a network for newcomers."""

    what = forms.CharField(
        label=_("Domain or IP range"),
        max_length=300,
        help_text=_(
            "For example example.org or 198.51.100.0/24. Blocking a domain also blocks its subdomains."
        ),
        error_messages={"required": _("Enter a domain or an IP range.")},
        widget=forms.TextInput(
            attrs={"maxlength": False, "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    days = forms.TypedChoiceField(
        label=_("Duration"),
        coerce=int,
        choices=[
            (1, _("1 day")),
            (7, _("1 week")),
            (30, _("30 days")),
            (90, _("90 days")),
            (0, _("until unblocked (domains only)")),
        ],
        initial=7,
        error_messages={name: _("Choose a duration.") for name in ("required", "invalid_choice")},
    )
    words = MultilineField(
        label=_("Why"),
        max_length=Restriction._meta.get_field("words").max_length,
        help_text=_("Shown to people who are blocked by it."),
        error_messages={"required": _("Give the reason in a sentence.")},
    )

    # For the host only, and only for a domain that many people share.
    is_meant = forms.BooleanField(label=_("Yes, block links to everyone there"), required=False)
    asks_whether_it_is_meant = False

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    @property
    def asked(self) -> list[forms.BoundField]:
        return [field for field in self if field.name != "is_meant"]

    @property
    def names_a_block(self) -> bool:
        """Whether the value is a network.

        Digits, dots and colons are an IP address; 32 hex digits are a keyed hash.
        """
        what = self.cleaned_data["what"].strip()
        return (len(what) == 32 and "." not in what) or (
            not set(what.lower()) - set("0123456789abcdef.:/") and (":" in what or what[-1:].isdigit())
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if (
            data.get("what")
            and data.get("days") is not None
            and self.names_a_block
            and not 0 < data["days"] <= settings.NETWORK_MAX_DAYS
        ):
            self.add_error(
                "days", ValidationError(_("IP ranges change hands: choose an end date."), code="no_end")
            )
        if data.get("what") and self.by.is_host and not data.get("is_meant") and not self.names_a_block:
            self.check_is_of_few(data["what"])
        return data

    def check_is_of_few(self, what: str) -> None:
        with suppress(ValidationError):  # an invalid domain is refused when it is saved
            if is_of_many(read_domain(what, may_block_shared=True)):
                self.asks_whether_it_is_meant = True
                self.add_error(
                    "what",
                    ValidationError(
                        _("Many unrelated people have pages there. To block them all, tick the box below."),
                        code="shared",
                    ),
                )

    def save(self) -> Restriction:
        """Raises ValidationError with a message about `what`."""
        data = self.cleaned_data
        if self.names_a_block:
            return members.block_network(data["what"], by=self.by, words=data["words"], days=data["days"])
        ends_at = timezone.now() + timedelta(days=data["days"]) if data["days"] else None
        return members.block_domain(data["what"], by=self.by, words=data["words"], ends_at=ends_at)


class AppealForm(forms.Form):
    words = MultilineField(
        label=_("Why should this decision be changed?"),
        rows=6,
        max_length=Appeal._meta.get_field("words").max_length,
        error_messages={"required": _("Explain in your own words.")},
    )

    def __init__(self, *args: Any, member: User, cause: Decision | Restriction, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member, self.cause = member, cause

    def save(self) -> Appeal:
        """Raises PermissionDenied and TooFast, as make_appeal does."""
        return members.make_appeal(self.member, self.cause, self.cleaned_data["words"])


class AppealAnswerForm(forms.Form):
    answer = MultilineField(
        label=_("Your reply"),
        rows=6,
        max_length=Appeal._meta.get_field("answer").max_length,
        help_text=_("The member gets it by email and under “My account status”."),
        error_messages={"required": _("Write a reply, whether you accept or reject the appeal.")},
    )
    verdict = forms.ChoiceField(
        choices=[("grant", _("accept")), ("decline", _("reject"))],
        error_messages={
            name: _("Choose whether to accept or reject the appeal.")
            for name in ("required", "invalid_choice")
        },
    )

    def __init__(self, *args: Any, appeal: Appeal, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.appeal, self.by = appeal, by

    def save(self) -> bool:
        """Raises PermissionDenied, as answer_appeal does."""
        data = self.cleaned_data
        return members.answer_appeal(
            self.appeal, grant=data["verdict"] == "grant", answer=data["answer"], by=self.by
        )


class ProfileReportForm(ReportForm):
    class Meta(ReportForm.Meta):
        pass

    def __init__(self, *args: Any, member: User, reporter: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member, self.reporter = member, reporter
        self.fields["reason"].label = _("What’s wrong with this profile?")

    def save(self, commit: bool = True) -> ProfileReport:
        """Raises PermissionDenied and TooFast, as report_profile does."""
        return members.report_profile(self.member, reporter=self.reporter, **self.cleaned_data)


class ModeratorPreferencesForm(forms.ModelForm):
    class Meta:
        model = ModeratorPreferences
        fields = ["wants_mail"]


NUMBERS = {
    "required": _("Enter a number; 0 means never."),
    "invalid": _("Enter a whole number; 0 means never."),
    "min_value": _("Enter a whole number; 0 means never."),
    "max_value": _("The maximum is %(limit_value)d."),
}


class ModerationSettingsForm(forms.ModelForm):
    """What the host sets for all moderators."""

    class Meta:
        model = ModerationSettings
        fields = ["hide_after_reports", "wait_hours"]
        error_messages = {"hide_after_reports": NUMBERS, "wait_hours": NUMBERS}
