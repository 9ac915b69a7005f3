"""Work of the worker."""

from django_tasks import task

from search.services import KINDS, rebuild


@task(priority=-20)
def rebuild_all() -> None:
    """Write the whole index anew. Started twice or killed it does no harm."""
    for kind in KINDS:
        rebuild(kind)
