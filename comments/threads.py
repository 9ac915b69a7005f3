"""Reading a thread: which comments are on a page, and how they nest. Flat passes, so depth costs no stack."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, QuerySet
from django.http import QueryDict

from accounts.models import User
from comments.models import Comment
from posts.models import Post

# Levels that are indented; deeper answers stand in the last list and say whom they answer.
LEVELS_SHOWN = 6
# From here on a phone has no room to indent, and "answering …" stands there instead.
DEEP_LEVEL = 4
NAMES_IN_SUMMARY = 2
OLDEST, NEWEST = "oldest", "newest"


@dataclass
class Node:
    """A comment on a page, with what the template must open and close around it."""

    comment: Comment
    is_tomb: bool
    answers: Comment | None = None
    reply_count: int = 0
    reply_names: list[str] = field(default_factory=list)
    opens: bool = False
    closes: int = 0

    @property
    def is_deep(self) -> bool:
        return DEEP_LEVEL <= self.comment.level <= LEVELS_SHOWN

    @property
    def closing(self) -> range:
        return range(self.closes)

    @property
    def more_names(self) -> int:
        return max(0, len(self.reply_names) - NAMES_IN_SUMMARY)

    @property
    def first_names(self) -> str:
        return ", ".join(self.reply_names[:NAMES_IN_SUMMARY])

    @property
    def shown_status(self) -> str:
        """The contract's words for `data-status`: nothing else of a comment's state is told."""
        if self.comment.status == Comment.Status.DELETED:
            return "deleted"
        if self.is_tomb:
            return "removed"
        return "held" if self.comment.is_held else ""


@dataclass(frozen=True)
class ThreadPage:
    """Whole branches, some COMMENTS_PER_PAGE comments together.

    `previous_key` and `next_key` name the first branch of the neighbouring pages; None where there is none. 0 is the
    first page.
    """

    nodes: list[Node]
    sort: str
    previous_key: int | None
    next_key: int | None

    @property
    def is_newest_first(self) -> bool:
        return self.sort == NEWEST

    def query(self, **changes: Any) -> str:
        """The query string of this view of the thread, with changes; parts that say nothing are left out."""
        query = QueryDict(mutable=True)
        values = {"sort": self.sort if self.sort == NEWEST else None} | changes
        for name, value in values.items():
            if value:
                query[name] = str(value)
        return f"?{query.urlencode()}" if query else ""


def read_page(post: Post, reader: User | AnonymousUser, *, sort: str = OLDEST, key: int = 0) -> ThreadPage:
    """The page of the thread that begins with the branch `key` (0: the first page), as this reader may see it.

    Two queries and one for the links beside the names, three more queries at most when it is not the first page.
    """
    trees, next_key = _window(post, newest=sort == NEWEST, key=key)
    previous_key = _previous_key(post, newest=sort == NEWEST, key=key) if key else None
    comments = Comment.objects.for_post(post).filter(tree_id__in=trees).defer("body", "guest_email").with_authors()
    rows = list(comments.order_by("-tree_id" if sort == NEWEST else "tree_id", "lft")) if trees else []
    return ThreadPage(nodes=build_nodes(post, rows, reader), sort=sort, previous_key=previous_key, next_key=next_key)


def _trees(post: Post, *, descending: bool) -> QuerySet:
    return Comment.objects.for_post(post).values("tree_id").annotate(size=Count("pk")).order_by("-tree_id" if descending else "tree_id")


def _window(post: Post, *, newest: bool, key: int) -> tuple[list[int], int | None]:
    """The trees of the page that begins at `key`, and the key of the page behind it."""
    trees = _trees(post, descending=newest)
    if key:
        trees = trees.filter(**{"tree_id__lte" if newest else "tree_id__gte": key})
    taken: list[int] = []
    room = settings.COMMENTS_PER_PAGE
    for row in trees[: settings.COMMENTS_PER_PAGE + 1]:
        if room <= 0:
            return taken, row["tree_id"]
        taken.append(row["tree_id"])
        room -= row["size"]
    return taken, None


def _previous_key(post: Post, *, newest: bool, key: int) -> int | None:
    """The key of the page that ends where the page at `key` begins; 0 when that is the first one."""
    before = _trees(post, descending=not newest).filter(**{"tree_id__gt" if newest else "tree_id__lt": key})
    room, first, more = settings.COMMENTS_PER_PAGE, None, False
    for row in before[: settings.COMMENTS_PER_PAGE + 1]:
        if room <= 0:
            more = True
            break
        first = row["tree_id"]
        room -= row["size"]
    if first is None:
        return None
    return first if more else 0


def key_of(comment: Comment) -> int:
    """The key of a page that holds the comment: 0 when it is on the first one. Looks at one page of rows, no further."""
    before = Comment.objects.for_post(comment.post).filter(tree_id__lt=comment.tree_id).order_by()
    is_on_first_page = before.values("pk")[: settings.COMMENTS_PER_PAGE].count() < settings.COMMENTS_PER_PAGE
    return 0 if is_on_first_page else comment.tree_id


def place_of(comment: Comment) -> str:
    """The address where the comment stands: its post, the page of the thread, the anchor."""
    key = key_of(comment)
    return f"{comment.post.get_absolute_url()}{f'?page={key}' if key else ''}#{comment.anchor}"


def build_nodes(post: Post, rows: Iterable[Comment], reader: User | AnonymousUser) -> list[Node]:
    """Rows in reading order as nodes: those the reader may see, and marks for gone ones that others answered."""
    rows = list(rows)
    by_pk = {}
    for comment in rows:
        comment.post = post  # the same row for all: `is_by_host` asks for it
        by_pk[comment.pk] = comment
    shown = {comment.pk for comment in rows if not comment.is_gone and comment.is_visible_to(reader)}
    counts: dict[int, int] = {}
    names: dict[int, list[str]] = {}
    for comment in reversed(rows):
        below = counts.get(comment.pk, 0) + (comment.pk in shown)
        if comment.parent_id is not None and below:
            counts[comment.parent_id] = counts.get(comment.parent_id, 0) + below
    for comment in rows:
        if comment.parent_id is not None and comment.pk in shown:
            some = names.setdefault(comment.parent_id, [])
            if comment.author_name not in some:
                some.append(comment.author_name)
    nodes = [
        Node(
            comment=comment,
            is_tomb=comment.pk not in shown,
            answers=by_pk.get(comment.parent_id) if comment.level >= DEEP_LEVEL else None,
            reply_count=counts.get(comment.pk, 0),
            reply_names=names.get(comment.pk, []),
        )
        for comment in rows
        if comment.pk in shown or counts.get(comment.pk)
    ]
    for node, following in zip_longest(nodes, nodes[1:]):
        depth = min(node.comment.level, LEVELS_SHOWN)
        next_depth = min(following.comment.level, LEVELS_SHOWN) if following else 0
        node.opens = next_depth > depth
        node.closes = max(0, depth - next_depth)
    return nodes
