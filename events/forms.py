"""The form of an event, and the forms for responding to it."""

import re
from datetime import date, datetime
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.forms.site_settings import MomentInput
from core.models.site import time_zones
from core.utils.form_fields import GuestEmailField, OneLineField, RedisplayMixin, TextField
from core.utils.moments import moment_in_zone
from core.utils.text import validate_name
from core.utils.urls import WebAddressValidator
from events.models import Answer, Event
from events.services.planning import Plan, schedule_of
from events.services.schedule import (
    LONGEST_YEARS,
    MAX_TIMES,
    REPETITIONS,
    Schedule,
    last_day,
    read_rule,
    rule_of,
    times_of,
)
from events.services.wording import when_there

MAX_PLACES = 100_000
MAX_DAYS = 31
MAX_LINK_LENGTH = 500
# Far enough from the first and last date that datetime, rules and calendar apps can handle.
FIRST_YEAR, LAST_YEAR = 1970, 2999


def check_year(day: date) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(
            _("Choose a year from %(first)d to %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR},
            code="year",
        )


class ClockField(forms.CharField):
    """A local date and time in the zone of another field: a naive datetime."""

    widget = MomentInput

    def clean(self, value: Any) -> Any:
        typed = super().clean(value).strip()
        try:
            moment = datetime.fromisoformat(typed).replace(tzinfo=None, second=0, microsecond=0)
        except ValueError:
            raise ValidationError(_("Enter a date and a time."), code="invalid") from None
        check_year(moment)
        return moment


class DaysField(forms.CharField):
    """Dates such as 2026-07-12, separated by commas or spaces."""

    def clean(self, value: Any) -> Any:
        days: list[date] = []
        for word in re.split(r"[\s,;]+", super().clean(value).strip()):
            try:
                days += [date.fromisoformat(word)] if word else []
            except ValueError:
                raise ValidationError(
                    _("“%(word)s” isn’t a day such as 2026-07-12."),
                    code="invalid",
                    params={"word": word[:40]},
                ) from None
        for day in days:
            check_year(day)
        return tuple(sorted(set(days)))


class EventForm(RedisplayMixin, forms.Form):
    title = OneLineField(label=gettext_lazy("Title"), max_length=200)
    text = TextField(
        label=gettext_lazy("What it is about"),
        max_length=10_000,
        required=False,
        help_text=gettext_lazy("You can use Markdown, as in comments."),
    )
    place = OneLineField(label=gettext_lazy("Place"), max_length=200, required=False)
    link = forms.CharField(
        label=gettext_lazy("Link"),
        max_length=MAX_LINK_LENGTH,
        required=False,
        help_text=gettext_lazy("For an online event, such as https://meet.example/table."),
    )
    room = forms.ChoiceField(
        label=gettext_lazy("Room"), required=False, help_text=gettext_lazy("Fills in place and link.")
    )
    zone = forms.ChoiceField(label=gettext_lazy("Time zone"))
    starts = ClockField(label=gettext_lazy("Starts"))
    ends = ClockField(label=gettext_lazy("Ends"))
    repeat = forms.ChoiceField(label=gettext_lazy("Repeat"), choices=REPETITIONS, required=False)
    until = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        validators=[check_year],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("A repeated event needs an end."),
    )
    rule = OneLineField(
        label=gettext_lazy("Rule"),
        max_length=250,
        required=False,
        help_text=gettext_lazy(
            "Only with “By a rule”, for example FREQ=MONTHLY;BYDAY=2TU;COUNT=10 (iCalendar)."
        ),
    )
    skipped = DaysField(
        label=gettext_lazy("Except on"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Days without it, such as 2026-07-12, 2026-12-24."),
    )
    places = forms.IntegerField(
        label=gettext_lazy("Places"),
        min_value=1,
        max_value=MAX_PLACES,
        required=False,
        help_text=gettext_lazy("Leave blank for no limit. Anyone beyond it joins a waiting list."),
    )
    # Only asked if dates with responses would be removed.
    drops_answers = forms.BooleanField(label=gettext_lazy("Delete these responses"), required=False)
    # Event.version when the form was rendered.
    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, by: User, event: Event | None = None, **kwargs: Any) -> None:
        self.event = event
        self.rooms: dict[str, tuple[str, str]] = import_string(settings.EVENT_ROOMS)(by)
        if event is not None:
            kwargs["initial"] = initial_of(event)
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        if self.rooms:
            names = [(key, name) for key, (name, _address) in self.rooms.items()]
            cast(forms.ChoiceField, self.fields["room"]).choices = [("", "–"), *names]
        else:
            del self.fields["room"]
        zones = [(name, name.replace("_", " ")) for name in sorted(time_zones())]
        cast(forms.ChoiceField, self.fields["zone"]).choices = zones
        self.initial.setdefault("zone", timezone.get_current_timezone_name())
        self.fields["text"].widget.attrs["rows"] = 6

    def clean_link(self) -> str:
        link: str = self.cleaned_data["link"].strip()
        if link and "://" not in link:
            link = f"https://{link}"
        if link:
            MaxLengthValidator(MAX_LINK_LENGTH)(link)
            WebAddressValidator(message=_("Enter a web address such as https://meet.example/table."))(link)
        return link

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if room := cleaned.get("room"):
            cleaned["place"], cleaned["link"] = self.rooms[room]
        if not {"place", "link"} & set(self.errors) and not (cleaned.get("place") or cleaned.get("link")):
            self.add_error("place", _("Say where: a place, a link, or both."))
        begin, end = self._moment("starts"), self._moment("ends")
        if begin is None or end is None:
            return cleaned
        if end <= begin:
            self.add_error("ends", _("It ends before it starts. Choose a later time."))
        elif (end - begin).days > MAX_DAYS:
            self.add_error("ends", _("An event lasts at most %(days)d days.") % {"days": MAX_DAYS})
        elif rule := self._rule(begin):
            self._add_schedule(Schedule(begin, end, cleaned["zone"], rule[0], cleaned.get("skipped", ())))
        return cleaned

    def _moment(self, name: str) -> datetime | None:
        """The typed time in the form's zone. None, with an error at the field, if it does not exist there."""
        typed, zone = self.cleaned_data.get(name), self.cleaned_data.get("zone")
        if typed is None or not zone:
            return None
        try:
            return moment_in_zone(typed, zone)
        except ValidationError as error:
            self.add_error(name, error)
            return None

    def _rule(self, begin: datetime) -> tuple[str] | None:
        """The rule, "" for a single date; None if its fields are invalid."""
        repeat, until, cleaned = (
            self.cleaned_data.get("repeat"),
            self.cleaned_data.get("until"),
            self.cleaned_data,
        )
        if not repeat or self.errors.keys() & {"repeat", "until", "rule", "skipped"}:
            return ("",) if not repeat else None
        if repeat == "rule":
            try:
                return (read_rule(cleaned.get("rule", "")),)
            except ValidationError as error:
                self.add_error("rule", error)
                return None
        if until is None:
            self.add_error("until", _("Choose the last day. A repeated event needs an end."))
        elif until < begin.date():
            self.add_error("until", _("Choose a day after the first one."))
        elif until > last_day(begin.date()):
            self.add_error("until", _("Choose a day in the next %(years)d years.") % {"years": LONGEST_YEARS})
        else:
            return (rule_of(repeat, begin, until),)
        return None

    def _add_schedule(self, schedule: Schedule) -> None:
        try:
            times_of(schedule)
        except ValidationError as error:
            self.add_error("rule" if self.cleaned_data["repeat"] == "rule" else "until", error)
        else:
            self.cleaned_data["schedule"] = schedule

    @property
    def plan(self) -> Plan:
        """The input, once the form is valid."""
        names = ("title", "text", "place", "link", "schedule", "places")
        return Plan(**{name: self.cleaned_data[name] for name in names})


