"""Template tags for comment forms."""

from typing import Any

from django.template import Library

from comments.models import Comment
from comments.services import adding
from comments.services.drafts import JUST_WROTE_COOKIE
from posts.models import Post

register = Library()


@register.simple_tag(takes_context=True)
def comment_to_extend(context: dict[str, Any], post: Post, parent: Comment | None) -> Comment | None:
    """The reader's own comment to which new text here could be added.

    Two queries for members who have just posted, none for everyone else.
    """
    reader, has_just_written = context["user"], JUST_WROTE_COOKIE in context["request"].COOKIES
    if not reader.is_authenticated or not (has_just_written or context.get("is_too_fast")):
        return None
    return adding.comment_to_extend(post, reader, parent)
