"""The text of a comment for a frame on another site."""

from django.template import Library
from django.utils.safestring import SafeString

from comments.models import Comment
from core.markup.plain import for_elsewhere
from core.markup.safe import trusted

register = Library()


@register.simple_tag
def embedded_html(comment: Comment) -> SafeString:
    """As in feeds: no cards, absolute URLs; a new member's links are text."""
    return trusted(for_elsewhere(comment.public_html))
