"""What decisions store about someone without an account, for themselves.

See comments/services/guest_parts.py.
"""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from comments.services.guest_parts import GuestPart, Row
from core.utils.urls import absolute_url
from decisions.models import Decision, Guest


def _invited(email: str, kind: str) -> QuerySet[Guest]:
    guests = Guest.objects.filter(email=email, decision__kind=kind).select_related("decision", "voter")
    return guests.order_by("created_at", "pk")


def _row(guest: Guest, says: str) -> Row:
    return {
        "title": guest.decision.title,
        "address": absolute_url(guest.decision.get_absolute_url()),
        "says": says,
        "name": guest.name,
        "language": guest.language,
        "invited_at": guest.created_at,
        "withdrawn_at": guest.withdrawn_at,
    }


def _polls(email: str) -> Iterator[Row]:
    """Polls with the choices. If the address belongs to a member by now, the vote is the member's."""
    for guest in _invited(email, Decision.Kind.POLL).prefetch_related("voter__choices__option"):
        voter = guest.voter
        chosen = []
        if voter is not None and voter.member_id is None:
            choices = sorted(voter.choices.all(), key=lambda one: (one.place or 0, one.option.position))
            chosen = [one.option.text for one in choices]
        yield _row(guest, ", ".join(chosen))


def _proposals(email: str) -> Iterator[Row]:
    """Proposals with the current position, unless it is a member's by now.

    The reason is among the comments.
    """
    for guest in _invited(email, Decision.Kind.PROPOSAL).prefetch_related("positions"):
        held = [
            one.get_stance_display() for one in guest.positions.all() if one.is_current and not one.member_id
        ]
        yield _row(guest, _("Your position: %(stance)s") % {"stance": held[0]} if held else "")


POLLS = GuestPart(
    "polls",
    _("Polls you were invited to"),
    _polls,
    _("Your invitations to polls are deleted. What you voted for stays, without your name."),
)
# The page asks what should happen to a position, as it does for each comment.
PROPOSALS = GuestPart(
    "proposals",
    _("Proposals you were invited to"),
    _proposals,
    _("Your invitations to proposals are deleted."),
)
