"""Background tasks of webhooks."""

from datetime import timedelta

from django_tasks import task

from api.services import webhooks
from core.tasks.periodic import periodic


@task(priority=-10)  # emails go first
def deliver(delivery_pk: int) -> None:
    webhooks.deliver(delivery_pk)


@periodic(every=timedelta(seconds=5))
def deliver_due() -> int:
    taken = webhooks.take_due()
    for pk in taken:
        deliver.enqueue(pk)
    return len(taken)


@periodic(every=timedelta(days=1))
def forget_old_deliveries() -> int:
    return webhooks.forget_old()
