from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import reduce
from itertools import chain, count
from operator import or_
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Concat, Substr
from django.utils import timezone
from django.utils.module_loading import import_string

from core.models import SiteSettings
from core.utils.exists import ExistsForEach
from core.utils.pagination import Cursor
from core.utils.slugs import make_slug
from posts.models.old_addresses import OldAddress, key_of_slug

if TYPE_CHECKING:
    from accounts.models import User
    from posts.models import Post, Tag


def _any_name(names: Iterable[str]) -> Q:
    """A filter for whole names in any case.

    SQLite folds ASCII only, so the exact spellings are included as well.
    """
    names = [*names]
    return reduce(or_, (Q(name__iexact=name) for name in names), Q(name__in=names))


class TagQuerySet(models.QuerySet):
    """Tags of posts."""

    def named(self, names: Iterable[str]) -> list[Tag]:
        """The tags with these names, ignoring case. Missing ones are created."""
        wanted = {" ".join(name.split()).casefold(): " ".join(name.split()) for name in names if name.strip()}
        rows: Any = self.filter(_any_name(wanted.values())) if wanted else []
        known: dict[str, Any] = {tag.name.casefold(): tag for tag in rows}
        for key, name in wanted.items():
            if key not in known:
                known[key], _is_new = self.get_or_create(name=name, defaults={"slug": self.free_slug(name)})
        return [known[key] for key in wanted]

    def free_slug(self, name: str) -> str:
        """A slug for a new tag, numbered if it is taken."""
        base = make_slug(name)[:50].strip("-_") or "tag"
        taken = {*self.filter(slug__startswith=base).values_list("slug", flat=True)}
        numbered = (f"{base}-{number}" for number in count(2))
        return next(slug for slug in chain([base], numbered) if slug not in taken)

    def in_use(self, reader: User | AnonymousUser) -> Self:
        """Tags of posts that are listed for the reader. Of each tag, posts are read up to the first of these."""
        from posts.models import Post  # noqa: PLC0415 - models import querysets

        listed = Post.objects.each_listed_for(reader).filter(pk=OuterRef("post")).order_by()
        tagged = Post.tags.through._default_manager.filter(ExistsForEach(listed), tag=OuterRef("pk"))
        return self.filter(ExistsForEach(tagged))


def _readable_by(reader: User | AnonymousUser, prefix: str = "", now: datetime | None = None) -> Q:
    condition = Q((f"{prefix}published_at__lte", now or timezone.now()))
    return condition if reader.is_authenticated else condition & ~Q((f"{prefix}visibility", "members"))


def names_of(slug: str) -> tuple[str, str]:
    """The slug that a reader sent, and the key under which a post keeps it as a former one; "" for none."""
    if "\x00" in slug:  # PostgreSQL raises an error for it
        return "", ""
    return slug, key_of_slug(slug)


def _named(slug: str, key: str) -> Q:
    """Posts with this slug, or that had it."""
    return Q(slug=slug) | Q(ExistsForEach(OldAddress.objects.filter(post=OuterRef("pk"), key=key)))


def _given_to(reader: User | AnonymousUser, slug: str, key: str, now: datetime) -> Q:
    """Posts whose URL the reader has: they sent its slug, or a row shows that they were let in.

    One condition, part of the query for the row: a second query would tell by its time that there is a row.
    """
    if reader.is_authenticated and (reader.is_host or reader.is_moderator):
        return Q()
    condition = Q(visibility="public") | _named(slug, key)
    if reader.is_authenticated:
        condition |= Q(visibility="members") | Q(author=reader)
        for rows in settings.KNOWN_POSTS:
            for sign in import_string(rows)(reader, now):
                condition |= Q(ExistsForEach(sign))
    return condition


def _discoverable_by(reader: User | AnonymousUser, now: datetime | None) -> Q:
    shown = ["public", "members"] if reader.is_authenticated else ["public"]
    return Q(published_at__lte=now or timezone.now(), visibility__in=shown)


def _listed_for(reader: User | AnonymousUser, now: datetime | None) -> Q:
    return _discoverable_by(reader, now) & Q(kind="post")


