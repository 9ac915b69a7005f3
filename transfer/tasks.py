"""Work of the worker."""

from django_tasks import task

from transfer.imports.runs import work_on


@task(priority=-20)
def work_on_import(pk: int) -> None:
    work_on(pk)
