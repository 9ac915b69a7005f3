"""Bounces and complaints reported by mail providers, read by django-anymail.

Only imported if MAIL_PROVIDER is set.

Emails are still sent by SMTP (EMAIL_URL).
"""

from importlib.util import find_spec
from typing import Any

from community.env import ConfigurationError

# django-anymail's names of the settings for the key that verifies a provider's reports; "" if there is none.
PROVIDERS = {
    "amazon_ses": "",
    "brevo": "",
    "mailersend": "MAILERSEND_SIGNING_SECRET",
    "mailgun": "MAILGUN_WEBHOOK_SIGNING_KEY",
    "mailjet": "",
    "mandrill": "MANDRILL_WEBHOOK_KEY",
    "postal": "POSTAL_WEBHOOK_KEY",
    "postmark": "",
    # It signs too, but that would need a package that nothing else needs; the secret in the URL is enough.
    "resend": "",
    "sendgrid": "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY",
    "sparkpost": "",
}


def settings_for(provider: str, secret: str, key: str) -> dict[str, Any]:
    """The setting ANYMAIL. Raises ConfigurationError if reports could be forged."""
    if provider not in PROVIDERS:
        raise ConfigurationError(f"MAIL_PROVIDER must be one of {', '.join(PROVIDERS)}, not {provider!r}.")
    if len(secret) < 16 or secret.count(":") != 1:
        raise ConfigurationError("MAIL_WEBHOOK_SECRET must be name:password, with 16 characters or more.")
    if provider == "amazon_ses" and not find_spec("boto3"):
        raise ConfigurationError("MAIL_PROVIDER=amazon_ses needs more packages: bin/install s3")
    found = {"WEBHOOK_SECRET": secret}
    if name := PROVIDERS[provider]:
        if not key:
            raise ConfigurationError(
                f"MAIL_PROVIDER={provider} needs MAIL_WEBHOOK_KEY, the key that the provider signs with."
            )
        found[name] = key
    return found


def webhook_urls(provider: str) -> list[Any]:
    """The URL for reports of that provider only: `/anymail/PROVIDER/tracking/`."""
    from anymail.urls import urlpatterns  # noqa: PLC0415 - when the apps are loaded

    return [each for each in urlpatterns if each.name == f"{provider}_tracking_webhook"]
