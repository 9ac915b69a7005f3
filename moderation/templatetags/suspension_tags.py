"""Template tags for suspended members."""

from typing import Any

from django.template import Library

from accounts.models import User
from accounts.services.permissions import until_when
from moderation.models import Restriction

register = Library()


@register.inclusion_tag("moderation/_suspension.html")
def suspension_notice(member: User) -> dict[str, Any]:
    """Until when, why, and where to appeal. One query, for suspended members only.

    Of several restrictions the longest is shown.
    """
    return {
        "until_when": until_when(member),
        "restriction": Restriction.objects.in_force()
        .of(member)
        .select_related("text", "appeal")
        .longest_first()
        .first(),
    }
