"""Work of the worker."""

from django_tasks import task

from search.services import KINDS, index, rebuild


@task(priority=-20)
def rebuild_all(kinds: list[str] | None = None) -> None:
    """Write the index of these kinds anew, or all of it. Started twice or killed it does no harm."""
    for kind in kinds or KINDS:
        rebuild(kind)


@task(priority=-20)
def index_again(kind: str, pks: list[int]) -> None:
    index(kind, pks)
