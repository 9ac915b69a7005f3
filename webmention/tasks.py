"""Background tasks of webmentions."""

from datetime import timedelta

from django_tasks import task

from core.tasks.periodic import periodic
from webmention.services import receiving, sending

AT_ONCE = 20


@task(priority=-20)
def look_at_mention(pk: int) -> None:
    receiving.look_at(pk)


@task(priority=-20)
def note_links(kind: str, pk: int) -> None:
    sending.note_links(kind, pk)


@task(priority=-20)
def send_mention(pk: int) -> None:
    sending.send(pk)


@periodic(every=timedelta(seconds=30))
def look_at_due() -> int:
    taken = receiving.take_due(AT_ONCE)
    for pk in taken:
        look_at_mention.enqueue(pk)
    return len(taken)


@periodic(every=timedelta(seconds=30))
def send_due() -> int:
    taken = sending.take_due(AT_ONCE)
    for pk in taken:
        send_mention.enqueue(pk)
    return len(taken)
