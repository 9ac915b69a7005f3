"""The reader's own parts of a thread, which fill the placeholders of the shared page."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.humanize.templatetags.humanize import intcomma
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import get_language

from accounts.models import User
from comments.models import Comment, Thanks
from comments.thread.fragments import WORDS, comment_text, without_indents
from comments.thread.nodes import CommentInfo
from comments.thread.pagination import Order
from comments.thread.render import ThreadPage
from comments.thread.unread import News
from core.prepared import A_NUMBER, NUMBERS, Prepared

# Stand-ins for the values of a comment in HTML that is rendered once for all comments.
STAND_IN_PK = 900719925474099101
STAND_IN_NAME = "name-of-the-author-of-900719925474099101"
STAND_IN_THANKS = "how-many-thanks-stand-here"
STAND_IN_QUERY = "the-slug-if-links-need-it"
STAND_IN_REPLY = "address-to-answer-900719925474099101"


@dataclass(frozen=True)
class CommentActions:
    """What a reader may do with a comment.

    Readers with equal values share one rendering of `_actions.html`.
    """

    is_member: bool
    is_moderator: bool
    may_write: bool
    is_own: bool
    is_public: bool
    is_thanked: bool
    has_thanks: bool
    can_reply: bool
    is_ticked: bool
    is_pinned: bool = False
    is_chosen: bool = False
    is_closed: bool = False
    # On a memorial, thanks are candles.
    is_memory: bool = False

    @property
    def only_counts_thanks(self) -> bool:
        """Whether thanks are a number, not a button. Suspended members can still withdraw theirs."""
        return self.is_own or not (self.may_write or self.is_thanked)


@dataclass(frozen=True)
class CachedThread:
    """A thread as most members see it: without new comments, own comments or thanks of theirs.

    pieces: the HTML with filled placeholders. gaps: for each comment, where these are in `pieces`, and their
    kinds. prepared: see ReaderParts; all readers of `pieces` have the same reply URLs.
    """

    html: bytes
    pieces: list[bytes]
    gaps: dict[int, list[tuple[int, str, CommentInfo]]]
    prepared: dict[CommentActions, str]

    @property
    def weight(self) -> int:
        """Its approximate size in bytes."""
        return 2 * len(self.html) + 100 * len(self.pieces)

    @classmethod
    def of(cls, page: ThreadPage, parts: ReaderParts) -> CachedThread:
        """Fill the page. parts: those of a member who wrote nothing."""
        encoded = page.html.encoded()
        pieces = [encoded.pieces[0]]
        gaps: dict[int, list[tuple[int, str, CommentInfo]]] = {}
        for (kind, info), piece in zip(encoded.gaps, encoded.pieces[1:], strict=True):
            gaps.setdefault(info.pk, []).append((len(pieces), kind, info))
            pieces += (parts(kind, info).encode(), piece)
        return cls(b"".join(pieces), pieces, gaps, parts.prepared)


@dataclass
class ReaderParts:
    """Fills the placeholders of `page` for one reader.

    compose: inserted under the comment `composing`: the reply form. ticked: further comments that the form
    replies to.
    """

    is_open: bool
    page: ThreadPage
    reader: User | AnonymousUser
    is_moderator: bool = False
    may_write: bool = True
    news: News | None = None
    muted: frozenset[int] = frozenset()
    compose: str = ""
    composing: int = 0
    ticked: frozenset[int] = frozenset()
    default_order: Order = Order.OLDEST
    is_memorial: bool = False
    # The end of the links to comments (Post.link_query).
    link_query: str = ""
    cached_thread: CachedThread | None = None
    prepared: dict[CommentActions, str] = field(default_factory=dict)

    def render(self) -> str | bytes:
        """The thread for this reader."""
        if self.cached_thread is None:
            return self.page.html.fill(self)
        special = self.special & self.cached_thread.gaps.keys()
        if not special:
            return self.cached_thread.html
        pieces = self.cached_thread.pieces.copy()
        for pk in special:
            for index, kind, info in self.cached_thread.gaps[pk]:
                pieces[index] = self(kind, info).encode()
        return b"".join(pieces)

    @cached_property
    def special(self) -> set[int]:
        """The comments that look different for this reader."""
        special = {self.composing, *self.thanked, *self.ticked}
        for author in (self.reader.pk, *self.muted):
            special.update(self.page.by_author.get(author, ()))
        if self.news is not None and self.news.comments:
            special |= {info.pk for info in self.page.infos if self.is_new(info)}
        return special

    @property
    def is_usual(self) -> bool:
        """Whether everything besides the comments is as for most readers: no one muted, nothing new."""
        return not self.muted and not (self.news and self.news.comments)

    @cached_property
    def is_member(self) -> bool:
        return bool(self.reader.is_authenticated)

    @cached_property
    def thanked(self) -> frozenset[int]:
        """The comments on this page that the reader thanked for."""
        if not self.page.thanked or not self.is_member:
            return frozenset()
        rows = _thanked_among.rows(member=self.reader.pk, comments=self.page.thanked)
        return frozenset(comment for (comment,) in rows)

    @cached_property
    def linked_texts(self) -> dict[int, str]:
        """Texts of new members whose links are links for this reader: their own, or all for moderators."""
        wanted = [
            info.pk
            for kind, info in self.page.html.gaps
            if kind == WORDS and (self.is_moderator or self.is_by_reader(info))
        ]
        if not wanted:
            return {}
        found = Comment.objects.filter(pk__in=wanted)
        return {comment.pk: comment_text(comment, comment.html) for comment in found}

    @cached_property
    def next_new(self) -> dict[int, str]:
        """Links from each new comment to the next one."""
        if self.news is None:
            return {}
        fresh = self.news.comments
        return {pk: self.link_to(following) for pk, following in zip(fresh, [*fresh[1:], 0], strict=True)}

    def link_to(self, pk: int) -> str:
        """The URL of a comment of this post: its anchor if it is on this page, otherwise its permalink."""
        if not pk:
            return ""
        if pk in self.page.pks:
            return f"#comment-{pk}"
        return reverse("comments:comment-detail", args=[pk]) + self.link_query

    def is_new(self, info: CommentInfo) -> bool:
        return (
            self.news is not None
            and info.published > self.news.since.timestamp()
            and info.author_id != self.reader.pk
        )

    def is_by_reader(self, info: CommentInfo) -> bool:
        return self.is_member and info.author_id == self.reader.pk

    def __call__(self, kind: str, info: CommentInfo) -> str:
        match kind:
            case "actions":
                return self.actions(info)
            case "words":
                return self.linked_texts.get(info.pk, info.words)
            case "compose":
                return self.compose if info.pk == self.composing else ""
            case "mine" | "not_mine":
                return "" if self.is_by_reader(info) == (kind == "mine") else " hidden"
            case "class":
                return " new" if self.is_new(info) else ""
            case "badge":
                return _badge(get_language(), self.next_new.get(info.pk, "")) if self.is_new(info) else ""
            case "open":
                return "" if info.author_id in self.muted else " open"
            case "mute":
                return _part("comments/_muted.html", get_language()) if info.author_id in self.muted else ""
            case "endmute":
                return "</details>" if info.author_id in self.muted else ""
            case _:
                raise LookupError(kind)

    def actions(self, info: CommentInfo) -> str:
        kind = CommentActions(
            is_member=self.is_member,
            is_moderator=self.is_moderator,
            may_write=self.may_write,
            is_own=self.is_by_reader(info),
            is_public=info.is_public,
            is_thanked=info.pk in self.thanked,
            has_thanks=info.thanks > 0,
            can_reply=self.is_open and info.is_public and self.may_write and not info.is_in_closed_branch,
            is_ticked=info.pk in self.ticked,
            # Only those who can change it see buttons that depend on it.
            is_pinned=self.is_moderator and info.is_pinned,
            is_chosen=self.is_moderator and info.is_chosen,
            is_closed=self.is_moderator and info.is_closed,
            is_memory=self.is_memorial,
        )
        text = (
            self.actions_of_kind(kind)
            .replace(STAND_IN_NAME, info.name)
            .replace(str(STAND_IN_PK), str(info.pk))
        )
        return text.replace(STAND_IN_THANKS, intcomma(info.thanks)) if info.thanks else text

    def actions_of_kind(self, kind: CommentActions) -> str:
        """The rendered actions, except for the comment's number and name."""
        if kind not in self.prepared:
            reply = escape(f"{self.page.position.query(self.default_order, reply=STAND_IN_PK)}#reply")
            acts = _acts(kind, get_language()).replace(STAND_IN_REPLY, reply)
            self.prepared[kind] = acts.replace(STAND_IN_QUERY, escape(self.link_query))
        return self.prepared[kind]


_thanked_among: Prepared[Thanks] = Prepared(
    lambda member, comments: Thanks.objects.filter(member=member, comment__in=comments).values_list(
        "comment_id"
    ),
    member=A_NUMBER,
    comments=NUMBERS,
)


class _StandIn:
    """Stands for any comment."""

    pk, link_query = STAND_IN_PK, STAND_IN_QUERY


def _render_actions(kind: CommentActions, _language: str) -> str:
    context: dict[str, Any] = {
        "actions": kind,
        "comment": _StandIn,
        "name": STAND_IN_NAME,
        "thanks": STAND_IN_THANKS if kind.has_thanks else "",
        "reply_address": STAND_IN_REPLY,
    }
    return without_indents(render_to_string("comments/_actions.html", context))


def _render_part(template: str, _language: str) -> str:
    return str(render_to_string(template))


def _render_badge(_language: str, next_address: str) -> str:
    return str(render_to_string("comments/_new_badge.html", {"next_address": next_address}))


# In development rendered templates are not cached.
_keep = (lambda function: function) if settings.DEBUG else lru_cache(maxsize=1000)
_acts, _part, _badge = _keep(_render_actions), _keep(_render_part), _keep(_render_badge)
