"""A small OpenID Connect server (Core 1.0, authorisation code with PKCE) on this machine, in a thread.

Its responses are correct unless a test overrides them with `claims`, `info` or `config`.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, SECRET = "long-table", "a secret between the two"


@cache
def make_key(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class OpenIDServer:
    port: int
    # The user at the browser, as this server knows them.
    person: dict[str, Any] = field(
        default_factory=lambda: {
            "sub": "7",
            "email": "dora@example.org",
            "email_verified": True,
            "preferred_username": "dora",
            "name": "Dora Vega",
        }
    )
    refuses: bool = False
    claims: dict[str, Any] = field(default_factory=dict)
    info: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)  # path: the response instead, bytes or a status
    signs_with: str = "own"
    claims_hold_email: bool = True
    given: dict[str, dict[str, str]] = field(default_factory=dict)  # by code: the request
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def authorize(self, query: str) -> str:
        """Return the URL that the browser is redirected to after the user has decided."""
        asked = dict(parse_qsl(query))
        if self.refuses:
            return f"{asked['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': asked['state']})}"
        code = secrets.token_urlsafe(8)
        self.given[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def send_back(self, address: str) -> str:
        """Follow a redirect to `address` as a browser does; return path and query of the final URL."""
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.url}/authorize"
        back = urlsplit(self.authorize(parts.query))
        return f"{back.path}?{back.query}"

    def describe(self) -> dict[str, Any]:
        paths = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "jwks_uri": "keys",
            "userinfo_endpoint": "info",
        }
        addresses = {name: f"{self.url}/{path}" for name, path in paths.items()}
        return (
            {"issuer": self.url, "token_endpoint_auth_methods_supported": ["client_secret_basic"]}
            | addresses
            | self.config
        )

    def keys(self) -> dict[str, Any]:
        key = jwt.algorithms.RSAAlgorithm.to_jwk(make_key("own").public_key(), as_dict=True)
        return {"keys": [key | {"kid": "own", "alg": "RS256", "use": "sig"}]}

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | int:
        right = base64.b64encode(f"{CLIENT_ID}:{SECRET}".encode()).decode()
        asked = self.given.pop(form.get("code", ""), None)
        if (
            asked is None
            or authorization != f"Basic {right}"
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            return 400
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest())
            .rstrip(b"=")
            .decode()
        )
        if challenge != asked["code_challenge"]:
            return 400
        person = self.person if self.claims_hold_email else {"sub": self.person["sub"]}
        claims = person | {
            "iss": self.url,
            "aud": CLIENT_ID,
            "iat": int(time.time()),
            "exp": int(time.time()) + 60,
            "nonce": asked["nonce"],
        }
        claims = {name: value for name, value in (claims | self.claims).items() if value is not None}
        algorithm = self.header.get("alg", "RS256")
        key = {"RS256": make_key(self.signs_with), "HS256": SECRET * 2, "none": None}[algorithm]
        return {
            "access_token": "open sesame",
            "token_type": "Bearer",
            "id_token": jwt.encode(claims, key, algorithm, headers={"kid": "own"} | self.header),  # type: ignore[arg-type]
        }

    def user_info(self, authorization: str) -> dict[str, Any] | int:
        return self.person | self.info if authorization == "Bearer open sesame" else 401


class Handler(BaseHTTPRequestHandler):
    about: OpenIDServer

    def log_message(self, *_args: Any) -> None:
        pass

    def do_GET(self) -> None:
        path, _mark, query = self.path.partition("?")
        self.about.asked.append(path)
        answers = {
            "/.well-known/openid-configuration": self.about.describe,
            "/keys": self.about.keys,
            "/info": lambda: self.about.user_info(self.headers.get("Authorization", "")),
        }
        if path == "/authorize":
            self.ask_the_person(query)
        elif path == "/decide":
            self.about.refuses = "no=" in query
            self.send_response(302)
            self.send_header("Location", self.about.authorize(query))
            self.end_headers()
        else:
            self.answer(path, answers[path]() if path in answers else 404)

    def do_POST(self) -> None:
        self.about.asked.append(self.path)
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        self.answer(self.path, self.about.token(form, self.headers.get("Authorization", "")))

    def ask_the_person(self, query: str) -> None:
        kept = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
            for name, value in parse_qsl(query)
        )
        page = f'<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>The Guild</title><form action="/decide">{kept}<button name="yes">Yes</button><button name="no" value="1">No</button></form>'
        self.answer("/authorize", page.encode(), kind="text/html")

    def answer(self, path: str, content: Any, kind: str = "application/json") -> None:
        content = self.about.answers.get(path, content)
        status, body = (
            (content, b"{}")
            if isinstance(content, int)
            else (200, content if isinstance(content, bytes) else json.dumps(content).encode())
        )
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def openid_server() -> Iterator[OpenIDServer]:
    handler = type("OneHandler", (Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        handler.about = OpenIDServer(http.server_address[1])  # type: ignore[attr-defined]
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield handler.about  # type: ignore[attr-defined]
        http.shutdown()
        thread.join()
