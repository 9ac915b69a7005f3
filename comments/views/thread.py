"""The page of a post with its comments, rendered once for all readers.

What depends only on the version of the post is rendered once for each kind of reader and cached, with placeholders for the
reader's own parts. The cache is never stale: the version is part of the key (docs/decisions/0008).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.middleware import get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import get_messages
from django.core.cache import caches
from django.db.models import TextField
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.crypto import get_random_string
from django.utils.functional import cached_property
from django.utils.translation import get_language

from accounts.models import User
from comments.forms.comment import CommentForm
from comments.forms.guest import VisitorForm
from comments.forms.pending import remembered
from comments.models import Comment
from comments.services.discussion import is_exempt
from comments.services.drafts import JUST_WROTE_COOKIE, kept_text
from comments.services.welcome import welcome
from comments.thread.nodes import CommentInfo
from comments.thread.pagination import (
    Order,
    ThreadPosition,
    find_position,
    read_number,
    read_numbers,
    read_order,
    url_of,
)
from comments.thread.personalize import CachedThread, ReaderParts
from comments.thread.render import ThreadPage, read_page
from comments.thread.unread import News, news_for
from comments.thread.version import PostVersion, read_version
from core.models import SiteSettings
from core.pagecache.making import made_once
from core.pagecache.placeholders import Encoded, GapCollector
from core.utils.build_id import RELEASE
from core.utils.cookies import cookie_name
from core.utils.writer_slots import unless_locked
from core.web.conditional import SameForAllVisitors, is_visitor
from core.web.context_processors import THEMES, announcement_for
from posts.models import Post
from posts.models.querysets import PostQuerySet
from posts.views import PostDetailView

# Stand-in for each reader's own CSRF token in a cached part. Known to this process only.
CSRF_STAND_IN = f"token-{get_random_string(40)}"
# A page with any other parameter is not cached.
SHARED_PARAMETERS = {"sort", "page", "before", "branch"}

# A member's columns except long texts and when they were here last: when one changes, their menu is rendered again.
COLUMNS_OF_MEMBER = [
    field.attname
    for field in User._meta.concrete_fields
    if not isinstance(field, TextField)
    and field.name not in {"last_login", "last_active_at", "summary_due_at"}
]


def _short(state: list[Any]) -> str:
    """A keyed hash of a state, in 32 letters. Without this site's key the state cannot be derived from it."""
    return blake2b(repr(state).encode(), digest_size=16, key=settings.SECRET_KEY.encode()[:64]).hexdigest()


@dataclass(frozen=True)
class ReaderKind:
    """Stand-in for the reader while a shared page is rendered."""

    is_authenticated: bool
    is_moderator: bool
    is_staff: bool
    may_write: bool = True
    # Not a member for long enough to comment here.
    is_too_new: bool = False
    may_edit_posts: bool = False


@dataclass(frozen=True)
class PageFrame:
    """A whole page with placeholders, and the part of the thread that goes into it; None where that is filled in already."""

    page: Encoded
    thread: ThreadPage | None
    # The thread as most members of the kind see it.
    cached_thread: CachedThread | None = None

    @property
    def weight(self) -> int:
        """About how many bytes it holds. The part of the thread is kept for itself."""
        return self.page.weight + (self.cached_thread.weight if self.cached_thread else 0)


