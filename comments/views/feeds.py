"""Atom feeds of comments: all of them, and those of one post."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from comments.models import Comment
from core.markup.plain import for_elsewhere
from core.models import SiteSettings
from core.utils.urls import absolute_url
from core.web.feeds import SiteFeed, lasting_id
from posts.models import Post


class BaseCommentFeed(SiteFeed):
    """The fields that all feeds of comments share."""

    COMMENTS = 50

    def changed_at(self, obj: Post | None) -> None:
        """Unknown, because the time of the last removal is."""
        return

    def item_title(self, comment: Comment) -> str:
        return _("%(name)s on “%(post)s”") % {"name": comment.author_name, "post": comment.post.title}

    def item_description(self, comment: Comment) -> str:
        return for_elsewhere(comment.public_html)

    def item_guid(self, comment: Comment) -> str:
        """The permalink without the slug, so that it stays the same when a branch moves."""
        return absolute_url(comment.bare_url)

    def item_author_name(self, comment: Comment) -> str:
        return comment.author_name

    def item_author_link(self, comment: Comment) -> str:
        if comment.author:
            return absolute_url(comment.author.get_absolute_url()) if comment.author.is_active else ""
        return comment.guest_url

    def item_pubdate(self, comment: Comment) -> datetime:
        return comment.created_at

    def item_updateddate(self, comment: Comment) -> datetime:
        return comment.edited_at or comment.created_at


class CommentFeed(BaseCommentFeed):
    def title(self) -> str:
        return _("Comments on %(site)s") % {"site": SiteSettings.current().title}

    def link(self) -> str:
        return absolute_url(reverse("posts:home"))

    def feed_url(self) -> str:
        return absolute_url(reverse("comments:feed"))

    def feed_guid(self) -> str:
        """Not Django's default: the URL of the subject is the id of the feed of posts (RFC 4287, 4.2.6)."""
        return self.feed_url()

    def items(self) -> Any:
        return (
            Comment.objects.public_of_all()
            .discoverable_by(self.everybody)
            .newest(self.COMMENTS)
            .select_related("author", "post")
        )


class PostCommentFeed(BaseCommentFeed):
    def get_object(self, request: HttpRequest, slug: str) -> Post:
        return get_object_or_404(Post.objects.readable_by(self.everybody), slug=slug)

    def title(self, post: Post) -> str:
        return _("Comments on “%(post)s”") % {"post": post.title}

    def link(self, post: Post) -> str:
        return absolute_url(post.get_absolute_url())

    def feed_url(self, post: Post) -> str:
        return absolute_url(reverse("comments:post-feed", args=[post.slug]))

    def feed_guid(self, post: Post) -> str:
        """Stays the same if the slug of the post changes."""
        return f"{lasting_id(post)}/comments"

    def items(self, post: Post) -> Any:
        return (
            Comment.objects.public_of_all()
            .for_post(post)
            .newest(self.COMMENTS)
            .select_related("author", "post")
        )
