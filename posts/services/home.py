"""The posts on the home page, in prepared statements: building the queries was most of that page's time."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from django.contrib.auth.models import AnonymousUser
from django.db.models import OuterRef, QuerySet
from django.utils import timezone

from accounts.models import User
from core.prepared import A_MOMENT, Prepared
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
    return _tags_on_home(reader.is_authenticated).all(now=timezone.now())


@cache
def _newest_posts(is_member: bool) -> Prepared[Post]:
    def make(now: datetime) -> QuerySet[Post]:
        listed = Post.objects.listed_for(READERS[is_member], now).filter(pk=OuterRef("pk"))
        shown = Post.objects.filter(ExistsForEach(listed.order_by())).with_author()
        return shown.order_by("-is_pinned", "-published_at", "-pk")[: POSTS_SHOWN + 1]

    return Prepared(make, now=A_MOMENT)


@cache
def _page_about_site(is_member: bool) -> Prepared[Page]:
    return Prepared(
        lambda now: Page.objects.discoverable_by(READERS[is_member], now).filter(slug="about"), now=A_MOMENT
    )


@cache
def _tags_on_home(is_member: bool) -> Prepared[Tag]:
    return Prepared(
        lambda now: Tag.objects.in_use(READERS[is_member], now).most_used_first()[:TAGS_SHOWN], now=A_MOMENT
    )
