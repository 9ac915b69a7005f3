from api.models.tokens import PREFIX, SHOWN_CHARACTERS, Scope, Token, hash_of, make_key
from api.models.webhooks import Delivery, Event, Format, Webhook

__all__ = [
    "PREFIX",
    "SHOWN_CHARACTERS",
    "Delivery",
    "Event",
    "Format",
    "Scope",
    "Token",
    "Webhook",
    "hash_of",
    "make_key",
]
