"""The page of a post with its comments, rendered once for all readers.

What depends only on the version of the post is rendered once for each kind of reader and cached, with
placeholders for the reader's own parts (comments/views/thread_parts.py). The cache is never stale, because
the version is part of the key (docs/decisions/0008).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, cast

from django.contrib.auth.middleware import get_user
from django.contrib.auth.models import AnonymousUser
from django.core.cache import caches
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.functional import cached_property

from accounts.models import User
from comments.models import Comment
from comments.thread.live import microseconds
from comments.thread.pagination import Order, read_number, read_order, url_of
from comments.thread.personalize import CachedThread
from comments.thread.render import ThreadPage, read_page
from comments.thread.version import read_version
from comments.views.thread_parts import OwnParts
from comments.views.thread_request import ThreadRequest
from core.markup.safe import json_ld
from core.pagecache.making import digest, made_once
from core.pagecache.placeholders import Encoded, GapCollector, Gapped
from core.prepared import A_NUMBER, Prepared
from core.utils.writer_slots import unless_locked
from core.web.conditional import SameForAllVisitors
from posts.models import Post
from posts.views import PostDetailView

_post_there: Prepared[Post] = Prepared(lambda post: Post.objects.with_author().filter(pk=post), post=A_NUMBER)

# The minimum number of comments for a search form.
MANY = 9
# Stands for the number of comments in cached HTML.
NUMBERED = {"commentCount": 900719925474099103}
COLUMNS_OF_AUTHOR = [
    field.attname
    for field in User._meta.concrete_fields
    if field.name not in {"last_login", "last_active_at", "summary_due_at"}
]


@dataclass(frozen=True)
class PageFrame:
    """A whole page with placeholders, and the part of the thread to insert; None if it is in already."""

    page: Encoded
    thread: ThreadPage | None
    # The thread as most members of this kind see it.
    cached_thread: CachedThread | None = None
    # What is beside it for most members (OwnParts.usual).
    usual: dict[str, bytes] = field(default_factory=dict)

    @property
    def weight(self) -> int:
        """Its approximate size in bytes. The part of the thread is cached on its own."""
        own = self.cached_thread.weight if self.cached_thread else 0
        return self.page.weight + own + sum(map(len, self.usual.values()))


class PostThreadView(SameForAllVisitors, PostDetailView):
    """A post and a part of its thread.

    Query parameters: those of comments.views.thread_request.ThreadRequest, and `comment`, which redirects to
    that comment, even if it is on another post.
    """

    request_class = ThreadRequest

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # request.user itself, not its lazy proxy: it is read a hundred times
        self.reader: User | AnonymousUser = get_user(request)
        version = read_version(kwargs["slug"], self.reader, self.post_kind)
        if version is None:
            return self.redirect_or_404()
        self.asked = asked = self.request_class(request, kwargs["slug"], self.post_kind, self.reader, version)
        self.own = OwnParts(asked)
        if away := self.moved_comment_url():
            return redirect(away)
        self.remember_order()
        if asked.is_visitor:
            return self.respond_to_visitor(request)
        frame = self.get_frame()
        if frame.thread is not None:
            self.own.usual = frame.usual
            self.own.parts = self.own.get_reader_parts(frame.thread, frame.cached_thread)
        return HttpResponse(frame.page.fill(self.own.fill_gap))

    def respond_to_visitor(self, request: HttpRequest) -> HttpResponse:
        """The page that all visitors share: with an ETag, and compressed once. It contains no secret."""
        etag = f'W/"{self.asked.fingerprint}"'
        response = cast(HttpResponse | None, get_conditional_response(request, etag=etag))
        if response is None:
            page = self.get_frame().page
            response = HttpResponse()
            if "gzip" in request.headers.get("Accept-Encoding", ""):
                response.content = page.fill_compressed(self.own.fill_gap)
                response["Content-Encoding"] = "gzip"
            else:
                response.content = page.fill(self.own.fill_gap)
        response["ETag"] = etag
        patch_vary_headers(response, ["Accept-Encoding"])
        return response

    @property
    def list_reader(self) -> User | AnonymousUser:
        return self.reader

    @cached_property
    def object(self) -> Post:
        """The post, which this reader may read (read_version). Not read for a cached page."""
        post = _post_there.first(post=self.asked.version.pk)
        if post is None:
            raise Http404
        return post

    def moved_comment_url(self) -> str:
        """The URL of a comment named in the query string that was moved to another post.

        None if the reader could not open it by its number alone (PostQuerySet.reached_by).
        """
        query = self.request.GET
        number = (
            read_number(query.get("comment", ""))
            or read_number(query.get("branch", ""))
            or read_number(query.get("reply", ""))
        )
        if not number:
            return ""
        comments = Comment.objects.visible_to(self.reader).reached_by(self.reader, self.kwargs["slug"])
        comments = comments.select_related("post")
        comment = comments.filter(pk=number).first()
        if "comment" in query and (comment is None or comment.post_id != self.asked.version.pk):
            # Its number on the blog it was imported from.
            comment = (
                comments.filter(post=self.asked.version.pk, source_key__endswith=f":comment:{number}").first()
                or comment
            )
        if comment is None or (comment.post_id == self.asked.version.pk and "comment" not in query):
            return ""
        return url_of(comment, self.asked.default_order, self.reader)

    def remember_order(self) -> None:
        """Store the order that a member chose."""
        requested = read_order(self.request.GET.get("sort", ""), self.asked.default_order)
        if isinstance(self.reader, User) and requested is not self.asked.default_order:
            with unless_locked():
                User.objects.filter(pk=self.reader.pk).update(thread_order=requested)
            self.asked.default_order = requested

    def get_frame(self) -> PageFrame:
        asked = self.asked
        if not asked.is_shared:
            return self.make_frame()
        key = digest([asked.fingerprint, asked.is_visitor, asked.is_idle, asked.path])
        return made_once(caches["pages"], key, self.make_frame)

    def make_frame(self) -> PageFrame:
        """Render what changes with each comment. The rest (head, post, form) is cached separately."""
        asked, own = self.asked, self.own
        thread = read_page(self.object, asked.position, self.reader, sees_more=asked.version.sees_more)
        page = self.kept_part(
            "around", self.make_around, bool(self.object.comment_count), self.author_state
        ).with_parts(
            {"talk": self.make_thread_page(thread), "count": self.make_count(), "data": self.make_data()}
        )
        cached_thread, usual = None, {}
        if self.reader.is_authenticated:
            everybodys = replace(
                own.get_reader_parts(thread),
                reader=User(pk=0),
                news=None,
                muted=frozenset(),
                compose="",
                composing=0,
                ticked=frozenset(),
            )
            cached_thread = CachedThread.of(thread, everybodys)
            own.parts = everybodys
            usual = {kind: str(own.fill_gap(kind, None)).encode() for kind in ("faces", "map")}
        return PageFrame(page.encoded(), None if asked.is_visitor else thread, cached_thread, usual)

    def kept_part(self, name: str, make: Callable[[], Gapped], *state: Any) -> Gapped:
        """A part of the page that does not depend on comments, cached unless the page is one reader's own."""
        asked = self.asked
        if not asked.is_shared:
            return make()
        where = [asked.is_visitor, asked.is_idle, asked.path]
        return made_once(caches["pages"], digest([name, *state, *where, *asked.looks]), make)

    @cached_property
    def author_state(self) -> list[Any]:
        """Everything that may be shown about the author of the post.

        A change raises the version of the thread, too, but that is not part of `looks`. Read before anything
        is rendered: rendering stores data about the picture in the object.
        """
        author = self.object.author
        if author is None:
            return []
        return [*map(vars(author).get, COLUMNS_OF_AUTHOR)]

    def make_around(self) -> Gapped:
        """The whole page except the comments and their number."""
        gaps = self.collector()
        gaps.kinds |= {"talk", "count", "data"}
        prefetch_related_objects([self.object], "tags")
        context = self.get_context_data(object=self.object) | self.shared_context(gaps) | {"thread": True}
        return gaps.cut(cast(TemplateResponse, self.render_to_response(context)).rendered_content)

    def make_count(self) -> Gapped:
        return Gapped([render_to_string("posts/_comment_count.html", {"post": self.object})], [])

    def make_data(self) -> Gapped:
        """The structured data of the post, with the number of comments."""
        data = self.kept_part("data", self.make_data_without_number, self.author_state)
        return data.with_parts({"number": Gapped([str(self.object.comment_count)], [])})

    def make_data_without_number(self) -> Gapped:
        prefetch_related_objects([self.object], "tags")
        data = [{**one, **NUMBERED} if "commentCount" in one else one for one in self.structured_data()]
        html = self.own.render("posts/_structured_data.html", {"structured_data": data})
        pieces = html.split(str(NUMBERED["commentCount"]))
        return Gapped(pieces, [("number", None)] * (len(pieces) - 1))

    def make_thread_page(self, thread: ThreadPage) -> Gapped:
        """The comments and what is around them. What a comment changes is inserted into cached HTML."""
        post, people = self.object, thread.overview.people
        state = [
            thread.position,
            thread.previous,
            thread.next,
            thread.overview.pages,
            people > 1,
            bool(thread),
        ]
        frame = self.kept_part(
            "talk", partial(self.make_discussion_frame, thread), min(post.comment_count, MANY + 1), *state
        )
        parts = {
            "heading": render_to_string("comments/_talk_heading.html", {"post": post, "people": people}),
            "since": str(microseconds(post.last_comment_at)),
        }
        if self.asked.is_visitor:
            # Visitors have no parts of their own.
            self.own.parts = self.own.get_reader_parts(thread)
            parts |= {kind: str(self.own.fill_gap(kind, None)) for kind in ("faces", "map", "comments")}
            parts["described"] = json_ld(thread.structured)
        talk = frame.with_parts({kind: Gapped([html], []) for kind, html in parts.items()})
        return (
            talk.with_parts({"form": self.kept_part("form", self.make_form)}) if self.asked.is_idle else talk
        )

    def make_discussion_frame(self, thread: ThreadPage) -> Gapped:
        """The HTML around the comments, with placeholders for what comments change and for the form."""
        gaps = self.collector()
        gaps.kinds |= {"heading", "faces", "map", "comments", "since", "form"}
        if self.asked.is_visitor:
            gaps.kinds |= {"described"}
        orders = {"page": thread, "orders": list(Order), "default_order": self.asked.default_order}
        context = self.shared_context(gaps) | {"post": self.object, "thread": orders, "many": MANY}
        return gaps.cut(self.own.render("comments/_thread.html", context))

    def make_form(self) -> Gapped:
        """The comment form without any text."""
        gaps = self.collector()
        return gaps.cut(self.own.render_form(self.shared_context(gaps)))

    def collector(self) -> GapCollector:
        if self.asked.is_visitor:
            return GapCollector()
        kinds = {"me", "messages", "kept", "news"}
        if self.reader.is_authenticated:
            kinds |= {"writer", "follow", "bookmark"}
        if self.asked.kind.may_edit_posts:
            kinds |= {"facts"}
        return GapCollector(kinds)

    def shared_context(self, gaps: GapCollector) -> dict[str, Any]:
        """The context of all templates: the kind of reader and the rules."""
        token = "" if self.asked.is_visitor else gaps.mark("token", None)
        version = self.asked.version
        return {"gaps": gaps, "user": self.asked.kind, "csrf_token": token, "rules": version.rules}
