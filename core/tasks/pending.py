"""Whether a task that someone requested is still to be done."""

from django_tasks.base import Task, TaskResultStatus
from django_tasks_db.models import DBTaskResult


def is_pending(task: Task) -> bool:
    """Whether such a task is enqueued or running, so that it need not be requested again."""
    open_states = [TaskResultStatus.READY, TaskResultStatus.RUNNING]
    return DBTaskResult.objects.filter(task_path=task.module_path, status__in=open_states).exists()
