"""Atom feeds of posts: all of them, those with a tag, and those of an author."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import escape, format_html

from core.markup.posts import post_for_feeds
from core.models import SiteSettings
from core.utils.pagination import Cursor, now_or_before
from core.utils.urls import absolute_url
from core.web.feeds import SiteFeed
from posts.archive import ArchiveFilter, feed_address
from posts.models import Post, Tag

POSTS = 20


@dataclass
class Part:
    """The content of a feed page: the posts of an archive from a cursor on."""

    narrowed: ArchiveFilter
    place: Cursor | None

    @cached_property
    def posts(self) -> list[Post]:
        listed = Post.objects.listed_for(AnonymousUser(), now_or_before(self.place and self.place.at))
        posts = self.narrowed.of(listed).newest_first().with_author().prefetch_related("tags")
        if self.place:
            posts = posts.older_than(*self.place)
        return [*posts[: POSTS + 1]]

    @property
    def next(self) -> Cursor | None:
        """The cursor after the last post, if there are more."""
        if len(self.posts) <= POSTS:
            return None
        last = self.posts[POSTS - 1]
        return Cursor(last.published_at or last.created_at, last.pk)


class PostFeed(SiteFeed):
    """The newest posts in full. `?tag=` and `?author=` filter as in the archive, `?page=` continues."""

    def get_object(self, request: HttpRequest) -> Part:
        query = QueryDict(mutable=True)
        query.update({name: request.GET[name] for name in ("tag", "author") if name in request.GET})
        narrowed = ArchiveFilter.read(query, Post.objects.listed(), Tag.objects.in_use(self.everybody))
        return Part(narrowed, Cursor.read(request.GET.get("page", "")))

    def title(self, part: Part) -> str:
        site = SiteSettings.current().title
        return f"{part.narrowed.heading} · {site}" if part.narrowed.query else site

    def subtitle(self, part: Part) -> str:
        tag = part.narrowed.tag
        return tag.description if tag else SiteSettings.current().subtitle

    def link(self, part: Part) -> str:
        address = part.narrowed.get_absolute_url() if part.narrowed.query else reverse("posts:home")
        return absolute_url(address)

    def feed_url(self, part: Part) -> str:
        return absolute_url(feed_address(part.narrowed, part.place))

    def feed_guid(self, part: Part) -> str:
        """The id of the feed.

        For the feed of all posts it is the site's URL, as it always was (RFC 4287, 4.2.6).
        """
        return absolute_url(feed_address(part.narrowed) if part.narrowed.query else reverse("posts:home"))

    def feed_extra_kwargs(self, part: Part) -> dict[str, Any]:
        next_page = absolute_url(feed_address(part.narrowed, part.next)) if part.next else ""
        return super().feed_extra_kwargs(part) | {"next_page": next_page}

    def changed_at(self, part: Part) -> datetime | None:
        return Post.objects.last_changed_at()

    def items(self, part: Part) -> Iterable[Post]:
        return part.posts[:POSTS]

    def item_description(self, post: Post) -> str:
        return escape(post.description)  # a summary in Atom is HTML

    def item_extra_kwargs(self, post: Post) -> dict[str, Any]:
        if not post.cover:
            return {"content": post_for_feeds(post.body)}
        address = absolute_url(post.cover.url)
        cover = format_html('<p><img src="{}" alt="{}"></p>', address, post.cover_alt)
        return {"content": cover + post_for_feeds(post.body), "picture": address}

    def item_author_name(self, post: Post) -> str:
        return post.author.get_display_name()

    def item_author_link(self, post: Post) -> str:
        return absolute_url(post.author.get_absolute_url())

    def item_categories(self, post: Post) -> list[str]:
        return [tag.name for tag in post.tags.all()]

    def item_pubdate(self, post: Post) -> datetime | None:
        return post.published_at

    def item_updateddate(self, post: Post) -> datetime:
        return post.changed_at
