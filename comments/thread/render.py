"""Nests a part of a thread and renders it once for all readers.

What everybody sees is rendered once for each version of the thread and cached; what differs from reader to
reader (new marks, actions) goes into placeholders. Flat passes, so depth costs no stack.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.cache import caches
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from accounts.models import User
from comments.models import Comment
from comments.services.highlights import pinned_comment
from comments.thread.pagination import ThreadPosition, Window, read_window
from comments.thread.structured_data import comment_data
from core.markup.newcomers import unlinked
from core.markup.safe import trusted
from core.pagecache.placeholders import GapCollector, Gapped
from core.utils.build_id import RELEASE
from posts.models import Post

# Levels that are indented; deeper replies are in the last list and say whom they reply to.
LEVELS_SHOWN = 6
# From here on a phone has no room to indent, and "answering …" is shown instead.
DEEP_LEVEL = 4
NAMES_IN_SUMMARY = 2


@dataclass
class Node:
    """A comment on a page, with what the template must open and close around it."""

    comment: Comment
    is_tomb: bool
    # A second anchor, for links to the blog that it was imported from; never that of another comment on the page.
    old_anchor: str = ""
    answers: Comment | None = None
    answers_is_here: bool = False
    depth: int = 0
    # So deep that it is indented on wide pages only.
    is_deep: bool = False
    reply_count: int = 0
    reply_names: list[str] = field(default_factory=list)
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
        return ", ".join(self.reply_names[:NAMES_IN_SUMMARY])

    @property
    def answers_address(self) -> str:
        """Where the comment that this one replies to is: further up on this page, or elsewhere."""
        if self.answers is None:
            return ""
        return f"#{self.answers.anchor}" if self.answers_is_here else self.answers.get_absolute_url()

    @property
    def shown_status(self) -> str:
        """The contract's values for `data-status`: nothing else of a comment's state is revealed."""
        if self.comment.status == Comment.Status.DELETED:
            return "deleted"
        if self.is_tomb:
            return "removed"
        return "held" if self.comment.is_held else ""


def build_nodes(post: Post, window: Window, reader: User | AnonymousUser) -> list[Node]:
    """The rows of a window as nodes: those the reader may see, and tombstones for deleted ones with replies.

    The depth of a comment is the number of its ancestors on this page; in a part of a branch that may be fewer
    than its level.
    """
    rows = window.rows
    by_pk = dict(window.answered)
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
    here = {comment.pk for comment in rows}
    anchors = {comment.anchor for comment in rows}
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
            )
        )
        around.append(comment)
    for node, following in zip_longest(nodes, nodes[1:]):
        next_depth = following.depth if following else 0
        node.opens = next_depth > node.depth
        node.closes = max(0, node.depth - next_depth)
    return nodes


# --- The cached part ---------------------------------------------------------------


class CommentInfo(NamedTuple):
    """What a placeholder needs to know about its comment."""

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
    # The text as others see it, where its author and moderators see more: links (Comment.has_plain_links).
    words: str = ""


@dataclass(frozen=True)
class ThreadPage:
    """A window of a thread as HTML, with placeholders for what differs from reader to reader (comments/thread/personalize.py)."""

    position: ThreadPosition
    html: Gapped
    previous: ThreadPosition | None
    next: ThreadPosition | None
    structured: dict[str, Any]

    def __bool__(self) -> bool:
        return bool(self.html.gaps)

    @property
    def infos(self) -> Iterator[CommentInfo]:
        """Once for each comment whose text is shown."""
        return (info for kind, info in self.html.gaps if kind == "actions")

    @cached_property
    def pks(self) -> frozenset[int]:
        """The comments whose text is shown."""
        return frozenset(info.pk for info in self.infos)

    @cached_property
    def by_author(self) -> dict[int | None, set[int]]:
        """The comments of each author."""
        found: dict[int | None, set[int]] = {}
        for _kind, info in self.html.gaps:
            found.setdefault(info.author_id, set()).add(info.pk)
        return found

    @cached_property
    def thanked(self) -> list[int]:
        """The comments that a member thanked for."""
        return [info.pk for info in self.infos if info.thanks]


def comment_words(comment: Comment, html: str) -> SafeString:
    """A comment's text, with what is folded behind "Read more". html: its HTML, with links or without (Comment.public_html)."""
    if not comment.fold_at:
        return trusted(html)
    before, behind = comment.html[: comment.fold_at], comment.html[comment.fold_at :]
    if html != comment.html:
        before, behind = unlinked(before), unlinked(behind)
    parts = {"before": trusted(before), "behind": trusted(behind)}
    return render_to_string("comments/_words.html", {"comment": comment, **parts})


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


def make_page(post: Post, position: ThreadPosition, reader: User | AnonymousUser) -> ThreadPage:
    """Read and render a part of a thread as this reader may see it."""
    window = read_window(post, position, reader)
    nodes = build_nodes(post, window, reader)
    gaps = GapCollector()
    # Above the first page of a thread; not above a part of it.
    pinned = pinned_comment(post) if nodes and not (position.key or position.branch) else None
    context = {"post": post, "window": window, "nodes": nodes, "gaps": gaps, "pinned": pinned}
    html = render_to_string("comments/_window.html", context) if nodes else ""
    return ThreadPage(
        position=window.position,
        html=gaps.cut(html),
        previous=window.previous,
        next=window.next,
        structured={
            "@context": "https://schema.org",
            "@graph": [
                comment_data(post, node.comment)
                for node in nodes
                if not node.is_tomb and node.comment.is_public
            ],
        },
    )


def read_page(
    post: Post, position: ThreadPosition, reader: User | AnonymousUser, *, sees_more: bool
) -> ThreadPage:
    """The part of the thread at `position`, for this reader.

    Rendered once for each version of the thread, except for those few who see more than others (sees_more):
    moderators where something is held or was removed, and members whose own comment is held.
    """
    if sees_more:
        return make_page(post, position, reader)
    cache = caches["pages"]
    today = timezone.localdate()  # who wears a paper hat
    key = f"thread:{post.pk}:{post.thread_version}:{post.changed_at.timestamp()}:{today}:{RELEASE}:{get_language()}:{settings.COMMENTS_PER_PAGE}:{position.query()}"
    page: ThreadPage | None = cache.get(key)
    if page is None:
        page = make_page(post, position, AnonymousUser())
        cache.set(key, page)
    return page
