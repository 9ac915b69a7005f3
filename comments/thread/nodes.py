"""Nests a part of a thread: comments as nodes with the lists that open and close around them.

Without recursion.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import zip_longest
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.utils.html import escape

from accounts.models import User
from accounts.models.querysets import set_moderator_flags
from comments.models import Comment
from comments.thread.pagination import Order, Window
from comments.thread.pauses import pauses_of
from core.utils.punctuation import with_commas
from posts.models import Post

# Number of levels that have lists; deeper replies are in the last list and name whom they reply to.
LEVELS_SHOWN = 6
# From this level on, phones have no room to indent and show "in reply to …" instead.
DEEP_LEVEL = 4
NAMES_IN_SUMMARY = 2


@dataclass
class Node:
    """A comment on a page, with the lists that the template must open and close around it."""

    comment: Comment
    is_tomb: bool
    # A second anchor, for links to the blog it was imported from; unique on the page.
    old_anchor: str = ""
    answers: Comment | None = None
    answers_is_here: bool = False
    depth: int = 0
    # So deep that it is indented on wide pages only.
    is_deep: bool = False
    reply_count: int = 0
    reply_names: list[str] = field(default_factory=list)
    # Such as "five months later"; empty if it came soon.
    later: str = ""
    opens: bool = False
    closes: int = 0

    @property
    def closing(self) -> range:
        return range(self.closes)

    @property
    def more_names(self) -> int:
        return max(0, len(self.reply_names) - NAMES_IN_SUMMARY)

    @property
    def first_names(self) -> str:
        return with_commas(self.reply_names[:NAMES_IN_SUMMARY])

    @property
    def answers_address(self) -> str:
        """The URL of the comment that this one replies to: an anchor on this page, or a permalink."""
        if self.answers is None:
            return ""
        return f"#{self.answers.anchor}" if self.answers_is_here else self.answers.get_absolute_url()

    @property
    def shown_status(self) -> str:
        """The contract's values for `data-status`; no other state is revealed."""
        if self.comment.status == Comment.Status.DELETED:
            return "deleted"
        if self.is_tomb:
            return "removed"
        return "held" if self.comment.is_held else ""


def build_nodes(post: Post, window: Window, reader: User | AnonymousUser) -> list[Node]:
    """The rows of a window as nodes: those the reader may see, and tombstones for deleted ones with replies.

    The depth of a comment is the number of its ancestors on this page; in a part of a branch that may be
    fewer than its level.
    """
    rows = window.rows
    by_pk = dict(window.answered)
    for comment in rows:
        by_pk[comment.pk] = comment
    for comment in by_pk.values():
        comment.post = post  # the same object for all, which `is_by_host` and the links read
    set_moderator_flags(comment.author for comment in rows)
    shown = {comment.pk for comment in rows if not comment.is_gone and comment.is_visible_to(reader)}
    counts, names = _shown_replies(rows, shown)
    here = {comment.pk for comment in rows}
    anchors = {comment.anchor for comment in rows}
    later = pauses_of(rows, shown, window.answered, in_order=window.position.order == Order.OLDEST)
    is_closed_above = any(comment.closed_at for comment in window.ancestors)
    nodes: list[Node] = []
    around: list[Comment] = []
    for comment in rows:
        if comment.pk not in shown and not counts.get(comment.pk):
            continue
        while around and not (around[-1].tree_id == comment.tree_id and comment.lft < around[-1].rght):
            around.pop()
        depth = len(around)
        above = around[-1].is_in_closed_branch if around else is_closed_above
        comment.is_in_closed_branch = above or comment.closed_at is not None
        is_indented = bool(around) and around[-1].pk == comment.parent_id and depth <= LEVELS_SHOWN
        says_whom = comment.parent_id is not None and not (is_indented and depth < DEEP_LEVEL)
        nodes.append(
            Node(
                comment=comment,
                is_tomb=comment.pk not in shown,
                old_anchor="" if comment.old_anchor in anchors else comment.old_anchor,
                answers=by_pk.get(comment.parent_id) if says_whom else None,
                answers_is_here=comment.parent_id in here,
                depth=min(depth, LEVELS_SHOWN),
                is_deep=is_indented and depth >= DEEP_LEVEL,
                reply_count=counts.get(comment.pk, 0),
                reply_names=names.get(comment.pk, []),
                later=later.get(comment.pk, ""),
            )
        )
        around.append(comment)
    for node, following in zip_longest(nodes, nodes[1:]):
        next_depth = following.depth if following else 0
        node.opens = next_depth > node.depth
        node.closes = max(0, node.depth - next_depth)
    return nodes


def _shown_replies(rows: list[Comment], shown: set[int]) -> tuple[dict[int, int], dict[int, list[str]]]:
    """By comment: the number of shown comments below it, and the names of those who reply to it directly."""
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
    return counts, names


class CommentInfo(NamedTuple):
    """What a placeholder contains about its comment."""

    pk: int
    author_id: int | None
    name: str  # escaped
    is_public: bool
    thanks: int
    published: float
    is_pinned: bool = False
    is_chosen: bool = False
    is_closed: bool = False
    is_in_closed_branch: bool = False
    # The text as others see it, if its author and moderators see more: links (Comment.has_plain_links).
    words: str = ""


def info_of(comment: Comment) -> CommentInfo:
    published = comment.published_at.timestamp() if comment.published_at else 0.0
    return CommentInfo(
        comment.pk,
        comment.author_id,
        escape(comment.author_name),
        comment.is_public,
        comment.thanks_count,
        published,
        is_pinned=comment.pinned_at is not None,
        is_chosen=comment.chosen_at is not None,
        is_closed=comment.closed_at is not None,
        is_in_closed_branch=comment.is_in_closed_branch,
    )
