"""The posts on the home page, in prepared statements: building the queries was most of that page's time."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import User
from core.prepared import A_MOMENT, Prepared, fetch_all
from core.replicas import reading_alias
from core.utils.exists import ExistsForEach
from posts.models import Page, Post, Tag

POSTS_SHOWN = 7
TAGS_SHOWN = 12
# By whether they are signed in. The statements depend on nothing else about the reader.
READERS: dict[bool, User | AnonymousUser] = {False: AnonymousUser(), True: User()}


def newest_posts(reader: User | AnonymousUser) -> list[Post]:
    """Pinned posts first. One more than is shown, if there are more."""
    return _newest_posts(reader.is_authenticated).all(now=timezone.now())


def page_about_site(reader: User | AnonymousUser) -> Page | None:
    return _page_about_site(reader.is_authenticated).first(now=timezone.now())


def tags_on_home(reader: User | AnonymousUser) -> list[Tag]:
    """The tags of most posts that the reader finds in lists."""
    statement, constants = _tags_on_home(reader.is_authenticated)
    rows = fetch_all(statement, constants | {"now": timezone.now()})
    return [Tag.from_db(reading_alias(), [*_TAG_COLUMNS.values()], row) for row in rows]


@cache
def _newest_posts(is_member: bool) -> Prepared[Post]:
    def make(now: datetime) -> QuerySet[Post]:
        listed = Post.objects.each_listed_for(READERS[is_member], now).filter(pk=OuterRef("pk"))
        shown = Post.objects.filter(ExistsForEach(listed.order_by())).with_author()
        return shown.order_by("-is_pinned", "-published_at", "-pk")[: POSTS_SHOWN + 1]

    return Prepared(make, now=A_MOMENT)


@cache
def _page_about_site(is_member: bool) -> Prepared[Page]:
    return Prepared(
        lambda now: Page.objects.discoverable_by(READERS[is_member], now).filter(slug="about"), now=A_MOMENT
    )


_TAG_COLUMNS = {field.column: field.attname for field in Tag._meta.concrete_fields}


@cache
def _tags_on_home(is_member: bool) -> tuple[str, dict[str, Any]]:
    """The statement and its constants.

    All posts of each tag are counted, then those that are not listed, which are few, are subtracted. The posts
    themselves are not read for each tag: 42 to 80 ms instead of 14, with 20,000 posts and 200 tags.
    """
    tagged = Post.tags.through._default_manager.order_by().values("tag")

    def of_hidden(now: datetime) -> QuerySet[Any]:
        hidden = Post.objects.not_listed_for(READERS[is_member], now).values("pk")
        return tagged.filter(post__in=hidden).annotate(count=Count("*"))

    hidden, constants = Prepared(of_hidden, now=A_MOMENT).written
    every, _no_constants = Prepared(lambda: tagged.annotate(count=Count("*"))).written
    columns = ", ".join(f"tag.{column}" for column in _TAG_COLUMNS)
    statement = f"""SELECT {columns} FROM posts_tag tag
          JOIN ({every}) counted ON counted.tag = tag.id LEFT JOIN ({hidden}) hidden ON hidden.tag = tag.id
         WHERE counted.count > COALESCE(hidden.count, 0)
         ORDER BY counted.count - COALESCE(hidden.count, 0) DESC, tag.name LIMIT {TAGS_SHOWN}
    """  # noqa: S608 - written by the ORM
    return statement, constants
