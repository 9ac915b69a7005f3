"""What this app exports about a member (accounts/services/export.py).

The texts of polls, reasons and outcomes are among their comments. Choices in a secret vote cannot be
determined.
"""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.export import Part, Row
from decisions.models import Position, Voter


def _votes(member: User) -> Iterator[Row]:
    votes = Voter.objects.filter(member=member).select_related("decision").order_by("decision")
    for vote in votes.prefetch_related("choices__option").iterator(chunk_size=200):
        chosen = sorted(vote.choices.all(), key=lambda one: (one.place or 0, one.option.position))
        yield {
            "title": vote.decision.title,
            "chosen": [str(_("A secret vote: your choice isn’t stored with your name."))]
            if vote.decision.is_secret
            else [one.option.text for one in chosen],
        }


def _positions(member: User) -> Iterator[Row]:
    rows = Position.objects.filter(member=member).select_related("decision", "reason").order_by("pk")
    for position in rows.iterator(chunk_size=200):
        yield {
            "title": position.decision.title,
            "stance": position.get_stance_display(),
            "reason": position.reason.body,
            "is_current": position.is_current,
        }


PARTS = [
    Part(
        "votes",
        _("Your votes"),
        _votes,
        {"title": _("Title"), "chosen": _("Chosen")},
        frozenset({"decisions.Voter.member"}),
    ),
    Part(
        "positions",
        _("Your positions on proposals"),
        _positions,
        {"title": _("Title"), "stance": _("Position"), "reason": _("Reason")},
        frozenset({"decisions.Position.member"}),
    ),
]
