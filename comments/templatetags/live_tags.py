"""Template tag for live updates on a post's page."""

from typing import Any

from django.template import Library
from django.urls import reverse

from posts.models import Post

register = Library()


@register.inclusion_tag("comments/_live.html")
def live_updates(post: Post, since: str) -> dict[str, Any]:
    """The bar that announces new replies while the page is open.

    since: when the latest comment on the page became public (comments.thread.live.microseconds). It must come
    from the same row as the thread on the page: later comments are new to the page.
    """
    return {"address": reverse("comments:post-live", args=[post.slug]), "since": since}
