"""The summary of a thread: number of members, table of contents, and numbered pages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from comments.models import Comment
from comments.thread.nodes import Node
from comments.thread.pagination import ThreadPosition, Window, find_pages
from core.prepared import A_NUMBER, Prepared
from posts.models import Post

# Members of a longer thread are not counted (docs/decisions/0088).
COUNTED = 1_000
FACES = 5
# Cached, for readers who muted some of them.
FACES_KEPT = 2 * FACES
# A shorter list would show nothing new.
MIN_IN_MAP = 4
# How many pages on each side of the current one have links, besides the first and the last.
NEIGHBOURS = 2


class Entry(NamedTuple):
    """A top-level comment in the table of contents. replies: on this page."""

    pk: int
    name: str
    replies: int
    author_id: int | None


class NumberedPage(NamedTuple):
    number: int
    position: ThreadPosition
    is_current: bool
    # Whether pages before this one have no link.
    is_after_gap: bool


@dataclass(frozen=True)
class Overview:
    # 0 if not counted.
    people: int
    faces: list[User]
    entries: list[Entry]
    pages: list[NumberedPage]

    def faces_for(self, muted: Collection[int] = ()) -> list[User]:
        return [member for member in self.faces if member.pk not in muted][:FACES]

    def entries_for(
        self, muted: Collection[int] = (), fresh: Mapping[int, int] | None = None
    ) -> list[tuple[int, str, int, int]]:
        """The shown entries: comment, name, replies, and new comments in its branch.

        fresh: the latter by comment.
        """
        return [
            (entry.pk, entry.name, entry.replies, (fresh or {}).get(entry.pk, 0))
            for entry in self.entries
            if entry.author_id not in muted
        ]


def overview_of(post: Post, window: Window, nodes: list[Node], reader: User | AnonymousUser) -> Overview:
    shown = [node.comment for node in nodes if not node.is_tomb and node.comment.is_public]
    is_whole = not (window.previous or window.next or window.rest or window.top)
    authors = {comment.author_id: comment.author for comment in shown if comment.author}
    faces = [author for author in authors.values() if author.is_active and not author.is_veiled]
    entries = [
        Entry(node.comment.pk, node.comment.author_name, node.reply_count, node.comment.author_id)
        for node in nodes
        if node.depth == 0 and not node.is_tomb
    ]
    return Overview(
        people=_number_of(_person(one) for one in shown) if is_whole else _people_under(post),
        faces=faces[:FACES_KEPT],
        entries=entries if len(entries) >= MIN_IN_MAP and not window.top else [],
        pages=[] if is_whole or window.top else _numbered(post, window, reader),
    )


def _person(comment: Comment) -> tuple[int | None, str]:
    return comment.author_id, "" if comment.author_id else comment.guest_name


def _number_of(people: Iterable[tuple[int | None, str]]) -> int:
    return len(set(people))


def _people_under(post: Post) -> int:
    if post.comment_count > COUNTED:
        return 0
    return _number_of((author, "" if author else guest) for author, guest in _writers.rows(post=post.pk))


_writers: Prepared[Comment] = Prepared(
    lambda post: (
        Comment.objects.filter(post=post).public().order_by().values_list("author", "guest_name").distinct()
    ),
    post=A_NUMBER,
)


def _numbered(post: Post, window: Window, reader: User | AnonymousUser) -> list[NumberedPage]:
    """The pages near the current one, the first and the last.

    A page that was reached backwards may begin between two of them.
    """
    pages = find_pages(post, window.position.order, reader)
    trees = {comment.tree_id for comment in window.rows}
    current = next((number for number, page in enumerate(pages) if trees & page.trees), -1)
    found: list[NumberedPage] = []
    for number, page in enumerate(pages):
        if number in {0, len(pages) - 1} or abs(number - current) <= NEIGHBOURS:
            is_after_gap = bool(found) and found[-1].number != number
            found.append(NumberedPage(number + 1, page.position, number == current, is_after_gap))
    return found if len(found) > 1 else []
