"""Members' choices: the weekly email, and reminders."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from closer.models import Choice
from core.utils import optout
from core.utils.locks import lock_row
from notifications.models import NotificationChannel
from notifications.services.timing import next_bundle


def choice_of(member_pk: int) -> Choice:
    """A member's settings, or unsaved ones with the defaults."""
    return Choice.objects.filter(member=member_pk).first() or Choice(member_id=member_pk)


def next_email_at(member: User, after: datetime) -> datetime:
    """The next Monday morning in the member's time zone, as for other weekly emails."""
    return next_bundle(NotificationChannel.WEEKLY, after, member.zone)


@transaction.atomic
def choose(member: User, *, letter: bool | None = None, reminders: bool | None = None) -> None:
    """Set the given choices; None leaves one unchanged. One that was on keeps its time."""
    lock_row(User.objects, member.pk)  # there may be no Choice row to lock yet
    # Wait for emails being sent: what they store must not be overwritten, and must not undo this.
    Choice.objects.select_for_update().filter(member=member).first()
    choice, now = choice_of(member.pk), timezone.now()
    letter = choice.letter_due_at is not None if letter is None else letter
    reminders = choice.reminder_due_at is not None if reminders is None else reminders
    choice.letter_due_at = (choice.letter_due_at or next_email_at(member, now)) if letter else None
    if not letter:
        choice.letter_sent_at = None
    choice.reminder_due_at = (choice.reminder_due_at or now + timedelta(days=1)) if reminders else None
    if letter or reminders:
        choice.save()
    else:
        Choice.objects.filter(member=member).delete()


def _turn(member_pk: int, *, letter: bool | None = None, reminders: bool | None = None) -> None:
    member = User.objects.filter(pk=member_pk, is_active=True).first()
    if member is not None:
        choose(member, letter=letter, reminders=reminders)


LETTER = optout.register(
    optout.OptOut(
        "weekly",
        _("Weekly emails of discussions worth going back to"),
        lambda pk: choice_of(pk).letter_due_at is not None,
        lambda pk, on: _turn(pk, letter=on),
    )
)
REMINDERS = optout.register(
    optout.OptOut(
        "in-touch",
        _("Reminders of people I haven’t been in touch with for half a year"),
        lambda pk: choice_of(pk).reminder_due_at is not None,
        lambda pk, on: _turn(pk, reminders=on),
    )
)
