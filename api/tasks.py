"""Background tasks of webhooks."""

from datetime import timedelta

from django_tasks import task

from api.services import webhooks
from core.tasks.periodic import periodic


@task(priority=-10)  # emails go first
def deliver(delivery_pk: int, tries: int = 0) -> None:
    webhooks.deliver(delivery_pk, tries)


@periodic(every=timedelta(seconds=5))
def deliver_due() -> int:
    taken = webhooks.take_due()
    for pk, tries in taken:
        deliver.enqueue(pk, tries)
    return len(taken)


@periodic(every=timedelta(days=1))
def forget_old_deliveries() -> int:
    return webhooks.forget_old()
