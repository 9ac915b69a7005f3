"""Background tasks of the search."""

from django_tasks import task

from comments.models import Comment
from search.services import KINDS, index, rebuild


@task(priority=-20)
def rebuild_all(kinds: list[str] | None = None) -> None:
    """Rebuild the index of these kinds, or all. It may be started twice or killed."""
    for kind in kinds or KINDS:
        rebuild(kind)


@task(priority=-20)
def index_again(kind: str, pks: list[int]) -> None:
    index(kind, pks)


@task(priority=-20)
def index_comments_of(post: int) -> None:
    """Write the comments of a post anew: its language is another one."""
    index("comments", Comment.objects.filter(post=post).values_list("pk", flat=True))
