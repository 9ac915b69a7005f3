"""Comments as HTML, each rendered once for each version of what is shown of it, and kept.

A template takes a millisecond for a comment. A new one makes the whole page new, but only itself and the numbers of replies
above it look different: everything else is joined from what is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
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
from comments.thread.nodes import CommentInfo, Node, info_of
from core.markup.newcomers import unlinked
from core.markup.safe import assembled, trusted
from core.models import SiteSettings
from core.pagecache.placeholders import GapCollector, Gapped
from core.utils.build_id import RELEASE

# What later apps show at a comment (settings.COMMENT_SLOTS) is not part of what is kept.
SLOT = "slot"
# The text of a new member with links; its placeholder keeps it as others see it.
WORDS = "words"
# Any other text, while the rest is made smaller.
TEXT = "text"
Slot = Callable[[Context, str], str]
COLUMNS_OF_COMMENT = ("pk", "html", "fold_at", "folded_words", "status", "level", "created_at", "edited_at", "guest_name", "guest_url", "pinned_at", "chosen_at", "closed_at", "corrected_at")  # fmt: skip
COLUMNS_OF_AUTHOR = ("pk", "username", "display_name", "avatar", "is_active", "silent_until", "birthday_day", "birthday_month", "birthday_year", "birthday_in_march", "birthday_seen_by")  # fmt: skip


def render_nodes(nodes: list[Node], context: Context, slot: Slot) -> SafeString:
    """The list of comments of a window. context: with post and gaps, and what the slots need; slot: renders one of them."""
    return assembled(_parts(nodes, context, slot))


def comment_words(comment: Comment, html: str) -> SafeString:
    """A comment's text, with what is folded behind "Read more". html: its HTML, with links or without (Comment.public_html)."""
    if not comment.fold_at:
        return trusted(html)
    before, behind = comment.html[: comment.fold_at], comment.html[comment.fold_at :]
    if html != comment.html:
        before, behind = unlinked(before), unlinked(behind)
    parts = {"before": trusted(before), "behind": trusted(behind)}
    return render_to_string("comments/_words.html", {"comment": comment, **parts})


def _parts(nodes: list[Node], context: Context, slot: Slot) -> Iterator[str]:
    gaps: GapCollector = context["gaps"]
    # What each of them is kept by, besides its own state.
    where = [RELEASE, get_language(), timezone.get_current_timezone_name(), SiteSettings.current().date_style]
    for node in nodes:
        info = info_of(node.comment)
        classes = "".join(
            name
            for name, holds in ((" has", node.opens), (" tomb", node.is_tomb), (" deep", node.is_deep))
            if holds
        )
        yield f'<li class="node{classes}">'
        article = _kept([*where, *_article_state(node)], "comments/_comment.html", {"node": node, "comment": node.comment, "post": context["post"]})  # fmt: skip
        yield article.fill(partial(_place, info=info, node=node, context=context, slot=slot))
        yield f'<div class="composing">{gaps.mark("compose", info)}</div>'
        if node.opens:
            state = [
                *where,
                node.is_tomb,
                node.comment.author_name,
                node.reply_count,
                node.more_names,
                node.first_names,
            ]
            yield f'<details class="replies"{gaps.mark("open", info)}>'
            yield _kept(state, "comments/_replies.html", {"node": node}).pieces[0]
            yield '<ol role="list">'
        else:
            yield "</li>"
        yield "</ol></details></li>" * node.closes


def _place(kind: str, words: str, info: CommentInfo, node: Node, context: Context, slot: Slot) -> str:
    """A placeholder of the window instead of that of the kept comment. words: of those of kind WORDS."""
    if kind != SLOT:
        mark: str = context["gaps"].mark(kind, info._replace(words=words) if kind == WORDS else info)
        return mark
    with context.push(comment=node.comment):
        return slot(context, "comment")


def _kept(state: list[Any], template: str, context: dict[str, Any]) -> Gapped:
    """What a template makes of a state, with placeholders without data but the words of those of kind WORDS."""
    key = blake2b(repr([template, *state]).encode(), digest_size=16).hexdigest()
    cache = caches["comments"]
    kept: Gapped | None = cache.get(key)
    if kept is None:
        gaps = GapCollector()
        html = gaps.cut(render_to_string(template, context | {"gaps": gaps}))
        kept = _with_texts(Gapped([*map(without_indents, html.pieces)], html.gaps))
        cache.set(key, kept)
    return kept


def _with_texts(html: Gapped) -> Gapped:
    """With the texts in their places, and without data for other placeholders but those of kind WORDS."""
    pieces, gaps = html.pieces[:1], []
    for (kind, facts), piece in zip(html.gaps, html.pieces[1:], strict=True):
        if kind == TEXT:
            pieces[-1] += facts + piece
        else:
            gaps.append((kind, facts if kind == WORDS else ""))
            pieces.append(piece)
    return Gapped(pieces, gaps)


def without_indents(html: str) -> str:
    """HTML without blank lines and indents. Not for what people wrote: code has its own."""
    return sub(r"\s*\n\s*", "\n", html)


def _article_state(node: Node) -> list[Any]:
    """Everything that `_comment.html` shows."""
    comment, answers = node.comment, node.answers
    return [
        *(getattr(comment, column) for column in COLUMNS_OF_COMMENT),
        comment.hold_reasons if comment.is_held else None,
        comment.has_plain_links,
        comment.author_name,
        comment.is_by_host,
        comment.author is not None and comment.author.is_moderator,
        node.is_tomb,
        node.shown_status,
        node.old_anchor,
        node.later,
        _author_state(comment.author),
        answers and [node.answers_address, answers.author_name, answers.status],
    ]


def _author_state(author: User | None) -> list[Any] | None:
    if author is None:
        return None
    links = [[value for name, value in vars(link).items() if name != "_state"] for link in author.links.all()]
    birthday = timezone.localdate() if author.birthday_day else None  # who wears a party hat
    columns = (str(getattr(author, column)) for column in COLUMNS_OF_AUTHOR)
    return [*columns, author.is_veiled, author.is_known, birthday, links]
