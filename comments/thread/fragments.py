"""Cached HTML of single comments.

A template takes a millisecond for a comment. A new comment changes the whole page, but apart from itself
only the numbers of replies above it look different. Everything else is joined from the cache.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from re import sub
from typing import Any

from django.core.cache import caches
from django.template import Context
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from accounts.models import User
from comments.models import Comment
from comments.thread.nodes import Node, info_of
from core.markup.cards import with_dates_formatted
from core.markup.newcomers import unlinked
from core.markup.safe import trusted
from core.models import SiteSettings
from core.pagecache.placeholders import GapCollector, Gapped, Joined
from core.prepared import related_rows
from core.utils.build_id import RELEASE
from posts.models import Post

# What later apps show with a comment (settings.COMMENT_SLOTS) is not cached.
SLOT = "slot"
# The text of a new member with links; its placeholder contains it as others see it.
WORDS = "words"
# Any other text, while white space is removed from the rest.
TEXT = "text"
# The comments of a window; its placeholder contains them.
NODES = "nodes"
Slot = Callable[[Context, str], str]
COLUMNS_OF_COMMENT = (
    "pk",
    "html",
    "language",
    "fold_at",
    "folded_words",
    "status",
    "level",
    "created_at",
    "edited_at",
    "guest_name",
    "guest_url",
    "pinned_at",
    "chosen_at",
    "closed_at",
    "corrected_at",
)
COLUMNS_OF_AUTHOR = (
    "id",
    "username",
    "display_name",
    "avatar",
    "is_active",
    "memorial_since",
    "silent_until",
    "birthday_day",
    "birthday_month",
    "birthday_year",
    "birthday_in_march",
    "birthday_seen_by",
)


def join_nodes(nodes: list[Node], context: Context, slot: Slot) -> Gapped:
    """The list of comments of a window as HTML.

    context: contains post, gaps, what the slots need, and `marks`, the comments at which slots show
    anything. slot: renders one of them.
    """
    joined, kept = Joined(), _Kept()
    marks = context["marks"]
    for node in nodes:
        info = info_of(node.comment)
        joined.text.append(f'<li class="{_classes(node)}">')
        article = kept.article(node, context["post"])
        joined.text.append(article.pieces[0])
        for (kind, words), piece in zip(article.gaps, article.pieces[1:], strict=True):
            if kind != SLOT:
                joined.mark(kind, info._replace(words=words) if kind == WORDS else info)
            elif node.comment.pk in marks:
                with context.push(comment=node.comment):
                    joined.join(context["gaps"].cut(slot(context, "comment")))
            joined.text.append(piece)
        joined.text.append('<div class="composing">')
        joined.mark("compose", info)
        joined.text.append("</div>")
        if node.opens:
            joined.text.append('<details class="replies"')
            joined.mark("open", info)
            joined.text += [">", kept.reply_heading(node), '<ol role="list">']
        else:
            joined.text.append("</li>")
        joined.text.append("</ol></details></li>" * node.closes)
    return joined.whole


def comment_text(comment: Comment, html: str) -> SafeString:
    """A comment's text, with its fold behind "Read more".

    html: its HTML, with links or without (Comment.public_html).
    """
    if not comment.fold_at:
        return trusted(with_dates_formatted(html))
    before, behind = comment.html[: comment.fold_at], comment.html[comment.fold_at :]
    if html != comment.html:
        before, behind = unlinked(before), unlinked(behind)
    parts = {"before": trusted(with_dates_formatted(before)), "behind": trusted(with_dates_formatted(behind))}
    return render_to_string("comments/_words.html", {"comment": comment, **parts})


def _classes(node: Node) -> str:
    holds = ((" has", node.opens), (" tomb", node.is_tomb), (" deep", node.is_deep))
    return "node" + "".join(name for name, is_so in holds if is_so)


class _Kept:
    """The rendered comments of one page, from the cache or by their templates."""

    def __init__(self) -> None:
        self._cache = caches["comments"]
        # The part of the cache key that is the same for all comments.
        self._where = repr(
            [
                RELEASE,
                get_language(),
                timezone.get_current_timezone_name(),
                SiteSettings.current().date_style,
            ]
        )
        self._authors: dict[int, str] = {}

    def article(self, node: Node, post: Post) -> Gapped:
        state = [*_article_state(node), self._author_state(node.comment.author)]
        context = {"node": node, "comment": node.comment, "post": post}
        return self._made_of(state, "comments/_comment.html", context)

    def reply_heading(self, node: Node) -> str:
        state = [node.is_tomb, node.comment.author_name, node.reply_count, node.more_names, node.first_names]
        return self._made_of(state, "comments/_replies.html", {"node": node}).pieces[0]

    def _made_of(self, state: list[Any], template: str, context: dict[str, Any]) -> Gapped:
        """Render a template, or take the result from the cache.

        Placeholders have no data, except those of kind WORDS.
        """
        key = blake2b(f"{template}{self._where}{state!r}".encode(), digest_size=16).hexdigest()
        kept: Gapped | None = self._cache.get(key)
        if kept is None:
            gaps = GapCollector()
            html = gaps.cut(render_to_string(template, context | {"gaps": gaps}))
            kept = _with_texts(Gapped([*map(without_indents, html.pieces)], html.gaps))
            self._cache.set(key, kept)
        return kept

    def _author_state(self, author: User | None) -> str:
        """A hash of what is shown of an author.

        Computed once per author, since many comments are by the same few.
        """
        if author is None:
            return ""
        if author.pk not in self._authors:
            links = [
                [value for name, value in vars(link).items() if name != "_state"]
                for link in related_rows(author, "links")
            ]
            birthday = timezone.localdate() if author.birthday_day else None  # for the party hat
            columns = (str(vars(author)[column]) for column in COLUMNS_OF_AUTHOR)
            state = [*columns, author.is_moderator, author.is_veiled, author.is_known, birthday, links]
            self._authors[author.pk] = blake2b(repr(state).encode(), digest_size=16).hexdigest()
        return self._authors[author.pk]


def _with_texts(html: Gapped) -> Gapped:
    """Insert the texts, and drop the data of other placeholders, except those of kind WORDS."""
    pieces, gaps = html.pieces[:1], []
    for (kind, facts), piece in zip(html.gaps, html.pieces[1:], strict=True):
        if kind == TEXT:
            pieces[-1] += facts + piece
        else:
            gaps.append((kind, facts if kind == WORDS else ""))
            pieces.append(piece)
    return Gapped(pieces, gaps)


def without_indents(html: str) -> str:
    """HTML without blank lines and indents. Not for members' text, in which code has indents."""
    return sub(r"\s*\n\s*", "\n", html)


def _article_state(node: Node) -> list[Any]:
    """Everything that `_comment.html` shows, except about the author (_Kept._author_state)."""
    comment, answers = node.comment, node.answers
    return [
        *(getattr(comment, column) for column in COLUMNS_OF_COMMENT),
        comment.hold_reasons if comment.is_held else None,
        comment.has_plain_links,
        comment.author_name,
        comment.link_query,
        comment.is_by_host,
        node.is_tomb,
        node.shown_status,
        node.old_anchor,
        node.later,
        answers and [node.answers_address, answers.author_name, answers.status],
    ]
