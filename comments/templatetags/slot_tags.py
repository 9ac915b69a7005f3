"""Slots on pages of comments that later apps fill."""

from typing import Any

from django.conf import settings
from django.template import Context, Library
from django.template.loader import get_template
from django.utils.safestring import SafeString

from core.markup.safe import trusted

register = Library()


@register.simple_tag(takes_context=True)
def slot(context: Context, name: str) -> SafeString:
    """Render the templates that settings.COMMENT_SLOTS has for this slot.

    They see the variables of the page, and what one of them sets is available to later slots. Such is
    `marks`, set by "window": the ids of the comments at which "comment" shows anything.
    """
    templates: list[Any] = [get_template(path) for path in settings.COMMENT_SLOTS.get(name, [])]
    return trusted("".join(filling.template.nodelist.render(context).strip() for filling in templates))
