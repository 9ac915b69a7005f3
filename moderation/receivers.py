"""Signal receivers of moderation. Long work is enqueued as a task."""

from typing import Any

from django.dispatch import receiver

from moderation import tasks
from moderation.models import Decision
from moderation.signals import decided


@receiver(decided)
def learn_from_decision(decision: Decision, **_kwargs: Any) -> None:
    tasks.learn_decision.enqueue(decision.pk)
