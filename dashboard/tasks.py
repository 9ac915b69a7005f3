"""Background tasks of the dashboard."""

from django.core.management import call_command
from django.utils.crypto import get_random_string
from django_tasks import task

from dashboard.services import searches
from dashboard.services.views import count_batch


@task(priority=-20)
def make_demo_content() -> None:
    """Create the demo content of community.demo, with random passwords."""
    call_command("demo", password=get_random_string(32), verbosity=0)


@task(priority=-20)
def count_figures() -> None:
    """Count what a page of a large site did not find: it was cleared, or the site has just become large."""
    from dashboard.services.figures import read_figures  # noqa: PLC0415 - figures.py asks for this task

    read_figures()


@task(priority=-30)
def count_views(rows: list[list]) -> None:
    count_batch(rows)


@task(priority=-30)
def count_searches(rows: list[list]) -> None:
    searches.count_batch(rows)
