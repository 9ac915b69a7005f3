"""What this app exports about a member (accounts/services/export.py)."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.export import Part, Row
from dashboard.models import InvitationUse, VisitedLink


def _visited(member: User) -> Iterator[Row]:
    links = VisitedLink.objects.filter(host=member).order_by("pk")
    for link in links.iterator(chunk_size=100):
        yield {"address": link.address, "visited_at": link.visited_at}


def _invitation(member: User) -> Iterator[Row]:
    uses = InvitationUse.objects.filter(member=member).select_related("invitation__created_by")
    for use in uses:
        by = use.invitation.created_by
        yield {"used_at": use.used_at, "by": by.get_display_name() if by else ""}


PARTS = [
    Part(
        "invitation",
        _("The invitation you used"),
        _invitation,
        {"used_at": _("Used"), "by": _("From")},
        frozenset({"dashboard.InvitationUse.member"}),
    ),
    Part(
        "visited_links",
        _("Links you ticked as visited"),
        _visited,
        {"address": _("Address"), "visited_at": _("Visited")},
        frozenset({"dashboard.VisitedLink.host"}),
    ),
]
