"""Template tags for the page after posting a comment."""

from datetime import timedelta
from typing import Any

from django.template import Library
from django.utils import timezone

from closer.services.closing_lines import link_to_offer
from comments.models import Comment
from comments.services.drafts import JUST_WROTE_COOKIE
from core.markup.links import tidy_address
from core.parts import is_on
from posts.models import Post

register = Library()

FRESH = timedelta(minutes=5)


@register.inclusion_tag("closer/_closing_link.html", takes_context=True)
def offered_link(context: dict[str, Any], post: Post) -> dict[str, Any]:
    """The offer to the author of a new comment that ends with their name and URL. Empty for others."""
    request = context["request"]
    if not request.user.is_authenticated or JUST_WROTE_COOKIE not in request.COOKIES or not is_on("closer"):
        return {}
    own = (
        Comment.objects.for_post(post)
        .by(request.user)
        .not_gone()
        .filter(created_at__gt=timezone.now() - FRESH)
    )
    comment = own.select_related("author").newest_first().first()
    link = link_to_offer(comment) if comment else None
    return {"comment": comment, "address": tidy_address(link)} if link else {}
