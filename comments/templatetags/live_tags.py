"""The place of live updates on a post's page."""

from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse

from core.bridge import OFFER
from core.live import Mark
from posts.models import Post

register = template.Library()


@register.inclusion_tag("comments/_live.html", takes_context=True)
def live_updates(context: dict[str, Any], post: Post) -> dict[str, Any]:
    """The bar that announces new replies while the page is open. Empty where the server offers no live updates.

    Must use the same row as the thread on the page: what became public after it is new to the page.
    """
    if not settings.LIVE_STREAMS or OFFER not in context["request"].META:
        return {"line": None}
    return {"line": reverse("comments:post-live", args=[post.slug]), "since": Mark.of(post.thread_version, post.last_comment_at)}
