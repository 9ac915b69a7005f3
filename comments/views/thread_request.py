"""A request for the page of a post: the part of its thread, and the kind of reader."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language

from accounts.models import User
from comments.models import Comment
from comments.services.discussion import is_exempt
from comments.services.drafts import JUST_WROTE_COOKIE, keeps_text, kept_text
from comments.thread.pagination import (
    Order,
    ThreadPosition,
    find_position,
    read_number,
    read_numbers,
    read_order,
)
from comments.thread.version import PostVersion
from core.models import SiteSettings
from core.pagecache.making import digest
from core.utils.build_id import RELEASE
from core.utils.cookies import cookie_name
from core.web.conditional import is_visitor
from core.web.context_processors import THEMES, announcement_for, dress_for
from core.web.csrf import token_of
from posts.models import Post

# A page with any other parameter is not cached.
SHARED_PARAMETERS = {"sort", "page", "before", "branch"}


@cache
def _in_order_of_columns(names: tuple[str, ...]) -> list[str]:
    return [field.attname for field in Post._meta.concrete_fields if field.attname in names]


@dataclass(frozen=True)
class ReaderKind:
    """Stands for the reader while a shared page is rendered."""

    is_authenticated: bool
    is_moderator: bool
    is_staff: bool
    may_write: bool = True
    # Whether they have not been a member for long enough to comment here.
    is_too_new: bool = False
    may_edit_posts: bool = False


class ThreadRequest:
    """A request with its query parameters parsed.

    These are sort; page, before or branch (comments.thread.pagination.ThreadPosition); reply (a comment to
    reply to); also (further comments that the text replies to).
    """

    def __init__(
        self,
        request: HttpRequest,
        slug: str,
        post_kind: str,
        reader: User | AnonymousUser,
        version: PostVersion,
    ) -> None:
        self.request, self.slug, self.post_kind = request, slug, post_kind
        self.reader, self.version = reader, version

    @cached_property
    def post_of_forms(self) -> Post:
        """The post with the columns that forms need; others are loaded on access."""
        known = {
            "id": self.version.pk,
            "slug": self.slug,
            "kind": self.post_kind,
            "visibility": self.version.visibility,
            "comments_open": self.version.rules.is_switched_on,
        }
        names = _in_order_of_columns(tuple(known))
        return Post.from_db(None, names, [known[name] for name in names])

    @cached_property
    def path(self) -> str:
        return self.request.get_full_path()

    @cached_property
    def token(self) -> str:
        return token_of(self.request)

    @cached_property
    def default_order(self) -> Order:
        return read_order(self.reader.thread_order) if isinstance(self.reader, User) else Order.OLDEST

    @cached_property
    def kept(self) -> dict[str, str]:
        """Text stored in the session. Its URL is computed only if there is any."""
        if not keeps_text(self.request):
            return {}
        return kept_text(self.request, reverse("comments:comment-create", args=[self.slug]))

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
        """Comments that this reader ticked to reply to them together, in the URL or before signing in."""
        return frozenset(read_numbers([*self.request.GET.getlist("also"), self.kept.get("also", "")]))

    @cached_property
    def position(self) -> ThreadPosition:
        position = ThreadPosition.from_query(self.request.GET, self.default_order)
        if self.parent is not None and not (position.key or position.branch):
            return find_position(self.parent, position.order, self.reader)
        return position

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
        """Whether the comment form is the same for everyone: no text, no parent, nothing just posted."""
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
        """Permissions are only read for those who use the admin, so members cost no query."""
        reader = self.reader
        return (
            isinstance(reader, User)
            and reader.uses_admin
            and reader.has_perms(["posts.change_post", "posts.publish_post"])
        )

    @cached_property
    def fingerprint(self) -> str:
        """A hash that changes with everything that readers of a kind share."""
        return digest([self.version.thread_version, *self.looks])

    @cached_property
    def looks(self) -> list[Any]:
        """The same without what changes with each comment."""
        cookies = self.request.COOKIES
        theme = cookies.get(cookie_name("theme"), "")
        return [
            RELEASE,
            self.version.pk,
            self.version.looks,
            self.version.sees_more,
            self.kind,
            self.default_order.value,
            SiteSettings.current().version,
            SiteSettings.current().title,
            announcement_for(self.request),
            dress_for(self.request, self.reader),
            settings.COMMENTS_PER_PAGE,
            timezone.get_current_timezone_name(),
            timezone.localdate(),  # for birthdays
            get_language(),
            theme if theme in THEMES else "",
        ]

    @cached_property
    def is_shared(self) -> bool:
        """Whether others of this kind get the same page, except for their own parts."""
        return (
            SHARED_PARAMETERS.issuperset(self.request.GET)
            # Moderators all see the same additional comments.
            and (not self.version.sees_more or self.kind.is_moderator)
            and self.parent is None
        )
