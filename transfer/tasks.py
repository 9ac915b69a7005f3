"""Background tasks of transfer."""

from django_tasks import task

from transfer.backup import schedule
from transfer.imports.runs import work_on
from transfer.site.download import make_site_export


@task(priority=-20)
def work_on_import(pk: int) -> None:
    work_on(pk)


@task(priority=-20)
def back_up_now() -> None:
    schedule.back_up_now()


@task(priority=-20)
def export_site_now() -> None:
    make_site_export()
