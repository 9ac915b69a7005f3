"""Sign-in with an OpenID Connect server, with every claim verified.

django-allauth skips checks that OpenID Connect Core 1.0 makes optional. Here the signature is checked even on
a direct connection, the nonce ties the response to this browser (3.1.3.7), the user info must be about the
subject of the token (5.3.2), and the server must be the issuer it claims to be (Discovery 1.0, 4.3).
"""

import hashlib
import hmac
from typing import Any
from urllib.parse import urlsplit

import jwt
from allauth.account.models import EmailAddress
from allauth.socialaccount import app_settings
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider as AllauthProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string
from django.utils.functional import cached_property

# Asymmetric signatures only: the server signs with a private key that nobody else has.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
ENDPOINTS = ["authorization_endpoint", "token_endpoint", "jwks_uri"]
# The claims that are used.
WE_USE = ["sub", "email", "email_verified", "preferred_username", "name"]
CLOCKS_DIFFER_SECONDS = 60
KEEP_CONFIG_SECONDS = 600


class OpenIDConnectAdapter(OpenIDConnectOAuth2Adapter):
    # Set by the view to the state that was stored before the redirect.
    state: dict[str, Any] = {}

    @cached_property
    def openid_config(self) -> dict[str, Any]:
        """The server's metadata.

        Raises OAuth2Error if it is invalid, RequestException if there is no response.
        """
        address = self.get_provider().server_url
        key = f"openid:{hashlib.sha256(address.encode()).hexdigest()}"
        config: dict[str, Any] | None = cache.get(key)
        if config is None:
            config = self._read_config(address)
            cache.set(key, config, KEEP_CONFIG_SECONDS)
        return config

    def _read_config(self, address: str) -> dict[str, Any]:
        config = self._ask(address)
        issuer = address.partition("/.well-known/")[0]
        if str(config.get("issuer")).rstrip("/") != issuer.rstrip("/"):
            raise OAuth2Error(f"{issuer} calls itself {config.get('issuer')!r}")
        scheme = urlsplit(issuer).scheme
        for name in [*ENDPOINTS, *(["userinfo_endpoint"] if "userinfo_endpoint" in config else [])]:
            if not str(config.get(name)).startswith(("https://", f"{scheme}://")):
                raise OAuth2Error(f"{issuer} has no {name}")
        return config

    def _ask(self, address: str, **headers: str) -> dict[str, Any]:
        with get_adapter().get_requests_session() as session:
            answer = session.get(address, headers=headers)
            answer.raise_for_status()
            data = answer.json()
        if not isinstance(data, dict):
            raise OAuth2Error(f"{address} does not answer with an object")
        return data

    def get_access_token_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        try:
            data = super().get_access_token_data(*args, **kwargs)
        except (KeyError, ValueError) as error:
            raise OAuth2Error("the token endpoint answers nonsense") from error
        if not isinstance(data, dict) or not isinstance(data["access_token"], str):
            raise OAuth2Error("the token endpoint gives no token")
        return {"access_token": data["access_token"], "id_token": data.get("id_token")}

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        claims = self.read_id_token(app, kwargs["response"].get("id_token"))
        about = claims
        if "email" not in claims and "userinfo_endpoint" in self.openid_config:
            info = self._ask(self.profile_url, Authorization=f"Bearer {token.token}")
            if info.get("sub") != claims["sub"]:
                raise OAuth2Error("the user info is about somebody else")
            # An address and its verification come from the same source, never mixed.
            about = {name: value for name, value in claims.items() if not name.startswith("email")} | info
        return self.get_provider().sociallogin_from_response(
            request, {name: about.get(name) for name in WE_USE}
        )

    def read_id_token(self, app: SocialApp, id_token: Any) -> dict[str, Any]:
        """The verified claims of an ID token: this server, this client, this browser, not expired.

        Or OAuth2Error.
        """
        try:
            header = jwt.get_unverified_header(id_token)
            keys = jwt.PyJWKSet.from_dict(self._ask(self.openid_config["jwks_uri"])).keys
            key = next((key for key in keys if key.key_id == header.get("kid")), None)
            if key is None:
                raise OAuth2Error("signed with a key that is not the server's")
            claims = jwt.decode(
                id_token,
                key=key,
                algorithms=ALGORITHMS,
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=CLOCKS_DIFFER_SECONDS,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError as error:
            raise OAuth2Error(f"the token is not good: {error}") from error
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("the token was made for another site")
        nonce = self.state.get("nonce")
        if nonce and not hmac.compare_digest(str(claims.get("nonce")).encode(), nonce.encode()):
            raise OAuth2Error("the token was made for another sign-in")
        subject = claims["sub"]
        if not subject.isprintable() or not 0 < len(subject) <= app_settings.UID_MAX_LENGTH:
            raise OAuth2Error("the token names nobody")
        return claims


class OpenIDConnectProvider(AllauthProvider):
    oauth2_adapter_class = OpenIDConnectAdapter

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **kwargs: Any
    ) -> HttpResponse:
        """Redirect the browser to the server, with a nonce if the server supports OpenID Connect."""
        if self.app.settings.get("nonce", True):
            kwargs["nonce"] = get_random_string(32)  # stored with the state
            kwargs["auth_params"] = (kwargs.get("auth_params") or self.get_auth_params()) | {
                "nonce": kwargs["nonce"]
            }
        return super().redirect(request, process, next_url, data, **kwargs)

    def extract_email_addresses(self, data: dict[str, Any]) -> list[EmailAddress]:
        # Some servers send booleans as strings. Of these, only "true" counts.
        is_confirmed = data.get("email_verified") is True or data.get("email_verified") == "true"
        return (
            [EmailAddress(email=data["email"], verified=is_confirmed, primary=True)]
            if isinstance(data.get("email"), str)
            else []
        )


provider_classes = [OpenIDConnectProvider]