class PostQuerySet(models.QuerySet):
    """Posts and pages.

    Four methods decide who may read what: `readable_by`, `reached_by`, `discoverable_by`, `listed_for`.
    """

    def published(self, now: datetime | None = None) -> Self:
        """Live posts and pages, whoever may read them. For display use `readable_by` or `listed_for`."""
        return self.filter(published_at__lte=now or timezone.now())

    def readable_by(self, reader: User | AnonymousUser) -> Self:
        """What the reader may open by URL, unlisted posts and pages included."""
        return self.filter(_readable_by(reader))

    def reached_by(
        self,
        reader: User | AnonymousUser,
        slug: str = "",
        *,
        key: str | None = None,
        now: datetime | None = None,
    ) -> Self:
        """What the reader may open by the number of the post or of something in it.

        Numbers can be counted up, so an unlisted post needs its slug, or a sign that the reader was let in.
        Visitors need the slug for a members-only post too, which they are then asked to sign in for.

        key, now: for prepared queries, with `slug`, the result of `names_of`, and the time.
        """
        now = now or timezone.now()
        names = (slug, key) if key is not None else names_of(slug)
        return self.filter(_readable_by(reader, now=now) & _given_to(reader, *names, now))

    def for_members_at(self, slug: str) -> Self:
        """The members-only post with this slug, or that had it."""
        return self.published().filter(_named(*names_of(slug)), visibility="members")

    def discoverable_by(self, reader: User | AnonymousUser, now: datetime | None = None) -> Self:
        """Posts and pages that may be shown to the reader anywhere, without unlisted ones.

        now: the time for a prepared query, which runs later.
        """
        return self.filter(_discoverable_by(reader, now))

    def listed_for(self, reader: User | AnonymousUser, now: datetime | None = None) -> Self:
        """Posts that the reader may be shown in lists, feeds and search results.

        No unlisted posts or pages.
        """
        return self.filter(_listed_for(reader, now))

    def each_listed_for(self, reader: User | AnonymousUser, now: datetime | None = None) -> Self:
        """The same, for few posts that are found by another condition, such as their key.

        COALESCE hides the kind from the query planner. Otherwise PostgreSQL without statistics, and SQLite, would
        look for each of these posts among all that are listed, by the index posts_listed.
        """
        posts = self.alias(its_kind=Coalesce("kind", "kind"))
        return posts.filter(_discoverable_by(reader, now), its_kind="post")

    def not_listed_for(self, reader: User | AnonymousUser, now: datetime | None = None) -> Self:
        """The others, unordered: drafts, unlisted posts, pages, posts of optional parts."""
        return self.exclude(_listed_for(reader, now)).order_by()

    def listed(self) -> Self:
        """Posts that everyone may see: for feeds, the sitemap, and emails to people without an account."""
        return self.listed_for(AnonymousUser())

    def posts(self) -> Self:
        return self.filter(kind="post")

    def pages(self) -> Self:
        return self.filter(kind="page")

    def in_navigation(self) -> Self:
        """Pages with a place in the navigation, in order."""
        # Hides the dates, which nearly all posts share, from the query planner, so that it selects by kind:
        # there are few pages.
        shown = self.pages().annotate(shown_at=Coalesce("published_at", "published_at"))
        return (
            shown.filter(shown_at__lte=timezone.now())
            .exclude(nav_place="")
            .order_by("nav_order", "title", "pk")
        )

    def in_trash(self) -> Self:
        return self.exclude(trashed_at=None)

    def not_in_trash(self) -> Self:
        return self.filter(trashed_at=None)

    def drafts(self) -> Self:
        """Without a time of publication. Scheduled posts have one."""
        return self.filter(published_at=None, trashed_at=None)

    def scheduled(self) -> Self:
        return self.filter(published_at__gt=timezone.now())

    def newest_first(self) -> Self:
        return self.order_by("-published_at", "-pk")

    def pinned(self) -> Self:
        # IN, because for a condition on a boolean, as Django writes it, SQLite uses no index.
        return self.filter(is_pinned__in=[True])

    def tagged(self, slug: str) -> Self:
        """Filter by EXISTS, so that posts are read in order until the page is full, instead of sorting all."""
        from posts.models import Post  # noqa: PLC0415 - models import querysets

        of_tag = Post.tags.through._default_manager.filter(post=OuterRef("pk"), tag__slug=slug)
        return self.filter(Exists(of_tag))

    def by_author(self, username: str) -> Self:
        return self.filter(author__username=username)

    def of_year(self, year: int, month: int | None = None) -> Self:
        """Posts published in that year or month.

        In the site's time zone, so that a URL shows the same to everyone.
        """
        zone = SiteSettings.current().zone
        begin = datetime(year, month or 1, 1, tzinfo=zone)
        end = datetime(year + 1, 1, 1, tzinfo=zone)
        if month and month < 12:
            end = datetime(year, month + 1, 1, tzinfo=zone)
        return self.filter(published_at__gte=begin, published_at__lt=end)

    def months(self) -> list[tuple[date, int]]:
        """The first day of each month with posts and their number, newest first."""
        # Counted by month in UTC in the database, and by the minute on the days around the end of each month,
        # which may belong to another month in the site's time zone. On SQLite, truncating to a month in a
        # time zone is a Python function called for each row (0.1 s for 20,000 posts).
        zone, months = SiteSettings.current().zone, Counter[date]()
        text = Cast("published_at", CharField())
        at_its_end = Q(day__in=["01", "28", "29", "30", "31"])
        part = Case(
            When(at_its_end, then=Substr(text, 1, 16)), default=Concat(Substr(text, 1, 7), Value("-15 12:00"))
        )
        rows = self.order_by().annotate(day=Substr(text, 9, 2)).annotate(part=part).values_list("part")
        for moment, number in rows.annotate(number=Count("pk")):
            at = datetime.fromisoformat(moment).replace(tzinfo=UTC).astimezone(zone)
            months[at.date().replace(day=1)] += number
        return sorted(months.items(), reverse=True)

    def related_to(self, post: Post) -> Self:
        """Others that share tags with it: those that share most come first, then the newest.

        Read from the tags on: a condition on posts is taken for a rare one by PostgreSQL without statistics, which then begins
        with all posts that are listed.
        """
        from posts.models import Post  # noqa: PLC0415 - models import querysets

        tagged = Post.tags.through._default_manager
        of_tags = tagged.filter(tag__in=tagged.filter(post=post).values("tag"))
        counted: Any = (
            of_tags.filter(post=OuterRef("pk")).order_by().values("post").annotate(count=Count("*"))
        )
        shown = ExistsForEach(self.filter(pk=OuterRef("pk")).order_by())
        found: Any = Post._default_manager.filter(shown, pk__in=of_tags.values("post")).exclude(pk=post.pk)
        return found.annotate(shared=Subquery(counted.values("count"))).order_by(
            "-shared", "-published_at", "-pk"
        )

    def with_author(self) -> Self:
        return self.select_related("author")

    def older_than(self, published_at: datetime, pk: int) -> Self:
        """Posts after that position, newest first (keyset pagination)."""
        return self.filter(Cursor(published_at, pk).rows_before("published_at"))

    def last_changed_at(self) -> datetime | None:
        """When something visible to readers last changed, appeared or disappeared.

        Unpublishing counts too.
        """
        # The first row of each of two indexes. One aggregate over both would read all posts.
        appeared = self.published().newest_first().values("published_at")[:1]
        found = self.order_by("-updated_at").values_list("updated_at", Subquery(appeared)).first()
        return max((moment for moment in found or () if moment is not None), default=None)

    def before(self, post: Post) -> Self:
        """Posts published before the given one, nearest first."""
        return self.older_than(post.published_at or timezone.now(), post.pk).newest_first()

    def after(self, post: Post) -> Self:
        """Posts published after the given one, nearest first."""
        return self.filter(
            Cursor(post.published_at or timezone.now(), post.pk).rows_after("published_at")
        ).order_by("published_at", "pk")