class PostThreadView(SameForAllVisitors, PostDetailView):
    """A post and a part of its thread.

    Reads from the address: sort; page, before or branch (comments.thread.pagination.ThreadPosition); reply (a comment to reply to);
    comment (redirects to its position, under another post too).
    """

    # The comments on this page, each with a box to tick; known once the thread is there.
    pks_here: frozenset[int] = frozenset()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.reader: User | AnonymousUser = get_user(
            request
        )  # request.user itself, not its lazy proxy, which is accessed a hundred times
        version = read_version(kwargs["slug"], self.reader, self.post_kind)
        if version is None:
            return self.lead_elsewhere()
        self.version: PostVersion = version
        if away := self.place_elsewhere():
            return redirect(away)
        self.remember_order()
        if self.is_visitor:
            return self.respond_to_visitor(request)
        frame = self.get_frame()
        if frame.thread is not None:
            self.parts = self.get_reader_parts(frame.thread, frame.cached_thread)
        return HttpResponse(frame.page.fill(self.fill_gap))

    def respond_to_visitor(self, request: HttpRequest) -> HttpResponse:
        """The page that is the same for all of them: with an ETag, and compressed once for all. There is no secret in it."""
        etag = f'W/"{self.fingerprint}"'
        response = cast(HttpResponse | None, get_conditional_response(request, etag=etag))
        if response is None:
            page = self.get_frame().page
            response = HttpResponse()
            if "gzip" in request.headers.get("Accept-Encoding", ""):
                response.content = page.fill_compressed(self.fill_gap)
                response["Content-Encoding"] = "gzip"
            else:
                response.content = page.fill(self.fill_gap)
        response["ETag"] = etag
        patch_vary_headers(response, ["Accept-Encoding"])
        return response

    def listed_posts(self) -> PostQuerySet:
        return Post.objects.listed_for(self.reader)

    @cached_property
    def object(self) -> Post:
        """The post itself. A cached page does not need it."""
        return self.get_object()

    @cached_property
    def post_of_forms(self) -> Post:
        """The post with the columns that forms need; the rest is loaded on access."""
        known = {
            "id": self.version.pk,
            "slug": self.kwargs["slug"],
            "kind": self.post_kind,
            "visibility": self.version.visibility,
            "comments_open": self.version.rules.is_switched_on,
        }
        names = [field.attname for field in Post._meta.concrete_fields if field.attname in known]
        return Post.from_db(None, names, [known[name] for name in names])  # in the order of the columns

    @cached_property
    def token(self) -> str:
        return get_token(self.request)

    @cached_property
    def address(self) -> str:
        return self.post_of_forms.get_absolute_url()

    # --- which part of which thread --------------------------------------------------

    def place_elsewhere(self) -> str:
        """The address of a comment that this address names and that was moved to another post."""
        query = self.request.GET
        number = (
            read_number(query.get("comment", ""))
            or read_number(query.get("branch", ""))
            or read_number(query.get("reply", ""))
        )
        if not number:
            return ""
        comments = Comment.objects.visible_to(self.reader).select_related("post")
        comment = comments.filter(pk=number).first()
        if "comment" in query and (comment is None or comment.post_id != self.version.pk):
            # The number it had on the blog that it was imported from.
            comment = (
                comments.filter(post=self.version.pk, source_key__endswith=f":comment:{number}").first()
                or comment
            )
        if (
            comment is None
            or not comment.post.is_readable_by(self.reader)
            or (comment.post_id == self.version.pk and "comment" not in query)
        ):
            return ""
        return url_of(comment, self.default_order, self.reader)

    @cached_property
    def default_order(self) -> Order:
        return read_order(self.reader.thread_order) if isinstance(self.reader, User) else Order.OLDEST

    def remember_order(self) -> None:
        """Store the order that a member chose."""
        asked = read_order(self.request.GET.get("sort", ""), self.default_order)
        if isinstance(self.reader, User) and asked is not self.default_order:
            with unless_locked():
                User.objects.filter(pk=self.reader.pk).update(thread_order=asked)
            self.default_order = asked

    @cached_property
    def kept(self) -> dict[str, str]:
        """Text that waits in the session."""
        return kept_text(self.request, reverse("comments:comment-create", args=[self.kwargs["slug"]]))

    @cached_property
    def parent(self) -> Comment | None:
        """The comment that this reader is about to reply to; none for suspended members."""
        if not (self.kind.may_write and self.takes_writer):
            return None
        number = read_number(self.request.GET.get("reply", "")) or read_number(self.kept.get("parent", ""))
        if not number:
            return None
        parent = (
            Comment.objects.filter(post=self.version.pk, pk=number).public().select_related("author").first()
        )
        if parent is not None:
            parent.post = self.post_of_forms
        return parent

    @cached_property
    def ticked(self) -> frozenset[int]:
        """Comments that this reader ticked, to reply to them together: in the address, or before signing in."""
        return frozenset(read_numbers([*self.request.GET.getlist("also"), self.kept.get("also", "")]))

    @cached_property
    def position(self) -> ThreadPosition:
        position = ThreadPosition.from_query(self.request.GET, self.default_order)
        if self.parent is not None and not (position.key or position.branch):
            return find_position(self.parent, position.order, self.reader)
        return position

    # --- the cached part ------------------------------------------------------------------

    @cached_property
    def is_visitor(self) -> bool:
        """Whether nothing on the page is about this reader: signed out, without pending text or messages."""
        return (
            is_visitor(self.request)
            and not self.reader.is_authenticated
            and self.parent is None
            and JUST_WROTE_COOKIE not in self.request.COOKIES
        )

    @cached_property
    def is_idle(self) -> bool:
        """Whether the comment form is as for everybody: nothing typed, nobody chosen, nothing just posted."""
        if isinstance(self.reader, User) and not self.reader.may_write:
            return False
        asks = self.parent is not None or "also" in self.request.GET
        return not (asks or self.kept or JUST_WROTE_COOKIE in self.request.COOKIES)

    @cached_property
    def kind(self) -> ReaderKind:
        reader = self.reader
        if not isinstance(reader, User):
            return ReaderKind(is_authenticated=False, is_moderator=False, is_staff=False)
        return ReaderKind(
            is_authenticated=True,
            is_moderator=reader.is_moderator,
            is_staff=reader.is_staff,
            may_write=reader.may_write,
            is_too_new=self.is_too_new(reader),
            may_edit_posts=self.may_edit_posts,
        )

    def is_too_new(self, reader: User) -> bool:
        since = self.version.rules.known_since
        return since is not None and reader.date_joined > since and not is_exempt(reader)

    @property
    def takes_writer(self) -> bool:
        """Whether readers of this kind can comment here."""
        rules = self.version.rules
        return (
            rules.is_open
            and not self.kind.is_too_new
            and (self.kind.is_authenticated or rules.takes_visitors)
        )

    @cached_property
    def may_edit_posts(self) -> bool:
        """The admin is for staff alone, so members cost no look at their permissions."""
        return self.reader.is_staff and self.reader.has_perms(["posts.change_post", "posts.publish_post"])

    @cached_property
    def fingerprint(self) -> str:
        """Changes with everything that readers of a kind see alike."""
        cookies = self.request.COOKIES
        theme = cookies.get(cookie_name("theme"), "")
        state = [
            RELEASE,
            self.version.pk,
            self.version.thread_version,
            self.version.looks,
            self.version.sees_more,
            self.kind,
            self.default_order.value,
            SiteSettings.current().version,
            SiteSettings.current().title,
            announcement_for(self.request),
            settings.COMMENTS_PER_PAGE,
            timezone.get_current_timezone_name(),
            timezone.localdate(),  # whose birthday it is
            get_language(),
            theme if theme in THEMES else "",
        ]
        return _short(state)

    def get_frame(self) -> PageFrame:
        is_shared = (
            SHARED_PARAMETERS.issuperset(self.request.GET)
            # Moderators all see the same more.
            and (not self.version.sees_more or self.kind.is_moderator)
            and self.parent is None
        )
        if not is_shared:
            return self.make_frame()
        key = _short([self.fingerprint, self.is_visitor, self.is_idle, self.request.get_full_path()])
        return made_once(caches["pages"], key, self.make_frame)

    def make_frame(self) -> PageFrame:
        thread = read_page(self.object, self.position, self.reader, sees_more=self.version.sees_more)
        gaps = GapCollector(() if self.is_visitor else {"me", "messages", "kept", "news", "comments", "form"})
        if self.reader.is_authenticated:
            gaps.kinds |= {"writer", "follow", "map", "bookmark", "faces"}
        context = self.get_context_data(object=self.object) | {
            "thread": {"page": thread, "orders": list(Order), "default_order": self.default_order},
            "entries": thread.overview.entries_for(),
            "faces": thread.overview.faces_for(),
            "gaps": gaps,
            "rules": self.version.rules,
            "user": self.kind,
            "csrf_token": "" if self.is_visitor else gaps.mark("token", None),
        }
        if self.is_idle:
            gaps.kinds -= {"form"}
            gaps.ready["form"] = self.render_form(
                {"gaps": gaps, "user": self.kind, "csrf_token": context["csrf_token"]}
            )
        cached_thread = None
        if self.is_visitor:
            # A visitor has no parts of their own: the filled page is cached as well.
            gaps.ready["comments"] = thread.html.fill(self.get_reader_parts(thread))
        elif self.reader.is_authenticated:
            cached_thread = CachedThread.of(
                thread,
                replace(
                    self.get_reader_parts(thread),
                    reader=User(pk=0),
                    news=None,
                    muted=frozenset(),
                    compose="",
                    composing=0,
                    ticked=frozenset(),
                ),
            )
        html = gaps.cut(cast(TemplateResponse, self.render_to_response(context)).rendered_content)
        return PageFrame(html.encoded(), None if self.is_visitor else thread, cached_thread)

    # --- the reader's own parts --------------------------------------------------------

    @cached_property
    def news(self) -> News | None:
        if not isinstance(self.reader, User) or self.request.method != "GET":
            return None
        return news_for(self.reader, self.version, self.position.order)

    def get_reader_parts(self, thread: ThreadPage, cached_thread: CachedThread | None = None) -> ReaderParts:
        reader = self.reader
        self.pks_here = thread.pks
        return ReaderParts(
            is_open=self.takes_writer,
            page=thread,
            reader=reader,
            is_moderator=self.kind.is_moderator,
            may_write=self.kind.may_write,
            news=self.news,
            muted=reader.muted_ids if isinstance(reader, User) and self.version.has_mutes else frozenset(),
            compose=self.render_answer_form(),
            composing=self.parent.pk if self.parent else 0,
            ticked=self.ticked,
            default_order=self.default_order,
            cached_thread=cached_thread,
            prepared=cached_thread.prepared if cached_thread else {},
        )

    def fill_gap(self, kind: str, _facts: CommentInfo | None) -> str | bytes:
        match kind:
            case "token":
                return self.token
            case "me":
                return self.render_me()
            case "messages":
                return self.render("_messages.html", {}) if len(get_messages(self.request)) else ""
            case "kept":
                return self.render_kept()
            case "news":
                return self.render_news()
            case "comments":
                return self.parts.render()
            case "form":
                return self.render_form()
            case "map":
                return self.render_map()
            case "faces":
                faces = self.parts.page.overview.faces_for(self.parts.muted)
                state = [(member.pk, member.avatar.name) for member in faces]
                return self.keep("faces", state, "comments/_faces.html", lambda: {"faces": faces})
            case "bookmark":
                is_bookmarked = self.version.is_bookmarked
                return self.keep(
                    "bookmark",
                    [is_bookmarked],
                    "comments/_bookmark.html",
                    lambda: {"post": self.post_of_forms, "is_bookmarked": is_bookmarked},
                )
            case "writer":
                return str(self.reader.pk)
            case "follow":
                return self.keep(
                    "follow",
                    [self.version.more["follow_level"]],
                    "comments/_follow.html",
                    lambda: {"post": self.post_of_forms},
                )
            case _:
                raise LookupError(kind)

    def render_me(self) -> str:
        reader = self.reader
        if not isinstance(reader, User):
            return self.render("_me.html", {"user": reader})
        state = [
            *map(reader.__dict__.get, COLUMNS_OF_MEMBER),
            reader.is_staff and reader.has_perm("posts.add_post"),
            self.version.more["unread_alerts"],
            self.request.COOKIES.get(cookie_name("theme")),
            timezone.localdate(),
        ]
        return self.keep("me", state, "_me.html", lambda: {"user": reader})

    def keep(self, name: str, state: list[Any], template: str, context: Callable[[], dict[str, Any]]) -> str:
        """A part of the page that depends on its state alone, and on the address."""
        state = [
            RELEASE,
            SiteSettings.current().version,
            get_language(),
            timezone.get_current_timezone_name(),
            name,
            self.request.get_full_path(),
            *state,
        ]
        cache, key = caches["parts"], _short(state)
        part: str | None = cache.get(key)
        if part is None:
            part = self.render(template, context() | self.version.more | {"csrf_token": CSRF_STAND_IN})
            cache.set(key, part)
        return part.replace(CSRF_STAND_IN, self.token)

    def render(self, template: str, context: dict[str, Any]) -> str:
        return str(render_to_string(template, context, self.request))

    def render_kept(self) -> str:
        """Says that text of this reader is pending: in the form, or until the emailed code is entered."""
        if self.kept and self.reader.is_authenticated:
            return self.render("comments/_kept_text.html", {})
        pending = remembered(self.request, self.version.pk)
        return self.render("comments/_pending_note.html", {"pending": pending}) if pending else ""

    def render_news(self) -> str:
        if self.news is None or not self.news.comments or not isinstance(self.reader, User):
            return ""
        first = self.parts.link_to(self.news.comments[0])
        return self.render(
            "comments/_news.html",
            {
                "address": first,
                "count": len(self.news.comments),
                "has_more": self.news.has_more,
                "back": welcome(self.reader, self.news.since, self.news.comments, muted=self.parts.muted),
            },
        )

    def render_map(self) -> str:
        """The map beside the thread, which says where something is new."""
        page = self.parts.page
        if not page.overview.entries:
            return ""
        fresh = page.in_branches({*self.news.comments}) if self.news else {}
        entries = page.overview.entries_for(self.parts.muted, fresh)
        return self.keep("map", entries, "comments/_map.html", lambda: {"entries": entries})

    @property
    def is_answer_kept(self) -> bool:
        return bool(self.kept) and read_number(self.kept.get("parent", "")) == (
            self.parent.pk if self.parent else 0
        )

    def render_answer_form(self) -> str:
        """The form under the comment that is being replied to."""
        if self.parent is None:
            return ""
        is_member = self.reader.is_authenticated
        words = self.kept.get("body", "") if self.is_answer_kept else ""
        form = (CommentForm if is_member else VisitorForm)(
            post=self.post_of_forms, parent=self.parent, initial={"body": words}
        )
        template = "comments/_comment_form.html" if is_member else "comments/_visitor_form.html"
        return self.render(
            template,
            {"form": form, "post": self.post_of_forms, "parent": self.parent, "pks_here": self.pks_here},
        )

    def render_form(self, shared: dict[str, Any] | None = None) -> str:
        """The comment form. shared: the stand-in for the reader, when many share it."""
        form_class = CommentForm if self.reader.is_authenticated else VisitorForm
        form = form_class(
            post=self.post_of_forms,
            initial={"body": "" if self.parent and self.is_answer_kept else self.kept.get("body", "")},
        )
        context = {
            "new_form": form,
            "post": self.post_of_forms,
            "parent": self.parent,
            "pks_here": self.pks_here,
            "rules": self.version.rules,
            "takes_writer": self.takes_writer,
        } | self.version.more
        return self.render("comments/_thread_form.html", context | (shared or {}))
