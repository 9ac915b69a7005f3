"""Posts on other pages."""

from typing import Any

from django import template

from posts.models import Post

register = template.Library()


@register.filter
def may_be_told_of(post: Post, reader: Any) -> bool:
    """Whether a page elsewhere may name the post to this reader: it is live, not unlisted, and not for others."""
    return post.is_discoverable_by(reader)
