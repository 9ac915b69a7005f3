"""The comments of a post for use outside this site."""

from collections.abc import Iterator
from typing import NamedTuple

from comments.models import Comment
from posts.models import Post

BATCH = 1000


class Row(NamedTuple):
    """A comment, its nearest shown ancestor, and its depth among the shown ones."""

    comment: Comment
    parent: int | None
    depth: int


def thread_of(post: Post, *statuses: Comment.Status) -> Iterator[Row]:
    """Comments with one of these statuses in reading order.

    A reply to one that is left out is attached to the nearest shown ancestor.
    """
    above: list[Comment] = []
    rows = Comment.objects.for_post(post).filter(status__in=statuses).select_related("author")
    for comment in rows.in_reading_order().iterator(BATCH):
        comment.post = post
        while above and not (above[-1].tree_id == comment.tree_id and above[-1].rght > comment.rght):
            above.pop()
        yield Row(comment, above[-1].pk if above else None, len(above))
        above.append(comment)
