from decisions.models.decision import (
    FEWEST_SECRET_VOTERS,
    KEY_BYTES,
    MOST_OPTIONS,
    OPTION_CHARACTERS,
    Decision,
    DecisionSettings,
    Option,
    PollAndProposalQuerySet,
    Voter,
    make_key,
)
from decisions.models.guest import Guest, GuestQuerySet, NoInvitations
from decisions.models.taken import Choice, Position

__all__ = [
    "FEWEST_SECRET_VOTERS",
    "KEY_BYTES",
    "MOST_OPTIONS",
    "OPTION_CHARACTERS",
    "Choice",
    "Decision",
    "DecisionSettings",
    "Guest",
    "GuestQuerySet",
    "NoInvitations",
    "Option",
    "PollAndProposalQuerySet",
    "Position",
    "Voter",
    "make_key",
]
