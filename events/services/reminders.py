"""Those who come, or perhaps come, are reminded a day before."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from core.parts import is_on
from core.tasks.periodic import periodic
from events.models import Answer, Event, Occurrence
from events.services.telling import tell
from notifications.models import Reason

BEFORE = timedelta(hours=24)
AT_ONCE = 50


@periodic(every=timedelta(minutes=5))
def remind() -> int:
    """Remind once of each time that begins within BEFORE. Returns of how many."""
    if not is_on("events"):
        return 0
    now, count, failure = timezone.now(), 0, None
    due = Occurrence.objects.filter(
        starts_at__gt=now,
        starts_at__lte=now + BEFORE,
        reminded_at=None,
        event__state=Event.State.APPROVED,
        event__post__published_at__lte=now,
    )
    for occurrence in due.with_event().order_by("starts_at")[:AT_ONCE]:
        try:
            count += _remind_of(occurrence, now)
        except Exception as error:  # noqa: BLE001 - raised below: the others are not kept from theirs
            failure = failure or error
    if failure is not None:
        raise failure
    return count


@transaction.atomic
def _remind_of(occurrence: Occurrence, now: datetime) -> bool:
    """Of two workers, one has it."""
    if not Occurrence.objects.filter(pk=occurrence.pk, reminded_at=None).update(reminded_at=now):
        return False
    coming = occurrence.answers.filter(is_waiting=False).exclude(says=Answer.Says.NO)
    tell(occurrence.event.post, coming, Reason.REMINDER)
    return True
