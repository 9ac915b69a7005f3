"""Places on the pages of comments that later apps fill."""

from typing import Any

from django.conf import settings
from django.template import Context, Library
from django.template.loader import get_template
from django.utils.safestring import SafeString

from core.markup.safe import trusted

register = Library()


@register.simple_tag(takes_context=True)
def slot(context: Context, name: str) -> SafeString:
    """What settings.COMMENT_SLOTS names for this place: templates of later apps, one after the other.

    They see the variables of the page around them, and what one of them sets is there for the slots that follow: `marks`, which
    "window" sets, says by id at which comments "comment" shows anything, and it is there alone.
    """
    templates: list[Any] = [get_template(path) for path in settings.COMMENT_SLOTS.get(name, [])]
    return trusted("".join(filling.template.nodelist.render(context).strip() for filling in templates))
