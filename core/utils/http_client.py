"""Fetches a page from an untrusted URL, or sends a message there, protected against SSRF.

Only over HTTPS and from public addresses, with limits of bytes and seconds. A host name is resolved once, and
the connection uses the address that was checked, so that another DNS response cannot lead to the internal
network (DNS rebinding). Redirects are checked in the same way, and the caller decides whether to follow them.
Requests contain no cookies, referrer or credentials.
"""

import http.client
import io
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from django.conf import settings

Message = tuple[bytes, Mapping[str, str]]
"""The body of a request, and the headers that describe it."""
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_SECONDS_TO_CONNECT = 4.0
# Characters allowed in a URL; everything else is percent-encoded.
SAFE = "%/:?#[]@!$&'()*+,;=~"
REDIRECTS = {301, 302, 303, 307, 308}
# IPv4 addresses embedded in IPv6 (RFC 6052): the embedded address counts.
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Public ranges with private use: old ways to embed IPv4 in IPv6, and the metadata services of clouds.
NOT_FOR_VISITORS = [
    ipaddress.ip_network(net)
    for net in (
        "::/96",
        "2001::/32",
        "2002::/16",
        "fec0::/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "168.63.129.16/32",
    )
]


class FetchError(Exception):
    """Why there is no page. `reason` is one of the constants below, `detail` what it is about."""

    NOT_HTTPS = "not_https"
    NOT_PUBLIC = "not_public"
    NO_HOST = "no_host"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    BAD_CERTIFICATE = "bad_certificate"
    TOO_SLOW = "too_slow"
    NO_ANSWER = "no_answer"
    NOT_REACHED = "not_reached"
    # Failures on our side: DNS is unavailable, no outgoing connection, our time limit.
    OURS = frozenset({NOT_REACHED, TOO_SLOW})

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason, self.detail = reason, detail


def is_public(address: IPAddress) -> bool:
    """Whether an address is public: not of this machine, its network or a cloud's metadata service."""
    if isinstance(address, ipaddress.IPv6Address):
        inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else address.ipv4_mapped
        if inside is not None:
            return is_public(inside)
    return (
        address.is_global
        and not (address.is_multicast or address.is_reserved or address.is_unspecified)
        and not any(address in net for net in NOT_FOR_VISITORS if net.version == address.version)
    )


@dataclass(frozen=True)
class Rules:
    """Limits for requests. Tests relax them for a server of their own; the product never does."""

    max_bytes: int = 1024 * 1024
    max_seconds: float = 10.0
    max_redirects: int = 5
    ports: frozenset[int] = frozenset({443})
    accept: str = "text/html, application/xhtml+xml"
    is_allowed: Callable[[IPAddress], bool] = is_public
    resolve: Callable[..., list[Any]] = socket.getaddrinfo
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)


@cache
def public_web() -> Rules:
    """The product's rules."""
    return Rules()


@dataclass(frozen=True)
class Page:
    """A server's response. `body` ends at Rules.max_bytes; `is_cut` tells whether there was more."""

    url: str
    status: int
    headers: http.client.HTTPMessage
    body: bytes
    is_cut: bool = False

    @property
    def text(self) -> str:
        """The body as UTF-8 with replacement characters. Good enough to find URLs, which are ASCII."""
        return self.body.decode("utf-8", errors="replace")


class _Clock:
    """The remaining time, for all redirects together, however slowly bytes arrive."""

    def __init__(self, seconds: float) -> None:
        self.ends_at = time.monotonic() + seconds

    def left(self) -> float:
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Reader(io.RawIOBase):
    """The bytes of a connection; each read waits no longer than the clock allows."""

    def __init__(self, connection: ssl.SSLSocket, clock: _Clock) -> None:
        self.connection, self.clock = connection, clock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.connection.settimeout(self.clock.left())
        return self.connection.recv_into(buffer)


class _TimedSocket:
    """The part of a socket's interface that http.client uses."""

    def __init__(self, connection: ssl.SSLSocket, clock: _Clock) -> None:
        self.connection, self.clock = connection, clock

    def makefile(self, *_args: Any) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self.connection, self.clock))

    def sendall(self, data: bytes) -> None:
        self.connection.settimeout(self.clock.left())
        self.connection.sendall(data)

    def close(self) -> None:
        """Does nothing: http.client calls it before reading; _fetch_one closes the connection."""


def fetch(
    url: str, rules: Rules, *, may_follow: Callable[[str, str], bool] = lambda here, there: True
) -> Page:
    """The page at a URL, following redirects.

    may_follow: called with (from, to) before each redirect; if it returns False, the redirect is the result.
    Raises FetchError.
    """
    clock = _Clock(rules.max_seconds)
    try:
        for _step in range(rules.max_redirects + 1):
            page = _fetch_one(url, rules, clock)
            there = page.headers.get("Location", "")
            if page.status not in REDIRECTS or not there:
                return page
            there = _join(url, there)
            if not may_follow(url, there):
                return page
            url = there
    except TimeoutError:
        raise FetchError(FetchError.TOO_SLOW) from None
    raise FetchError(FetchError.TOO_MANY_REDIRECTS)


