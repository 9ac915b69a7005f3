"""A reader's own parts of the page of a post, which fill its placeholders: menu, forms, new comments."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import get_messages
from django.core.cache import caches
from django.db.models import TextField
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import get_language

from accounts.models import User
from comments.forms.comment import CommentForm
from comments.forms.guest import VisitorForm
from comments.forms.pending import remembered
from comments.services.welcome import welcome
from comments.thread.nodes import CommentInfo
from comments.thread.pagination import read_number
from comments.thread.personalize import CachedThread, ReaderParts
from comments.thread.render import ThreadPage
from comments.thread.unread import News, news_for
from comments.views.thread_request import ThreadRequest
from core.models import SiteSettings
from core.pagecache.making import digest
from core.pagecache.placeholders import GapCollector, Gapped
from core.utils.build_id import RELEASE
from core.utils.cookies import cookie_name
from posts.models import Post

# A member's columns, except long texts and the time of the last visit: if one changes, their menu is rendered
# again.
COLUMNS_OF_MEMBER = [
    field.attname
    for field in User._meta.concrete_fields
    if not isinstance(field, TextField)
    and field.name not in {"last_login", "last_active_at", "summary_due_at"}
]


class OwnParts:
    """asked: the request. Before the comments are filled in, `parts` is set for the thread on the page."""

    parts: ReaderParts
    # What is beside the comments for members who muted no one and to whom nothing is new, by kind.
    usual: dict[str, bytes] = {}
    # The comments on this page, each with a checkbox; set once the thread is known.
    pks_here: frozenset[int] = frozenset()

    def __init__(self, asked: ThreadRequest) -> None:
        self.asked = asked

    @cached_property
    def news(self) -> News | None:
        if not isinstance(self.asked.reader, User) or self.asked.request.method != "GET":
            return None
        return news_for(self.asked.reader, self.asked.version, self.asked.position.order)

    def get_reader_parts(self, thread: ThreadPage, cached_thread: CachedThread | None = None) -> ReaderParts:
        reader = self.asked.reader
        self.pks_here = thread.pks
        return ReaderParts(
            is_open=self.asked.takes_writer,
            page=thread,
            reader=reader,
            is_moderator=self.asked.kind.is_moderator,
            may_write=self.asked.kind.may_write,
            news=self.news,
            muted=reader.muted_ids
            if isinstance(reader, User) and self.asked.version.has_mutes
            else frozenset(),
            compose=self.render_answer_form(),
            composing=self.asked.parent.pk if self.asked.parent else 0,
            ticked=self.asked.ticked,
            default_order=self.asked.default_order,
            is_memorial=self.asked.post_kind == Post.Kind.MEMORIAL,
            link_query=self.asked.post_of_forms.link_query,
            cached_thread=cached_thread,
            prepared=cached_thread.prepared if cached_thread else {},
        )

    def fill_gap(self, kind: str, _facts: CommentInfo | None) -> str | bytes:
        match kind:
            case "token":
                return self.asked.token
            case "me":
                return self.render_me()
            case "messages":
                return self.render("_messages.html", {}) if len(get_messages(self.asked.request)) else ""
            case "kept":
                return self.render_kept()
            case "news":
                return self.render_news()
            case "comments":
                return self.parts.render()
            case "form":
                return self.render_form()
            case "map" | "faces" if kind in self.usual and self.parts.is_usual:
                return self.usual[kind]
            case "map":
                return self.render_map()
            case "faces":
                return self.render_faces()
            case "bookmark":
                return self.render_bookmark()
            case "facts":
                return import_string(settings.POST_FACTS)(self.asked.version.pk)
            case "writer":
                return str(self.asked.reader.pk)
            case "follow":
                return self.keep(
                    "follow",
                    [self.asked.version.more["follow_level"]],
                    "comments/_follow.html",
                    lambda: {"post": self.asked.post_of_forms},
                )
            case _:
                raise LookupError(kind)

    def render_me(self) -> str:
        reader = self.asked.reader
        if not isinstance(reader, User):
            return self.render("_me.html", {"user": reader})
        state = [
            *map(reader.__dict__.get, COLUMNS_OF_MEMBER),
            reader.uses_admin,
            reader.uses_admin and reader.has_perm("posts.add_post"),
            self.asked.version.more["unread_alerts"],
            self.asked.request.COOKIES.get(cookie_name("theme")),
            timezone.localdate(),
        ]
        return self.keep("me", state, "_me.html", lambda: {"user": reader})

    def keep(
        self,
        name: str,
        state: list[Any],
        template: str,
        context: Callable[[], dict[str, Any]],
        *,
        is_plain: bool = False,
    ) -> str:
        """A cached part of the page that depends only on `state` and the URL.

        is_plain: its template does not use the request.
        """
        state = [
            RELEASE,
            SiteSettings.current().version,
            get_language(),
            timezone.get_current_timezone_name(),
            name,
            self.asked.path,
            *state,
        ]
        cache, key = caches["parts"], digest(state)
        part: Gapped | None = cache.get(key)
        if part is None:
            gaps = GapCollector({"token"})
            if is_plain:
                part = Gapped([render_to_string(template, context())], [])
            else:
                known = context() | self.asked.version.more | {"csrf_token": gaps["token"]}
                part = gaps.cut(self.render(template, known))
            cache.set(key, part)
        return part.fill(lambda *_: self.asked.token)

    def render(self, template: str, context: dict[str, Any]) -> str:
        return str(render_to_string(template, context, self.asked.request))

    def render_kept(self) -> str:
        """A note that text of this reader is pending, in the form or until the emailed code is entered."""
        if self.asked.kept and self.asked.reader.is_authenticated:
            return self.render("comments/_kept_text.html", {})
        pending = remembered(self.asked.request, self.asked.version.pk)
        return self.render("comments/_pending_note.html", {"pending": pending}) if pending else ""

    def render_news(self) -> str:
        if self.news is None or not self.news.comments or not isinstance(self.asked.reader, User):
            return ""
        first = self.parts.link_to(self.news.comments[0])
        return self.render(
            "comments/_news.html",
            {
                "address": first,
                "count": len(self.news.comments),
                "has_more": self.news.has_more,
                "back": welcome(
                    self.asked.reader, self.news.since, self.news.comments, muted=self.parts.muted
                ),
            },
        )

    def render_bookmark(self) -> str:
        """The actions for the post itself. Suspended members cannot thank."""
        version = self.asked.version
        state = {
            "is_bookmarked": version.is_bookmarked,
            "is_thanked": version.is_thanked,
            "can_thank": self.asked.kind.may_write and not version.is_own,
        }
        return self.keep(
            "bookmark",
            [*state.values()],
            "comments/_bookmark.html",
            lambda: {"post": self.asked.post_of_forms, **state},
        )

    def render_faces(self) -> str:
        faces = self.parts.page.overview.faces_for(self.parts.muted)
        state = [
            (one.pk, one.avatar.name, one.initial, one.has_birthday_for(AnonymousUser())) for one in faces
        ]
        return self.keep("faces", state, "comments/_faces.html", lambda: {"faces": faces}, is_plain=True)

    def render_map(self) -> str:
        """The table of contents beside the thread, which marks what is new."""
        page, news = self.parts.page, self.parts.news
        if not page.overview.entries:
            return ""
        fresh = page.in_branches({*news.comments}) if news else {}
        entries = page.overview.entries_for(self.parts.muted, fresh)
        return self.keep("map", entries, "comments/_map.html", lambda: {"entries": entries}, is_plain=True)

    @property
    def is_answer_kept(self) -> bool:
        return bool(self.asked.kept) and read_number(self.asked.kept.get("parent", "")) == (
            self.asked.parent.pk if self.asked.parent else 0
        )

    def render_answer_form(self) -> str:
        """The form under the comment that is replied to."""
        if self.asked.parent is None:
            return ""
        is_member = self.asked.reader.is_authenticated
        words = self.asked.kept.get("body", "") if self.is_answer_kept else ""
        form = (CommentForm if is_member else VisitorForm)(
            post=self.asked.post_of_forms, parent=self.asked.parent, initial={"body": words}
        )
        template = "comments/_comment_form.html" if is_member else "comments/_visitor_form.html"
        return self.render(
            template,
            {
                "form": form,
                "post": self.asked.post_of_forms,
                "parent": self.asked.parent,
                "pks_here": self.pks_here,
            },
        )

    def render_form(self, shared: dict[str, Any] | None = None) -> str:
        """The comment form. shared: a context with a stand-in for the reader, for HTML that many share."""
        form_class = CommentForm if self.asked.reader.is_authenticated else VisitorForm
        form = form_class(
            post=self.asked.post_of_forms,
            initial={
                "body": "" if self.asked.parent and self.is_answer_kept else self.asked.kept.get("body", "")
            },
        )
        context = {
            "new_form": form,
            "post": self.asked.post_of_forms,
            "parent": self.asked.parent,
            "pks_here": self.pks_here,
            "rules": self.asked.version.rules,
            "takes_writer": self.asked.takes_writer,
        } | self.asked.version.more
        return self.render("comments/_thread_form.html", context | (shared or {}))
