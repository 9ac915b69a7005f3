"""The post model."""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlencode

from django.conf import settings
from django.conf.global_settings import LANGUAGES_BIDI
from django.core.cache import caches
from django.db import models
from django.db.models import Q
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.markup.plain import excerpt, plain_text
from core.markup.posts import clean_post_html
from core.models import SiteSettings
from core.models.rows import RowConstructorMixin
from core.utils.languages import foreign_language
from core.utils.slugs import SlugField, make_slug
from core.utils.text import one_line
from core.utils.urls import absolute_url, path_of
from posts.models.old_addresses import OldAddress, old_address_key
from posts.models.pictures import size_of
from posts.models.querysets import PostQuerySet
from posts.models.tag import Tag

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

WORDS_PER_MINUTE = 220
CODE = re.compile(r"<pre>.*?</pre>", re.DOTALL)
# The name of the URL pattern of each kind.
NAME_OF_PAGE = {
    "post": "posts:post-detail",
    "page": "page",
    "birthday": "birthdays:birthday-detail",
    "event": "events:event-detail",
    "board": "board:cards",
    "memorial": "memorials:memorial-detail",
}
# Their author is the host. A birthday or an event belongs to a member.
KINDS_OF_HOST = frozenset({"post", "page"})
LANGUAGES_RIGHT_TO_LEFT = frozenset(LANGUAGES_BIDI)


