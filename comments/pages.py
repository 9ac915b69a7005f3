"""The page of a post with its talk: the page that most people come for, so made once and read by all.

What depends on the version of the post alone is rendered once for each kind of reader and kept, with gaps for the
reader's own parts. Nothing that is kept is ever old: the version is asked for each time (docs/decisions/0008).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.cache import caches
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.crypto import get_random_string, salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import get_language

from accounts.models import User
from comments.drafts import kept_words
from comments.forms import CommentForm
from comments.models import Comment
from comments.readers import ReaderParts
from comments.threads import Facts, ThreadPage, read_page
from comments.versions import PostVersion, read_version
from comments.visits import News, news_for
from comments.windows import Order, Place, find_place, place_of, read_number, read_order
from core.context_processors import THEMES
from core.gaps import GapCollector, Gapped
from core.release import RELEASE
from posts.models import Post
from posts.views import PostDetailView

# Stands in a kept page where each reader's own token will stand. Known to this process alone.
CSRF_STAND_IN = f"token-{get_random_string(40)}"
# A page with anything else in its address is made for the one who asks for it.
SHARED_PARAMETERS = {"sort", "page", "before", "branch"}


@dataclass(frozen=True)
class ReaderKind:
    """Stands for the reader while a page is rendered that readers of a kind share."""

    is_authenticated: bool
    is_moderator: bool
    is_staff: bool


@dataclass(frozen=True)
class Shell:
    """A whole page with gaps, and the part of the thread that goes into it; of a visitor's page nothing is left to fill."""

    html: Gapped
    thread: ThreadPage | None


