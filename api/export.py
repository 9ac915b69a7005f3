"""What this app stores about a member, for the data export (accounts/services/export.py)."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.export import Part, Row
from api.models import Token


def _tokens(member: User) -> Iterator[Row]:
    """Without their hashes."""
    for token in Token.objects.filter(member=member).order_by("pk"):
        yield {
            "name": token.name,
            "begins_with": token.begins_with,
            "scopes": token.scopes,
            "created_at": token.created_at,
            "last_used_on": token.last_used_on,
            "ends_on": token.ends_on,
        }


PARTS = [
    Part(
        "api_tokens",
        _("API tokens"),
        _tokens,
        {
            "name": _("Name"),
            "begins_with": _("Begins with"),
            "created_at": _("Created"),
            "last_used_on": _("Last used"),
        },
        frozenset({"api.Token.member"}),
    )
]
