from decisions.models.decision import (
    KEY_BYTES,
    MAX_OPTIONS,
    MIN_SECRET_VOTERS,
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
    "KEY_BYTES",
    "MAX_OPTIONS",
    "MIN_SECRET_VOTERS",
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
