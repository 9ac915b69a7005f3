"""Filters of the archive, read from the query string: tag, author, year and month."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Self
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.core.cache import caches
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from core.models import SiteSettings
from core.utils.dates import date_format
from core.utils.pagination import Cursor
from posts.models import Post, Tag
from posts.models.querysets import PostQuerySet, TagQuerySet

# The list of months is cached for this long: a new post may be counted a little later.
MONTHS_SECONDS = 60


@dataclass(frozen=True)
class ArchiveFilter:
    """Which posts the archive shows. Anything that does not exist raises Http404."""

    tag: Tag | None = None
    author: User | None = None
    year: int | None = None
    month: int | None = None

    @classmethod
    def read(cls, query: QueryDict, posts: PostQuerySet, tags: TagQuerySet) -> Self:
        """Parse the parameters `tag`, `author`, `year` and `month`."""
        # Not the first and the last year of datetime: in another time zone they would start or end out of
        # range.
        year, month = _number(query.get("year"), 2, 9998), _number(query.get("month"), 1, 12)
        if month and not year:
            raise Http404
        author = None
        if username := query.get("author"):
            author = User.objects.filter(username=username).first()
            if author is None or not posts.by_author(username).exists():
                raise Http404
        # A tag used only by drafts is not public yet.
        tag = get_object_or_404(tags, slug=query["tag"]) if query.get("tag") else None
        return cls(tag, author, year, month)

    def of(self, posts: PostQuerySet) -> PostQuerySet:
        if self.tag:
            posts = posts.tagged(self.tag.slug)
        if self.author:
            posts = posts.by_author(self.author.username)
        return posts.of_year(self.year, self.month) if self.year else posts

    @property
    def query(self) -> str:
        """The parameters as a query string, for links to the next page."""
        given = {
            "tag": self.tag and self.tag.slug,
            "author": self.author and self.author.username,
            "year": self.year,
            "month": self.month,
        }
        return urlencode({name: value for name, value in given.items() if value})

    @property
    def heading(self) -> str:
        day = date(self.year, self.month or 1, 1) if self.year else None
        if day and self.month:
            return _("Posts from %(month)s") % {"month": date_format(day, "YEAR_MONTH_FORMAT")}
        if day:
            return _("Posts from %(year)s") % {"year": date_format(day, "Y")}
        if self.author:
            return _("Posts by %(name)s") % {"name": self.author.get_display_name()}
        return _("Posts about %(name)s") % {"name": self.tag.name} if self.tag else _("All posts")

    @property
    def feed_url(self) -> str:
        """The feed of these posts; "" if they have no feed of their own, such as those of a month."""
        return feed_address(self) if (self.tag or self.author) and not self.year else ""

    def get_absolute_url(self) -> str:
        address = reverse("posts:post-list")
        return f"{address}?{self.query}" if self.query else address


def feed_address(narrowed: ArchiveFilter, place: Cursor | None = None) -> str:
    """The URL of the Atom feed of these posts, starting after `place`."""
    query = "&".join(filter(None, [narrowed.query, urlencode({"page": place}) if place else ""]))
    return f"{reverse('posts:feed')}?{query}" if query else reverse("posts:feed")


def years_for(reader: User | AnonymousUser) -> list[tuple[int, int, list[tuple[date, int]]]]:
    """(year, number of posts, its months) of the posts listed for this reader, newest first."""
    cache, kind = caches["parts"], "members" if reader.is_authenticated else "everybody"
    key = f"months-{kind}-{SiteSettings.current().zone.key}"
    months: list[tuple[date, int]] | None = cache.get(key)
    if months is None:
        months = Post.objects.listed_for(reader).months()
        cache.set(key, months, MONTHS_SECONDS)
    years = ((year, [*group]) for year, group in groupby(months, key=lambda row: row[0].year))
    return [(year, sum(number for _month, number in group), group) for year, group in years]


def _number(text: str | None, least: int, most: int) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and least <= int(text) <= most):
        raise Http404
    return int(text)