# The manager comes from mptt, which the mypy plugin cannot see.
class Post(RowConstructorMixin, models.Model):  # type: ignore[django-manager-missing]
    """A post, or a static page such as "About", which has no date and a place in the navigation."""

    class Kind(models.TextChoices):
        POST = "post", _("post")
        PAGE = "page", _("page")
        # Kinds of later apps, which have their own page for them (docs/decisions/0110).
        BIRTHDAY = "birthday", _("birthday")
        EVENT = "event", _("event")
        BOARD = "board", _("board")
        MEMORIAL = "memorial", _("memorial")

    class Visibility(models.TextChoices):
        """Who may read it once it is published. UNLISTED: it is in no list, feed or search."""

        PUBLIC = "public", _("Public")
        MEMBERS = "members", _("Members only")
        UNLISTED = "unlisted", _("Anyone with the link")

    class NavPlace(models.TextChoices):
        NOWHERE = "", _("Not in the navigation")
        HEADER = "header", _("At the top of every page")
        FOOTER = "footer", _("At the bottom of every page")

    class Review(models.TextChoices):
        """Whether an author without the right to publish has asked for it, and what the host replied."""

        NONE = "", _("not sent for review")
        ASKED = "asked", _("awaiting review")
        RETURNED = "returned", _("changes requested")

    kind = models.CharField(
        _("kind"), max_length=10, choices=Kind, default=Kind.POST, db_default=Kind.POST, editable=False
    )
    title = models.CharField(_("title"), max_length=200)
    slug = SlugField(
        _("web address"),
        max_length=120,
        unique=True,
        help_text=_(
            "Leave blank to create one from the title. Earlier web addresses redirect to the new one."
        ),
    )
    summary = models.TextField(
        _("summary"),
        max_length=300,
        blank=True,
        help_text=_("One or two sentences for lists, search engines and feeds."),
    )
    body = models.TextField(_("body"), blank=True)
    cover = models.ImageField(_("cover picture"), upload_to="covers/", blank=True)
    cover_alt = models.CharField(
        _("alt text of the picture"),
        max_length=200,
        blank=True,
        help_text=_("For people who can’t see it. Leave blank if the picture is only decorative."),
    )
    cover_x = models.PositiveSmallIntegerField(
        _("focal point, across"),
        default=50,
        db_default=50,
        help_text=_(
            "In percent from the left. Where space is short, this part of the picture stays visible."
        ),
    )
    cover_y = models.PositiveSmallIntegerField(
        _("focal point, down"), default=50, db_default=50, help_text=_("In percent from the top.")
    )
    # Cropped around the focal point, for lists (posts/services/publishing.py).
    cover_thumb = models.ImageField(
        upload_to="covers/", blank=True, default="", db_default="", editable=False
    )
    # A smaller copy of a large cover, for phones.
    cover_small = models.ImageField(
        upload_to="covers/", blank=True, default="", db_default="", editable=False
    )
    tags = models.ManyToManyField(Tag, verbose_name=_("tags"), blank=True, related_name="posts")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("author"), on_delete=models.PROTECT, related_name="posts"
    )
    language = models.CharField(
        _("language"),
        max_length=20,
        blank=True,
        help_text=_("The language the post is written in, if it isn’t the site’s."),
    )
    published_at = models.DateTimeField(
        _("published at"),
        null=True,
        blank=True,
        help_text=_("Leave blank for a draft, or pick a future time to schedule the post."),
    )
    visibility = models.CharField(
        _("who can read it"),
        max_length=8,
        choices=Visibility,
        default=Visibility.PUBLIC,
        db_default=Visibility.PUBLIC,
    )
    is_pinned = models.BooleanField(
        _("pinned"),
        default=False,
        db_default=False,
        help_text=_("Pinned posts come first on the home page and in the archive."),
    )
    meta_title = models.CharField(
        _("title in search results and link previews"),
        max_length=100,
        blank=True,
        default="",
        db_default="",
        help_text=_("Leave blank to use the title."),
    )
    meta_description = models.TextField(
        _("description in search results and link previews"),
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text=_("Leave blank to use the summary, or the beginning of the text."),
    )
    share_picture = models.ImageField(
        _("picture in link previews"),
        upload_to="shared/",
        blank=True,
        default="",
        db_default="",
        help_text=_("Leave blank to use the cover picture."),
    )
    nav_place = models.CharField(
        _("place in the navigation"),
        max_length=6,
        choices=NavPlace,
        default=NavPlace.NOWHERE,
        db_default=NavPlace.NOWHERE,
        blank=True,
    )
    nav_order = models.PositiveSmallIntegerField(
        _("order in the navigation"), default=0, db_default=0, help_text=_("Lower numbers come first.")
    )
    review = models.CharField(
        _("review"),
        max_length=8,
        choices=Review,
        default=Review.NONE,
        db_default=Review.NONE,
        blank=True,
        editable=False,
    )
    comments_open = models.BooleanField(_("comments are open"), default=True)
    # A post in the trash is an unpublished draft that keeps the date it was published on.
    trashed_at = models.DateTimeField(_("deleted at"), null=True, editable=False)
    trashed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("deleted by"),
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    trashed_published_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("edited at"), default=timezone.now, editable=False)
    # Maintained by comments/services/writing.py in the transaction of each comment.
    comment_count = models.PositiveIntegerField(_("comments"), default=0, editable=False)
    last_comment_at = models.DateTimeField(_("last comment"), null=True, editable=False)
    thread_version = models.PositiveBigIntegerField(
        default=0, editable=False, help_text="Goes up with every change below the post."
    )
    source_key = models.CharField(
        max_length=200,
        null=True,
        blank=True,
        unique=True,
        editable=False,
        help_text="Where the import found it.",
    )

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        permissions = [("publish_post", "Can publish posts, and edit those of others")]
        indexes = [
            models.Index(fields=["-published_at", "-id"], name="posts_newest_first"),
            models.Index(fields=["-is_pinned", "-published_at", "-id"], name="posts_pinned_first"),
            models.Index(fields=["-created_at", "-id"], name="posts_newest_made_first"),
            # Counts and lists posts by index alone, without reading the rows.
            models.Index(fields=["kind", "visibility", "-published_at", "-id"], name="posts_listed"),
            # Each view of a post needs the time of the last change of any post (comments/thread/version.py).
            models.Index(fields=["updated_at"], name="posts_by_change"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(visibility__in=["public", "members", "unlisted"]), name="post_visibility_is_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["post", "page", "birthday", "event", "board", "memorial"]),
                name="post_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(cover_x__lte=100, cover_y__lte=100), name="post_focal_point_is_inside"
            ),
            models.CheckConstraint(
                condition=Q(trashed_at=None) | Q(published_at=None), name="post_in_trash_is_unpublished"
            ),
            models.CheckConstraint(
                condition=Q(nav_place="") | Q(kind="page"), name="only_pages_are_in_the_navigation"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with a slug and sanitised HTML. A body that was not changed stays as it is stored."""
        self.title = one_line(self.title)
        # The stored body stays the same byte for byte until it is edited, even if the rules change.
        if "body" in self.__dict__ and self.body != self._stored_body:
            by_member = self.kind in {self.Kind.EVENT, self.Kind.MEMORIAL}
            self.body = self._stored_body = clean_post_html(self.body, by_member=by_member)
        if not self.slug:
            self.slug = self.free_slug()
        super().save(*args, **kwargs)
        if self.is_page:
            caches["parts"].delete("navigation")

    def get_absolute_url(self) -> str:
        return path_of(NAME_OF_PAGE[self.kind], self.slug)

    _stored_body: str | None = None

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Post:
        post = super().from_db(*args, **kwargs)
        post._stored_body = post.__dict__.get("body")
        return post

    @property
    def link_query(self) -> str:
        """The query string of links to its comments: the slug, if not everyone may find the post.

        Without it they are not found by people who were not given the post's URL (docs/decisions/0140).
        """
        is_public = self.visibility == self.Visibility.PUBLIC
        return "" if is_public else f"?{urlencode({'post': self.slug})}"

    def get_canonical_url(self) -> str:
        return absolute_url(self.get_absolute_url())

    def free_slug(self, before: str = "", *, base: str = "") -> str:
        """A slug made from the title, numbered if it is taken. before: a prefix.

        base: used instead of the title. A slug with "~", which cannot be typed, never blocks one of the
        host's.
        """
        base = base or f"{before}{make_slug(self.title)}"[:110].strip("-_") or "post"
        number, slug = 1, base
        while self.slug_is_taken(slug):
            number += 1
            slug = f"{base}-{number}"
        return slug

    def slug_is_taken(self, slug: str) -> bool:
        """Whether another post has or had the slug, or a page of the site needs it."""
        return self.slug_is_reserved(slug) or self.owner_of_slug(slug) is not None

    def slug_is_reserved(self, slug: str) -> bool:
        """Whether a URL of the site itself, such as /members/, would clash with that of this page."""
        if self.kind == self.Kind.EVENT:
            return slug == "new"
        return self.is_page and resolve(f"/{slug}/").view_name not in {"page", "core:guidelines"}

    def owner_of_slug(self, slug: str) -> Post | None:
        """Another post that has or had this slug. Links to it keep leading there."""
        others = Post.objects.exclude(pk=self.pk)
        former = Q(old_addresses__key=old_address_key(f"/posts/{slug}/"))
        if self.is_page:
            former |= Q(old_addresses__key=old_address_key(f"/{slug}/"))
        return others.filter(Q(slug=slug) | former).first()

    def keep_old_address(self, path: str, query: str = "") -> bool:
        """Store a redirect from an old URL. Returns False if it already leads to another post."""
        key = old_address_key(unquote(path), query)
        if not key or len(key) > OldAddress.KEY_CHARACTERS:
            return False
        row, _is_new = OldAddress.objects.get_or_create(key=key, defaults={"post": self})
        return row.post_id == self.pk

    def keep_own_address(self) -> None:
        """Store a redirect from the current URL for when it changes. It replaces any other target."""
        for path in {self.get_absolute_url(), reverse("posts:post-detail", args=[self.slug])}:
            OldAddress.objects.update_or_create(key=old_address_key(unquote(path)), defaults={"post": self})

    @property
    def direction(self) -> str:
        """The writing direction of the post's language; "" if it is that of the page."""
        return (
            ("rtl" if self.lang.partition("-")[0] in LANGUAGES_RIGHT_TO_LEFT else "ltr") if self.lang else ""
        )

    @property
    def lang(self) -> str:
        """The lang attribute of its text: its language, or the site's if the page is in another; else ""."""
        return self.language or foreign_language(SiteSettings.current().language_code)

    def is_readable_by(self, reader: User | AnonymousUser) -> bool:
        """Whether the reader may open it at its URL: the rule of the queryset's `readable_by`."""
        return self.is_published and (self.visibility != self.Visibility.MEMBERS or reader.is_authenticated)

    def is_discoverable_by(self, reader: User | AnonymousUser) -> bool:
        """Whether the reader may find it elsewhere: the rule of the queryset's `discoverable_by`."""
        return self.is_readable_by(reader) and self.visibility != self.Visibility.UNLISTED

    @property
    def is_page(self) -> bool:
        return self.kind == self.Kind.PAGE

    @property
    def is_announced(self) -> bool:
        """Whether anyone is notified when it is published. False for pages and unlisted posts."""
        return self.kind != self.Kind.PAGE and self.visibility != self.Visibility.UNLISTED

    def may_be_changed_by(self, user: Any) -> bool:
        """Whether a user may change it.

        Those who may publish change every post; others with the permission change their own drafts.
        """
        return user.has_perm("posts.publish_post") or (self.author_id == user.pk and not self.published_at)

    @property
    def is_published(self) -> bool:
        """Whether its time has come; drafts and scheduled posts are not."""
        return self.published_at is not None and self.published_at <= timezone.now()

    @property
    def is_scheduled(self) -> bool:
        return self.published_at is not None and self.published_at > timezone.now()

    @property
    def description(self) -> str:
        """One or two sentences: the summary, or the start of the text without code."""
        return self.summary or excerpt(CODE.sub(" ", self.body), 200)

    @property
    def search_title(self) -> str:
        """The title for search engines and link previews."""
        return self.meta_title or self.title

    @property
    def search_description(self) -> str:
        """The description for search engines and link previews."""
        return self.meta_description or self.description

    @property
    def search_picture(self) -> models.fields.files.ImageFieldFile | None:
        """The picture for link previews, or None."""
        return self.share_picture or self.cover or None

    @property
    def minutes_to_read(self) -> int:
        return max(1, math.ceil(len(plain_text(self.body).split()) / WORDS_PER_MINUTE))

    @property
    def has_blocks(self) -> bool:
        """Whether its page needs the styles of figures, galleries and cards."""
        return "<figure" in self.body or ' class="' in self.body

    @property
    def cover_size(self) -> tuple[int, int] | None:
        return size_of(self.cover)

    @property
    def cover_srcset(self) -> str:
        """The cover and its smaller copy as a `srcset` value; "" if there is no smaller one."""
        small = size_of(self.cover_small) if self.cover_small else None
        if small is None or self.cover_size is None:
            return ""
        return f"{self.cover_small.url} {small[0]}w, {self.cover.url} {self.cover_size[0]}w"

    @property
    def changed_at(self) -> datetime:
        """The time of the last visible change. A scheduled post may have been written long before."""
        return max(self.updated_at, self.published_at or self.updated_at)
