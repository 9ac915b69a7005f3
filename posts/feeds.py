from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import escape

from core.markup.posts import post_for_feeds
from core.models import SiteSettings
from core.utils.urls import absolute_url
from core.web.feeds import SiteFeed
from posts.models import Post


class PostFeed(SiteFeed):
    """The newest posts, whole."""

    POSTS = 20

    def title(self) -> str:
        return SiteSettings.current().title

    def subtitle(self) -> str:
        return SiteSettings.current().subtitle

    def link(self) -> str:
        return absolute_url(reverse("posts:home"))

    def feed_url(self) -> str:
        return absolute_url(reverse("posts:feed"))

    def changed_at(self, obj: None) -> datetime | None:
        return Post.objects.last_changed_at()

    def items(self) -> QuerySet[Post]:
        return Post.objects.listed().newest_first().with_author().prefetch_related("tags")[: self.POSTS]

    def item_description(self, post: Post) -> str:
        return escape(post.description)  # the summary of an entry is HTML

    def item_extra_kwargs(self, post: Post) -> dict[str, Any]:
        return {"content": post_for_feeds(post.body)}

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
