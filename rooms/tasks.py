"""Background tasks of rooms."""

from datetime import timedelta

from django.core.cache import cache
from django_tasks import task

from core.parts import is_on
from core.tasks.periodic import periodic
from rooms.models import Room
from rooms.services.asking import ask
from rooms.services.presence import forget_who_left

# A little less than a minute, so that the polling worker is in time for its next run.
ASKED_FOR_SECONDS = 50


@task(priority=-20)
def ask_room(pk: int) -> None:
    room = Room.objects.that_tell().filter(pk=pk).first()
    if room is not None:
        ask(room)


@periodic(every=timedelta(minutes=1))
def ask_rooms() -> int:
    """Enqueue a poll of each room with a source, in its own task: a slow service delays no other.

    Of several workers, one does so.
    """
    if not (is_on("rooms") and cache.add("rooms:asked", True, timeout=ASKED_FOR_SECONDS)):
        return 0
    keys = list(Room.objects.that_tell().values_list("pk", flat=True))
    for pk in keys:
        ask_room.enqueue(pk)
    return len(keys)


@periodic(every=timedelta(minutes=10))
def forget_presences() -> int:
    return forget_who_left()
