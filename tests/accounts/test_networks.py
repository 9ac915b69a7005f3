"""The network that a URL belongs to, and the URL of a handle."""

import re
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.models.networks import all_networks, find_network, network_of, read_address

NETWORKS = list(all_networks().values())
SYMBOLS = set(
    re.findall(
        r'<symbol id="([^"]+)" viewBox="0 0 24 24">',
        (Path(__file__).resolve().parents[2] / "static" / "icons.svg").read_text(encoding="utf-8"),
    )
)


def test_no_two_networks_share_a_host_or_a_name():
    hosts = [host for network in NETWORKS for host in network.hosts]
    names = [
        name.casefold()
        for network in NETWORKS
        for name in {network.key, network.name.casefold(), *network.aliases}
    ]
    assert len(hosts) == len(set(hosts))
    assert len(names) == len(set(names))
    assert sum(network.is_closed for network in NETWORKS) > 10


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.key)
def test_each_network_has_one_sign_and_its_handles_lead_to_itself(network):
    assert bool(network.icon) != bool(network.letters)
    assert network.icon in SYMBOLS | {""}
    assert len(network.letters) <= 2
    if network.handle:
        handle = {"orcid": "0000-0002-1825-009X", "bluesky": "ada.bsky.social"}.get(network.key, "adal")
        url = read_address(f"{network.name}: @{handle}")
        assert (urlsplit(url).scheme, handle in url, network_of(url)) == ("https", True, network)
        assert read_address(f"@{handle}", label=network.name.upper()) == url


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://twitter.com/ada", "twitter"),
        ("https://WWW.X.com./ada", "twitter"),
        ("https://mobile.twitter.com/ada", "twitter"),
        ("https://nottwitter.com/ada", None),
        ("https://twitter.com.evil.example/", None),
        ("https://ada.wordpress.com/", "wordpress"),
        ("https://plus.google.com/1", "googleplus"),
        ("https://google.com/1", None),
        ("https://social.example/@ada", "fediverse"),
        ("https://social.example/users/ada", "fediverse"),
        ("https://social.example/@ada/123", None),
        ("https://www.youtube.com/@ada", "youtube"),
        ("https://blog.example/", None),
        ("https://[evil", None),
        ("https://com/", None),
    ],
)
def test_an_address_is_recognised_by_its_host(url, key):
    network = network_of(url)
    assert (network and network.key) == key


@pytest.mark.parametrize("name", ["Twitter", "x", "  Hacker   News ", "INSTA", "Google+"])
def test_networks_are_found_by_what_people_call_them(name):
    assert find_network(name) is not None


def test_a_bluesky_name_says_where_it_is():
    assert read_address("@ada.bsky.social") == "https://bsky.app/profile/ada.bsky.social"


@given(st.text(), st.sampled_from(["", "Twitter", "WordPress", "nowhere"]))
def test_whatever_is_typed_is_an_address_a_handle_or_a_question(typed, label):
    with suppress(ValidationError):  # anything else would be an error page
        address = read_address(typed, label)
        assert address == typed.strip() or re.fullmatch(r"https://[A-Za-z0-9.-]+/[\x21-\x7e]*", address)
