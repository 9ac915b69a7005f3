"""Renders a part of a thread once for all readers.

What everyone sees is rendered once for each version of the thread and cached. What differs between readers
(new marks, actions) is inserted at placeholders.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.cache import caches
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import User
from comments.services.highlights import pinned_comment
from comments.thread.fragments import NODES
from comments.thread.nodes import CommentInfo, build_nodes
from comments.thread.overview import Overview, overview_of
from comments.thread.pagination import ThreadPosition, read_window
from comments.thread.structured_data import comment_data
from core.models import SiteSettings
from core.pagecache.making import made_once
from core.pagecache.placeholders import GapCollector, Gapped
from core.utils.build_id import RELEASE
from posts.models import Post

# So many comments are repeated as structured data. All of them would take a fifth of the page.
DESCRIBED = 5


@dataclass(frozen=True)
class ThreadPage:
    """A window of a thread as HTML, with placeholders for the reader's parts (see personalize.py)."""

    position: ThreadPosition
    html: Gapped
    previous: ThreadPosition | None
    next: ThreadPosition | None
    structured: dict[str, Any]
    overview: Overview

    def __bool__(self) -> bool:
        return bool(self.html.gaps)

    @property
    def weight(self) -> int:
        """Its approximate size in bytes (core.pagecache.backend.weight_of)."""
        return self.html.weight + 1_000 * len(self.structured["@graph"])

    @property
    def infos(self) -> Iterator[CommentInfo]:
        """Yields each comment whose text is shown."""
        return (info for kind, info in self.html.gaps if kind == "actions")

    @cached_property
    def pks(self) -> frozenset[int]:
        """The ids of comments whose text is shown."""
        return frozenset(info.pk for info in self.infos)

    def in_branches(self, pks: Collection[int]) -> dict[int, int]:
        """The number of these comments in each branch of the table of contents (overview.entries)."""
        tops, counts, top = {entry.pk for entry in self.overview.entries}, dict[int, int](), 0
        for info in self.infos:
            top = info.pk if info.pk in tops else top
            if info.pk in pks:
                counts[top] = counts.get(top, 0) + 1
        return counts

    @cached_property
    def by_author(self) -> dict[int | None, set[int]]:
        """The comments by author."""
        found: dict[int | None, set[int]] = {}
        for _kind, info in self.html.gaps:
            found.setdefault(info.author_id, set()).add(info.pk)
        return found

    @cached_property
    def thanked(self) -> list[int]:
        """The comments for which any member thanked."""
        return [info.pk for info in self.infos if info.thanks]


def make_page(post: Post, position: ThreadPosition, reader: User | AnonymousUser) -> ThreadPage:
    """Read and render a part of a thread as this reader may see it."""
    window = read_window(post, position, reader)
    nodes = build_nodes(post, window, reader)
    gaps, about = GapCollector(), post.get_canonical_url()
    # Only above the first page of a thread.
    pinned = pinned_comment(post) if nodes and not (position.key or position.branch) else None
    if pinned is not None:
        pinned.post = post  # for its link
    context = {"post": post, "window": window, "nodes": nodes, "gaps": gaps, "pinned": pinned}
    html = gaps.cut(render_to_string("comments/_window.html", context) if nodes else "")
    return ThreadPage(
        position=window.position,
        html=html.with_parts({kind: joined for kind, joined in html.gaps if kind == NODES}),
        previous=window.previous,
        next=window.next,
        overview=overview_of(post, window, nodes, reader),
        structured={
            "@context": "https://schema.org",
            "@graph": [
                comment_data(about, node.comment)
                for node in nodes[:DESCRIBED]
                if not node.is_tomb and node.comment.is_public
            ],
        },
    )


def read_page(
    post: Post, position: ThreadPosition, reader: User | AnonymousUser, *, sees_more: bool
) -> ThreadPage:
    """The part of the thread at `position`, for this reader.

    Rendered once for each version of the thread and each time zone. If anything is held or removed
    (sees_more), once more for moderators, who all see the same. Only members whose own comment is held get a
    page of their own.
    """
    if sees_more and not (reader.is_authenticated and reader.is_moderator):
        return make_page(post, position, reader)
    today = timezone.localdate()  # for the party hat
    key = f"thread:{'whole:' if sees_more else ''}{post.pk}:{post.thread_version}:{post.changed_at.timestamp()}:{today}:{timezone.get_current_timezone_name()}:{SiteSettings.current().date_style}:{RELEASE}:{get_language()}:{settings.COMMENTS_PER_PAGE}:{position.query()}"
    page: ThreadPage = made_once(
        caches["pages"], key, lambda: make_page(post, position, reader if sees_more else AnonymousUser())
    )
    return page
