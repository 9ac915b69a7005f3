"""What polls store about somebody without an account, for themselves (comments/services/guest_parts.py)."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from comments.services.guest_parts import GuestPart, Row
from core.utils.urls import absolute_url
from decisions.models import Guest


def _rows(email: str) -> Iterator[Row]:
    """Invitations, with what was chosen. Where the address is that of a member by now, the vote is the member's."""
    guests = (
        Guest.objects.filter(email=email).select_related("decision", "voter").order_by("created_at", "pk")
    )
    for guest in guests.prefetch_related("voter__choices__option"):
        voter = guest.voter
        chosen = []
        if voter is not None and voter.member_id is None:
            choices = sorted(voter.choices.all(), key=lambda one: (one.place or 0, one.option.position))
            chosen = [one.option.text for one in choices]
        yield {
            "title": guest.decision.title,
            "address": absolute_url(guest.decision.get_absolute_url()),
            "says": ", ".join(chosen),
            "name": guest.name,
            "language": guest.language,
            "invited_at": guest.created_at,
        }


PART = GuestPart(
    "polls",
    _("Polls you were invited to"),
    _rows,
    _("Your invitations to polls are deleted. What you voted for stays, without your name."),
)