class PostThreadView(PostDetailView):
    """A post and a part of its thread.

    Reads from the address: sort; page, before or branch (comments.windows.Place); reply (a comment to answer);
    comment (leads to where it stands, under another post too).
    """

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.reader: User | AnonymousUser = request.user
        version = read_version(kwargs["slug"], self.reader)
        if version is None:
            raise Http404
        self.version: PostVersion = version
        if away := self.place_elsewhere():
            return redirect(away)
        self.remember_order()
        headers = {}
        if self.is_visitor:
            headers["ETag"] = f'W/"{self.fingerprint}"'
            if unchanged := get_conditional_response(request, etag=headers["ETag"]):
                return unchanged
        shell = self.get_shell()
        if shell.thread is not None:
            self.parts = self.get_reader_parts(shell.thread)
        html = shell.html.fill(self.fill_gap)
        return HttpResponse(html.replace(CSRF_STAND_IN, get_token(request)), headers=headers)

    @cached_property
    def object(self) -> Post:  # type: ignore[override]
        """The post itself. A page that was kept does not need it."""
        return self.get_object()

    @cached_property
    def post_of_forms(self) -> Post:
        """The post, as much of it as forms need; the rest is read when somebody asks for it."""
        known = {"id": self.version.pk, "slug": self.kwargs["slug"], "comments_open": self.version.comments_open}
        return Post.from_db(None, known.keys(), known.values())

    @cached_property
    def address(self) -> str:
        return reverse("posts:post-detail", args=[self.kwargs["slug"]])

    # --- which part of which thread --------------------------------------------------

    def place_elsewhere(self) -> str:
        """Where a comment stands that this address names and another post holds by now."""
        query = self.request.GET
        number = read_number(query.get("comment", "")) or read_number(query.get("branch", "")) or read_number(query.get("reply", ""))
        if not number:
            return ""
        comment = Comment.objects.visible_to(self.reader).select_related("post").filter(pk=number).first()
        if comment is None or not comment.post.is_published or (comment.post_id == self.version.pk and "comment" not in query):
            return ""
        return place_of(comment, self.default_order, self.reader)

    @cached_property
    def default_order(self) -> Order:
        return read_order(self.reader.thread_order) if isinstance(self.reader, User) else Order.OLDEST

    def remember_order(self) -> None:
        """The order that a member asks for is the one they get from now on."""
        asked = read_order(self.request.GET.get("sort", ""), self.default_order)
        if isinstance(self.reader, User) and asked is not self.default_order:
            User.objects.filter(pk=self.reader.pk).update(thread_order=asked)
            self.default_order = asked

    @cached_property
    def kept(self) -> dict[str, str]:
        """Words that wait in the session."""
        return kept_words(self.request, reverse("comments:comment-create", args=[self.kwargs["slug"]]))

    @cached_property
    def parent(self) -> Comment | None:
        """The comment that this reader is about to answer."""
        number = read_number(self.request.GET.get("reply", "")) or read_number(self.kept.get("parent", ""))
        if not number:
            return None
        parent = Comment.objects.filter(post=self.version.pk, pk=number).public().select_related("author").first()
        if parent is not None:
            parent.post = self.post_of_forms
        return parent

    @cached_property
    def place(self) -> Place:
        place = Place.from_query(self.request.GET, self.default_order)
        if self.parent is not None and not (place.key or place.branch):
            return find_place(self.parent, place.order, self.reader)
        return place

    # --- what is kept ------------------------------------------------------------------

    @cached_property
    def is_visitor(self) -> bool:
        """Whether nothing on the page is about this reader: signed out, and no words or messages wait."""
        cookies = self.request.COOKIES
        is_known = self.reader.is_authenticated or settings.SESSION_COOKIE_NAME in cookies or "messages" in cookies
        return not is_known and self.parent is None

    @cached_property
    def kind(self) -> ReaderKind:
        reader = self.reader
        if not isinstance(reader, User):
            return ReaderKind(is_authenticated=False, is_moderator=False, is_staff=False)
        return ReaderKind(is_authenticated=True, is_moderator=reader.is_moderator, is_staff=reader.is_staff)

    @cached_property
    def fingerprint(self) -> str:
        """Changes with everything that readers of a kind see alike."""
        cookies = self.request.COOKIES
        theme = cookies.get("theme", "")
        state = [
            RELEASE,
            self.version.pk,
            self.version.thread_version,
            self.version.looks,
            self.kind,
            self.default_order.value,
            settings.SITE_NAME,
            settings.COMMENTS_PER_PAGE,
            timezone.localdate(),  # whose birthday it is
            get_language(),
            theme if theme in THEMES else "",
            # The answer to a browser without the cookie brings it; "nothing has changed" would not.
            settings.CSRF_COOKIE_NAME in cookies,
        ]
        return salted_hmac("comments.pages", repr(state), algorithm="sha256").hexdigest()[:32]

    def get_shell(self) -> Shell:
        is_shared = SHARED_PARAMETERS.issuperset(self.request.GET) and not self.version.sees_more and self.parent is None
        if not is_shared:
            return self.make_shell()
        cache = caches["pages"]
        key = f"page:{self.fingerprint}:{CSRF_STAND_IN[-8:]}:{self.is_visitor}:{self.request.get_full_path()}"
        shell: Shell | None = cache.get(key)
        if shell is None:
            shell = self.make_shell()
            cache.set(key, shell)
        return shell

    def make_shell(self) -> Shell:
        thread = read_page(self.object, self.place, self.reader, sees_more=self.version.sees_more)
        # A visitor has no parts of their own: what fills the gaps is kept as well.
        gaps = GapCollector(() if self.is_visitor else {"me", "messages", "kept", "news", "comments", "form"})
        context = self.get_context_data(object=self.object) | {
            "thread": {"page": thread, "orders": list(Order), "default_order": self.default_order},
            "gaps": gaps,
            "user": self.kind,
            "csrf_token": CSRF_STAND_IN,
        }
        if self.is_visitor:
            parts = self.get_reader_parts(thread)
            context["gaps"] = {"comments": thread.html.fill(parts), "form": self.render_form()}
        html = gaps.cut(self.render_to_response(context).rendered_content)
        return Shell(html, None if self.is_visitor else thread)

    # --- the reader's own parts --------------------------------------------------------

    @cached_property
    def news(self) -> News | None:
        if not isinstance(self.reader, User) or self.request.method != "GET":
            return None
        return news_for(self.reader, self.version, self.place.order)

    def get_reader_parts(self, thread: ThreadPage) -> ReaderParts:
        reader = self.reader
        return ReaderParts(
            address=self.address,
            is_open=self.version.comments_open,
            page=thread,
            reader=reader,
            is_moderator=self.kind.is_moderator,
            news=self.news,
            muted=reader.muted_ids if isinstance(reader, User) and self.version.has_mutes else frozenset(),
            compose=self.render_answer_form(),
            composing=self.parent.pk if self.parent else 0,
            default_order=self.default_order,
        )

    def fill_gap(self, kind: str, _facts: Facts | None) -> str:
        match kind:
            case "me":
                return self.render("_me.html", {"user": self.reader})
            case "messages":
                return self.render("_messages.html", {})
            case "kept":
                return self.render("comments/_kept_words.html", {}) if self.kept and self.reader.is_authenticated else ""
            case "news":
                return self.render_news()
            case "comments":
                return self.parts.page.html.fill(self.parts)
            case "form":
                return self.render_form()
            case _:
                raise LookupError(kind)

    def render(self, template: str, context: dict[str, Any]) -> str:
        return str(render_to_string(template, context | {"csrf_token": CSRF_STAND_IN}, self.request))

    def render_news(self) -> str:
        if self.news is None or not self.news.comments:
            return ""
        first = self.parts.link_to(self.news.comments[0])
        return self.render("comments/_news.html", {"address": first, "count": len(self.news.comments), "has_more": self.news.has_more})

    @property
    def is_answer_kept(self) -> bool:
        return bool(self.kept) and read_number(self.kept.get("parent", "")) == (self.parent.pk if self.parent else 0)

    def render_answer_form(self) -> str:
        """The form under the comment that is being answered."""
        if self.parent is None:
            return ""
        form = CommentForm(post=self.post_of_forms, parent=self.parent, initial={"body": self.kept.get("body", "") if self.is_answer_kept else ""})
        return self.render("comments/_comment_form.html", {"form": form, "post": self.post_of_forms, "parent": self.parent})

    def render_form(self) -> str:
        """The form under the talk."""
        form = CommentForm(post=self.post_of_forms, initial={"body": "" if self.parent and self.is_answer_kept else self.kept.get("body", "")})
        return self.render("comments/_thread_form.html", {"new_form": form, "post": self.post_of_forms, "parent": self.parent})
