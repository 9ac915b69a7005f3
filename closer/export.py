"""What this app exports about a member (accounts/services/export.py).

Who is in touch with whom is not stored.
"""

from collections.abc import Iterator

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.export import Part, Row
from closer.models import Choice, DeclinedLink, Reminder


def _choices(member: User) -> Iterator[Row]:
    yield from map(
        dict,
        Choice.objects.filter(member=member).values("letter_due_at", "letter_sent_at", "reminder_due_at"),
    )


def _reminders(member: User) -> Iterator[Row]:
    reminders = Reminder.objects.filter(Q(first=member) | Q(second=member))
    for reminder in reminders.select_related("first", "second").order_by("pk"):
        other = reminder.second if reminder.first_id == member.pk else reminder.first
        yield {"member": other.get_display_name(), "at": reminder.sent_at}


def _declined(member: User) -> Iterator[Row]:
    for address in (
        DeclinedLink.objects.filter(member=member).order_by("pk").values_list("address", flat=True)
    ):
        yield {"address": address}


PARTS = [
    Part(
        "in_touch",
        _("Weekly email and reminders"),
        _choices,
        {
            "letter_due_at": _("Next weekly email"),
            "letter_sent_at": _("Last weekly email"),
            "reminder_due_at": _("Next reminder"),
        },
        frozenset({"closer.Choice.member"}),
    ),
    Part(
        "reminders",
        _("People you were reminded of"),
        _reminders,
        {"member": _("Who"), "at": _("When")},
        frozenset({"closer.Reminder.first", "closer.Reminder.second"}),
    ),
    Part(
        "declined_links",
        _("Links you didn’t want on your profile"),
        _declined,
        {"address": _("Address")},
        frozenset({"closer.DeclinedLink.member"}),
    ),
]