def initial_of(event: Event) -> dict[str, Any]:
    schedule = schedule_of(event)
    return {
        "title": event.post.title,
        "text": event.text,
        "place": event.place,
        "link": event.link,
        "zone": event.zone,
        "starts": schedule.begin.strftime("%Y-%m-%dT%H:%M"),
        "ends": schedule.end.strftime("%Y-%m-%dT%H:%M"),
        "repeat": "rule" if event.rule else "",
        "rule": event.rule,
        "skipped": ", ".join(event.skipped),
        "places": event.places,
        "seen": event.version,
    }


class AnswerForm(forms.Form):
    occurrence = forms.IntegerField(min_value=1, max_value=2**62)
    says = forms.ChoiceField(choices=Answer.Says)


class GuestForm(RedisplayMixin, forms.Form):
    """It does not reveal whether the address or name belongs to a member."""

    occurrence = forms.TypedChoiceField(label=gettext_lazy("When"), coerce=int)
    says = forms.ChoiceField(
        label=gettext_lazy("Response"), choices=Answer.Says, widget=forms.RadioSelect, initial="yes"
    )
    name = OneLineField(
        label=gettext_lazy("Name"),
        max_length=60,
        validators=[validate_name],
        help_text=gettext_lazy("Only the hosts see it."),
        error_messages={"required": gettext_lazy("Enter your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = GuestEmailField()

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        times = list(event.occurrences.to_come()[:MAX_TIMES])
        for time in times:
            time.event = event
        choices = [(time.pk, when_there(time)) for time in times]
        cast(forms.TypedChoiceField, self.fields["occurrence"]).choices = choices
        if len(times) == 1:
            self.initial["occurrence"] = times[0].pk
