"""External sign-in providers: django-allauth's settings for each provider whose keys are set."""

from typing import Any
from urllib.parse import urlsplit

from community.env import ConfigurationError

Keys = tuple[str, str]
"""The site's client id and secret at a sign-in provider."""

LINKEDIN_URL = "https://www.linkedin.com/oauth"
# Only what we use is requested. Facebook removes an API version about two years after its release (this one:
# October 2025).
MORE: dict[str, dict[str, Any]] = {
    "facebook": {"FIELDS": ["id", "name", "email"], "VERSION": "v24.0"},
    "twitter_oauth2": {"FIELDS": ["id", "name", "username"]},
}
WITH_PKCE = {"google", "github", "twitter_oauth2"}


def sign_in_providers(
    places: dict[str, Keys], *, linkedin: Keys, openid: Keys, openid_name: str, openid_url: str
) -> tuple[list[str], dict[str, Any]]:
    """The apps to install and SOCIALACCOUNT_PROVIDERS, for the providers whose keys are set.

    places: by allauth's name of the provider. openid: any OpenID Connect server, at openid_url. Raises
    ConfigurationError if one of two keys is missing, or the URL of the server is invalid.
    """
    providers: dict[str, Any] = {}
    for place, (client_id, secret) in places.items():
        if client_id:
            providers[place] = {
                "APPS": [{"client_id": client_id, "secret": secret}],
                "OAUTH_PKCE_ENABLED": place in WITH_PKCE,
            }
            providers[place] |= MORE.get(place, {})
    servers = []
    if linkedin[0]:
        # It supports neither nonce nor PKCE: with a code_verifier it refuses the code.
        servers.append(
            server("linkedin", "LinkedIn", linkedin, LINKEDIN_URL, oauth_pkce_enabled=False, nonce=False)
        )
    if openid[0]:
        check_server(openid_url)
        servers.append(
            server(
                "openid",
                openid_name or urlsplit(openid_url).hostname or "",
                openid,
                openid_url,
                oauth_pkce_enabled=True,
            )
        )
    if servers:
        providers["openid_connect"] = {
            "provider_class": "accounts.allauth.openid.provider.OpenIDConnectProvider",
            "APPS": servers,
        }
    return [f"allauth.socialaccount.providers.{place}" for place in providers], providers


def server(provider_id: str, name: str, keys: Keys, url: str, **settings: Any) -> dict[str, Any]:
    """An OpenID Connect server, in allauth's format."""
    client_id, secret = keys
    return {
        "provider_id": provider_id,
        "name": name,
        "client_id": client_id,
        "secret": secret,
        "settings": {"server_url": url, **settings},
    }


def both_or_none(name: str, client_id: str, secret: str) -> Keys:
    """The two keys of a provider. Raises ConfigurationError if only one is set."""
    if bool(client_id) != bool(secret):
        raise ConfigurationError(
            f"{name}_CLIENT_ID and {name}_CLIENT_SECRET belong together: set both or none."
        )
    return client_id, secret


def check_server(url: str) -> None:
    """Require HTTPS, without which anyone on the network could forge an identity.

    Local servers are exempt.
    """
    try:
        parts = urlsplit(url)
        is_good = bool(parts.hostname) and (
            parts.scheme == "https"
            or (parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1", "::1"})
        )
    except ValueError:
        is_good = False
    if not is_good:
        raise ConfigurationError(
            f"OPENID_URL must be the address of an OpenID Connect server, beginning with https://, not {url!r}."
        )
