"""Sends errors to Sentry or a compatible server. Only imported if SENTRY_DSN is set."""

from typing import Any

import sentry_sdk
from sentry_sdk.utils import BadDsn

from community.env import ConfigurationError

# What is sent of a request. URLs may contain keys, headers cookies, and forms what users wrote.
KEPT_OF_REQUESTS = {"method"}


def send_errors_to(dsn: str) -> None:
    """Report errors with their place in the code, without anything that users wrote or that identifies them.

    Raises ConfigurationError for an invalid DSN.
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
    except (BadDsn, ValueError):  # ValueError for a port that is not a number
        raise ConfigurationError(
            "SENTRY_DSN is not a DSN as Sentry shows it under Client Keys (DSN)."
        ) from None


def without_people(event: Any, hint: Any) -> Any:
    """Remove what may be users' text, names or addresses.

    This includes error messages, which quote values.
    """
    event["request"] = {
        name: value for name, value in event.get("request", {}).items() if name in KEPT_OF_REQUESTS
    }
    for name in ("user", "breadcrumbs", "extra"):
        event.pop(name, None)
    for raised in event.get("exception", {}).get("values", []):
        raised["value"] = ""
    if "logentry" in event:
        # The text with its placeholders, without their values.
        event["logentry"] = {"message": event["logentry"].get("message", "")}
    return event
