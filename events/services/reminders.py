"""Reminders a day before an event for those who accepted or may come."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from core.parts import is_on
from core.tasks.periodic import periodic
from events.models import Answer, Event, Occurrence, OccurrenceQuerySet
from events.services.answers import lock_occurrence
from events.services.telling import tell
from notifications.models import EmailSuppression, Reason
from notifications.services.recipients import ways_to

BEFORE = timedelta(hours=24)
AT_ONCE = 50


def will_be_reminded(answer: Answer) -> bool:
    """Whether a response given now will be followed by a reminder.

    Not on the day itself, and not for those who turned it off.
    """
    if answer.occurrence.starts_at - timezone.now() <= BEFORE:
        return False
    if answer.member_id is not None:
        return bool(ways_to(answer.occurrence.event.post, [answer.member_id], Reason.REMINDER))
    return answer.wants_mail and not EmailSuppression.objects.filter(email=answer.guest_email).exists()


@periodic(every=timedelta(minutes=5))
def remind() -> int:
    """Remind once of each date that starts within BEFORE. Returns the number of dates."""
    if not is_on("events"):
        return 0
    now, count, failure = timezone.now(), 0, None
    for pk in _due(now).order_by("starts_at").values_list("pk", flat=True)[:AT_ONCE]:
        try:
            count += _remind_of(pk, now)
        except Exception as error:  # noqa: BLE001 - raised below, after the others were reminded
            failure = failure or error
    if failure is not None:
        raise failure
    return count


def _due(now: datetime) -> OccurrenceQuerySet:
    return Occurrence.objects.filter(
        starts_at__gt=now,
        starts_at__lte=now + BEFORE,
        reminded_at=None,
        event__state=Event.State.APPROVED,
        event__post__published_at__lte=now,
    )


@transaction.atomic
def _remind_of(pk: int, now: datetime) -> bool:
    """Remind of a date, in one of several workers. A date moved or cancelled since is skipped."""
    occurrence = lock_occurrence(pk)
    if occurrence is None or not _due(now).filter(pk=pk).update(reminded_at=now):
        return False
    coming = occurrence.answers.filter(is_waiting=False).exclude(says=Answer.Says.NO)
    tell(occurrence.event.post, coming, Reason.REMINDER)
    return True
