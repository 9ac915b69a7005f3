"""Slow and incomplete requests, many at once: others are answered meanwhile, and slow ones time out."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from core.bridge import address_of
from tests.serving import ROOT, Server, serving

HEAD = b"POST /length HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("slow")
    with serving(
        "tests.core.slow_pages:application", folder=folder, GRANIAN_HTTP1_HEADER_READ_TIMEOUT="1500"
    ) as server:
        yield server


@pytest.fixture
def site(shared) -> Iterator[Server]:
    shared.request("/forget")
    yield shared
    for line in shared.lines:
        line.close()
    shared.lines.clear()


def drips_until_the_end(line) -> bytes:
    """Send a byte each half second until the server closes the connection; return its response."""
    line.socket.settimeout(0.5)
    for _ in range(40):
        with suppress(BrokenPipeError, ConnectionResetError):
            line.send(b"a")
        with suppress(TimeoutError):
            return line.rest()
    raise AssertionError("the line stays open")


@pytest.mark.parametrize(
    "sent", [b"", b"GET", b"GET /ok HTTP/1.1\r\nHost: a\r\nX-Slow: ", b"GET /ok HTTP/1.1\r\nHost: a\r\n"]
)
def test_half_a_head_stops_nobody_and_ends_by_itself(site, sent):
    lines = [site.line().send(sent) for _ in range(60)]
    assert site.request("/ok").body == b"ok"
    assert {line.rest().partition(b"\r\n")[0] for line in lines} <= {b"", b"HTTP/1.1 408 Request Timeout"}


def test_a_head_that_drips_has_its_time_in_all(site):
    drips_until_the_end(site.line().send(b"GET /ok HTTP/1.1\r\nHost: a\r\nX-Slow: "))
    assert site.request("/ok").body == b"ok"


def test_half_a_body_is_a_408(site):
    lines = [site.line().send(HEAD + b"Content-Length: 10\r\n\r\nabc") for _ in range(20)]
    assert site.request("/ok").body == b"ok"
    assert {line.rest().partition(b"\r\n")[0] for line in lines} == {b"HTTP/1.1 408 Request Timeout"}


@pytest.mark.parametrize(
    "kind", [b"Content-Length: 1000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3e8\r\n"]
)
def test_a_body_that_drips_has_its_time_in_all(site, kind):
    assert drips_until_the_end(site.line().send(HEAD + kind)).startswith(b"HTTP/1.1 408 ")


def test_a_long_body_has_as_much_time_as_it_needs(site):
    line = site.line().send(HEAD + b"Content-Length: 4500\r\n\r\n" + b"x" * 4000)
    line.socket.settimeout(2)  # longer than the timeout of a body that does not arrive
    with pytest.raises(TimeoutError):
        line.rest()
    line.socket.settimeout(20)
    assert line.send(b"x" * 500).rest().endswith(b"\r\n\r\n4500")


def test_one_address_sends_so_many_bodies_at_a_time(site):
    lines = [site.line().send(HEAD + b"Content-Length: 4\r\n\r\nab") for _ in range(25)]
    answers = sorted(line.rest().partition(b"\r\n")[0] for line in lines)
    assert answers == [b"HTTP/1.1 408 Request Timeout"] * 20 + [b"HTTP/1.1 429 Too Many Requests"] * 5
    assert site.request("/length", "POST", b"abc").body == b"3"  # and its slot is free again


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, [b"203.0.113.9"], "198.51.100.1/32"),
        (1, [b"203.0.113.9"], "203.0.113.9/32"),
        (1, [b"6.6.6.6, 203.0.113.9"], "203.0.113.9/32"),
        (1, [b"6.6.6.6", b"203.0.113.9"], "203.0.113.9/32"),
        (2, [b"6.6.6.6, 203.0.113.9, 192.0.2.1"], "203.0.113.9/32"),
        (2, [b"203.0.113.9"], "198.51.100.1/32"),
        (1, [b"2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::/64"),
        (1, [b"::ffff:203.0.113.9"], "203.0.113.9/32"),
        (1, [b"nobody"], ""),
        (1, [], ""),
    ],
)
def test_who_sends_is_who_the_front_server_saw(proxies, forwarded, address):
    scope = {
        "client": ("198.51.100.1", 4711),
        "headers": [(b"x-forwarded-for", value) for value in forwarded],
    }
    assert address_of(scope, proxies) == address


def test_what_docs_and_start_script_tell_the_server_is_the_same():
    """The server's own options limit slow headers: without them the test above would not apply to a site."""
    for name in ("bin/run", "deploy/systemd/long-table-web@.service"):
        told = re.findall(r"--(?:http|http1-header-read-timeout) \d+", Path(ROOT, name).read_text())
        assert set(told) == {"--http 1", "--http1-header-read-timeout 10000"}
