"""Atom feeds of comments: all of them, and those under one post."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from comments.models import Comment
from core.markup import for_elsewhere
from posts.models import Post

ITEMS = 50


class CommentFeed(Feed):
    feed_type = Atom1Feed

    def title(self) -> str:
        return _("Comments on %(site)s") % {"site": settings.SITE_NAME}

    def link(self) -> str:
        return settings.SITE_URL + reverse("posts:home")

    def feed_url(self) -> str:
        return settings.SITE_URL + reverse("comments:feed")

    def feed_guid(self) -> str:
        return self.feed_url()

    def items(self) -> Any:
        return Comment.objects.public().on_published_posts().newest_first().select_related("author", "post")[:ITEMS]

    def item_title(self, item: Comment) -> str:
        return _("%(name)s on “%(post)s”") % {"name": item.author_name, "post": item.post.title}

    def item_description(self, item: Comment) -> str:
        return for_elsewhere(item.html)

    def item_link(self, item: Comment) -> str:
        return settings.SITE_URL + item.get_absolute_url()

    item_guid = item_link

    def item_author_name(self, item: Comment) -> str:
        return item.author_name

    def item_author_link(self, item: Comment) -> str:
        return settings.SITE_URL + item.author.get_absolute_url() if item.author else item.guest_url

    def item_pubdate(self, item: Comment) -> datetime:
        return item.created_at

    def item_updateddate(self, item: Comment) -> datetime:
        return item.edited_at or item.created_at


class PostCommentFeed(CommentFeed):
    def get_object(self, request: HttpRequest, slug: str) -> Post:
        return get_object_or_404(Post.objects.published(), slug=slug)

    def title(self, post: Post) -> str:
        return _("Comments on “%(post)s”") % {"post": post.title}

    def link(self, post: Post) -> str:
        return settings.SITE_URL + post.get_absolute_url()

    def feed_url(self, post: Post) -> str:
        return settings.SITE_URL + reverse("comments:post-feed", args=[post.slug])

    def feed_guid(self, post: Post) -> str:
        return self.feed_url(post)

    def items(self, post: Post) -> Any:
        return Comment.objects.public().for_post(post).newest_first().select_related("author", "post")[:ITEMS]