def send(url: str, body: bytes, headers: Mapping[str, str], rules: Rules) -> Page:
    """POST a body to a URL, without following redirects. Raises FetchError."""
    try:
        return _fetch_one(url, rules, _Clock(rules.max_seconds), (body, headers))
    except TimeoutError:
        raise FetchError(FetchError.TOO_SLOW) from None


def _join(base: str, there: str) -> str:
    try:
        return urljoin(base, there.strip())
    except ValueError:
        raise FetchError(FetchError.NO_ANSWER) from None


def _fetch_one(url: str, rules: Rules, clock: _Clock, message: Message | None = None) -> Page:
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port or 443
        name = host if ":" in host else host.encode("idna").decode("ascii")
    except ValueError:  # an invalid port or host name
        raise FetchError(FetchError.NO_HOST, bare(url)) from None
    if parts.scheme != "https":
        raise FetchError(FetchError.NOT_HTTPS)
    if port not in rules.ports:
        raise FetchError(FetchError.NOT_PUBLIC, f"{host}:{port}")
    with closing(_connect(name, port, rules, clock)) as connection:
        try:
            return _ask(parts, name, port, connection, rules, clock, message)
        except (OSError, http.client.HTTPException, ValueError) as error:
            if isinstance(error, TimeoutError):
                raise
            raise FetchError(FetchError.NO_ANSWER) from error


def bare(url: str) -> str:
    """The host of a URL, shortened to fit into a sentence."""
    return url.partition("://")[2].partition("/")[0][:80]


def _connect(host: str, port: int, rules: Rules, clock: _Clock) -> ssl.SSLSocket:
    """An open, verified connection to one of the public addresses of a host."""
    try:
        found = rules.resolve(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        is_certain = isinstance(error, ValueError) or (
            isinstance(error, socket.gaierror) and error.errno == socket.EAI_NONAME
        )
        raise FetchError(FetchError.NO_HOST if is_certain else FetchError.NOT_REACHED, host) from None
    places = [
        (family, place)
        for family, _kind, _protocol, _name, place in found
        if family in {socket.AF_INET, socket.AF_INET6}
    ]
    # A host with one internal address is refused.
    if not places or not all(rules.is_allowed(ipaddress.ip_address(place[0])) for _family, place in places):
        raise FetchError(FetchError.NOT_PUBLIC, host)
    was_there = False
    for family, place in places:
        try:
            plain = socket.socket(family, socket.SOCK_STREAM)
        except OSError:  # an address family that this machine does not support
            continue
        try:
            plain.settimeout(min(clock.left(), MAX_SECONDS_TO_CONNECT))
            plain.connect(place)
            plain.settimeout(clock.left())
            return rules.tls.wrap_socket(plain, server_hostname=host)
        except ssl.SSLCertVerificationError:
            plain.close()
            raise FetchError(FetchError.BAD_CERTIFICATE) from None
        except OSError as error:
            plain.close()
            clock.left()
            was_there = was_there or isinstance(error, (ConnectionError, ssl.SSLError))
    raise FetchError(FetchError.NO_ANSWER if was_there else FetchError.NOT_REACHED, host)


def _ask(
    parts: SplitResult,
    host: str,
    port: int,
    connection: ssl.SSLSocket,
    rules: Rules,
    clock: _Clock,
    message: Message | None,
) -> Page:
    asking = http.client.HTTPConnection(host, port)
    asking.sock = _TimedSocket(connection, clock)
    shown_host = f"[{host}]" if ":" in host else host
    target = quote(parts.path or "/", safe=SAFE) + (
        f"?{quote(parts.query, safe=SAFE)}" if parts.query else ""
    )
    asking.putrequest("POST" if message else "GET", target, skip_host=True, skip_accept_encoding=True)
    asking.putheader("Host", shown_host if port == 443 else f"{shown_host}:{port}")
    asking.putheader("User-Agent", f"LongTable (+{settings.SITE_URL})")
    asking.putheader("Accept", rules.accept)
    asking.putheader("Accept-Encoding", "identity")
    asking.putheader("Connection", "close")
    body, headers = message or (None, {})
    for name, value in headers.items():
        asking.putheader(name, value)
    if body is not None:
        asking.putheader("Content-Length", str(len(body)))
    asking.endheaders(body)
    response = asking.getresponse()
    received = bytearray()
    while len(received) <= rules.max_bytes and (part := response.read1(64 * 1024)):
        clock.left()
        received += part
    return Page(
        parts.geturl(),
        response.status,
        response.headers,
        bytes(received[: rules.max_bytes]),
        is_cut=len(received) > rules.max_bytes,
    )
