"""The place of live updates on a post's page."""

from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse

from core.live import Mark
from posts.models import Post

register = template.Library()


@register.inclusion_tag("comments/_live.html")
def live_updates(post: Post) -> dict[str, Any]:
    """The bar that tells of new replies while the page is open. Nothing where no lines are held, or none are due.

    Must be made of the same row as the talk on the page: what became public after it is new to the page.
    """
    if not settings.LIVE_STREAMS or not post.is_published:
        return {"line": None}
    return {"line": reverse("comments:post-live", args=[post.slug]), "since": Mark.of(post.thread_version, post.last_comment_at)}
