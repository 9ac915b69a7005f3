"""Errors sent to Sentry, or to a server that speaks its protocol. Imported only where SENTRY_DSN is set."""

from typing import Any

import sentry_sdk
from sentry_sdk.utils import BadDsn

from community.env import ConfigurationError

# What of a request says where it failed. Addresses have keys in them, headers cookies, and forms what people wrote.
KEPT_OF_REQUESTS = {"method"}


def send_errors_to(dsn: str) -> None:
    """Report errors with their place in the code, and nothing that people wrote or that says who they are.

    Raises ConfigurationError for a DSN that cannot be one.
    """
    try:
        sentry_sdk.init(
            dsn=dsn,
            send_default_pii=False,
            include_local_variables=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            server_name="",
            before_send=without_people,
        )
    except (BadDsn, ValueError):  # of the latter a port that is no number
        raise ConfigurationError(
            "SENTRY_DSN is not an address as Sentry shows it under Client Keys (DSN)."
        ) from None


def without_people(event: Any, hint: Any) -> Any:
    """Take out of an event what may be somebody's words, name or address: messages of errors quote values, too."""
    event["request"] = {
        name: value for name, value in event.get("request", {}).items() if name in KEPT_OF_REQUESTS
    }
    for name in ("user", "breadcrumbs", "extra"):
        event.pop(name, None)
    for raised in event.get("exception", {}).get("values", []):
        raised["value"] = ""
    if "logentry" in event:
        # The text with its placeholders, without what they stood for.
        event["logentry"] = {"message": event["logentry"].get("message", "")}
    return event
