"""Social networks: which one a URL belongs to, and the profile URL of a handle.

The networks are data, in networks.toml.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

DATA = Path(__file__).with_name("networks.toml")
ANY_HANDLE = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}"
# "@ada@mastodon.social", "acct:ada@mastodon.social" (RFC 7565)
FEDIVERSE_HANDLE = re.compile(
    r"(?:@|acct:)([A-Za-z0-9_.-]{1,64})@([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+)", re.IGNORECASE
)
FEDIVERSE_PATH = re.compile(r"/(?:@|users/|web/@)[A-Za-z0-9_.]+(?:@[A-Za-z0-9.-]+)?/?")
EMAIL = re.compile(r"(?:mailto:)?[^\s@/:]+@[^\s@/:]+\.[^\s@/:]+")
# "Twitter: ada", "Hacker News @ada"
NAMED_HANDLE = re.compile(r"(?P<network>[^:@/]{1,30}?)\s*(?::\s*@?|\s@)(?P<handle>[^\s/@:]{1,64})")


@dataclass(frozen=True)
class Network:
    """A social network whose links get its icon and name. closed: the year it was shut down."""

    key: str
    name: str
    hosts: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    icon: str = ""
    letters: str = ""
    handle: str = ""
    chars: str = ANY_HANDLE
    closed: int | None = None

    @property
    def is_closed(self) -> bool:
        """Whether the network was shut down."""
        return self.closed is not None

    def address_of(self, handle: str) -> str:
        """The profile URL of a handle. Raises ValidationError if the handle is invalid."""
        if not self.handle:
            raise ValidationError(
                _("%(network)s has no address for a username alone. Enter the full address."),
                "no_handles",
                {"network": self.name},
            )
        if not re.fullmatch(self.chars, handle):
            raise ValidationError(
                _("This can’t be a username on %(network)s. Check the spelling."),
                "bad_handle",
                {"network": self.name},
            )
        return self.handle.format(handle)


@cache
def all_networks() -> dict[str, Network]:
    """Every network of networks.toml, by its key."""
    tables = tomllib.loads(DATA.read_text(encoding="utf-8"))
    return {key: _read_network(key, **table) for key, table in tables.items()}


def _read_network(key: str, *, hosts: list[str], aliases: Sequence[str] = (), **more: Any) -> Network:
    return Network(key=key, hosts=tuple(hosts), aliases=tuple(aliases), **more)


@cache
def _by_host() -> dict[str, Network]:
    return {host: network for network in all_networks().values() for host in network.hosts}


@cache
def _by_name() -> dict[str, Network]:
    return {
        name.casefold(): network
        for network in all_networks().values()
        for name in (network.key, network.name, *network.aliases)
    }


def bare_host(url: str) -> str:
    """The host of a URL in lowercase, without "www."; empty if there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".").removeprefix("www.")
    except ValueError:
        return ""


def network_of(url: str) -> Network | None:
    """The network that a URL belongs to, or None."""
    host = bare_host(url)
    labels = host.split(".")
    for start in range(len(labels) - 1):
        if network := _by_host().get(".".join(labels[start:])):
            return network
    if host and FEDIVERSE_PATH.fullmatch(urlsplit(url).path):
        return all_networks()["fediverse"]
    return None


def find_network(name: str) -> Network | None:
    """The network with this name, ignoring case: "Twitter", "insta"."""
    return _by_name().get(" ".join(name.split()).casefold())


def read_address(typed: str, label: str = "") -> str:
    """The URL a member means: as typed, or built from a handle.

    label: the link's label; "@ada" with the label "Instagram" is a handle on Instagram. Raises
    ValidationError for a handle of an unknown network, and for an email address.
    """
    typed = typed.strip()
    if found := FEDIVERSE_HANDLE.fullmatch(typed):
        return f"https://{found[2].lower()}/@{found[1]}"
    if EMAIL.fullmatch(typed):
        raise ValidationError(
            _("This is an email address, and everyone would see it. Enter the address of a web page."),
            code="email",
        )
    if (found := NAMED_HANDLE.fullmatch(typed)) and (network := find_network(found["network"])):
        return network.address_of(found["handle"])
    network = find_network(label)
    if not typed.startswith("@"):
        is_name = network is not None and re.fullmatch(r"[\w-]{1,64}", typed, re.ASCII)
        return network.address_of(typed) if network and is_name else typed
    handle = typed.removeprefix("@")
    if network is None and handle.lower().endswith(".bsky.social"):
        network = all_networks()["bluesky"]
    if network is None:
        raise ValidationError(
            _(
                "Which site is %(handle)s on? Add it to the label, for example Instagram, or enter the full address."
            ),
            "no_network",
            {"handle": typed},
        )
    return network.address_of(handle)
