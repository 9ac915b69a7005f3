"""What the reverse proxy sends out of its own cache is counted too: from what it logs, into no file."""

import json
import socket
import time

import pytest
from django.core.management import CommandError, call_command

from core.services.site_settings import save_settings
from dashboard.services.cached_pages import note_line
from tests.dashboard.test_figures import FIREFOX, SAFARI, counted, nothing_noted, read  # noqa: F401 - runs around each test

pytestmark = pytest.mark.django_db


def logged(uri: str, **more: object) -> bytes:
    """As nginx sends it (deploy/nginx)."""
    said = {
        "at": f"{time.time():.3f}",
        "status": "200",
        "method": "GET",
        "uri": uri,
        "address": "192.0.2.7",
        "forwarded": "",
        "browser": FIREFOX,
        "referrer": "",
        "purpose": "",
    }
    return b"<190>Nov 29 11:00:00 nginx: " + json.dumps(said | more).encode()


def test_a_page_out_of_the_cache_is_a_view_like_any_other(client, post):
    read(client, post)
    assert note_line(logged(post.get_absolute_url()))
    assert note_line(logged(f"{post.get_absolute_url()}?sort=newest", status="304", browser=SAFARI))
    assert note_line(logged("/"))
    assert (counted(post.pk), counted()) == ((3, 2), (4, 2))


@pytest.mark.parametrize(
    "line",
    [
        logged("/members/"),
        logged("/", status="404"),
        logged("/", method="HEAD"),
        logged("/", browser="Googlebot/2.1"),
        logged("/", purpose="prefetch;prerender"),
        logged("/", at="0"),
        logged("/", at="nan"),
        logged("/", status="?"),
        logged("nowhere"),
        b"",
        b"hello",
        b"{",
        b'{"at": 1}',
        b"[" * 10_000 + b"{" * 10_000,
        b'{"at": "1", "uri": 5, "status": [], "method": {}}',
        b"\xff{\xff}",
        logged("/").replace(b'"status": "200"', b'"status": 1e999'),
        logged("/", at=10**400),
    ],
)
def test_anything_else_is_none(line):
    assert not note_line(line)
    assert counted() == (0, 0)


@pytest.mark.parametrize("bad", [b"\xed\xa0\x80", b"\\ud800", b"\\u0000"])
@pytest.mark.parametrize("field", ["referrer", "browser", "address", "forwarded"])
def test_half_a_character_takes_no_other_view_along(field, bad, post):
    assert note_line(logged("/"))
    note_line(logged("/", **{"browser": SAFARI} | {field: "x"}).replace(b'"x"', b'"' + bad + b'"'))
    assert note_line(logged("/", address="192.0.2.8"))
    assert counted()[0] >= 2


def test_nothing_is_counted_where_the_host_switched_it_off():
    save_settings({"counts_views": False}, by=None)
    assert not note_line(logged("/"))


def test_the_command_says_why_it_cannot_listen():
    with pytest.raises(CommandError, match="Cannot listen at 127"):
        call_command("count_cached_pages", listen="127.0.0.1:99999999")


def test_the_command_notes_what_is_sent_to_it(monkeypatch, post):
    """As long as it runs; here, until the second line."""
    heard = []

    def until_the_second(line: bytes) -> None:
        note_line(line)
        heard.append(line)
        if len(heard) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("dashboard.management.commands.count_cached_pages.note_line", until_the_second)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound = socket.socket.bind

    def bind_and_send(receiver, address):
        bound(receiver, address)
        for _ in range(2):
            sender.sendto(logged(post.get_absolute_url()), address)

    monkeypatch.setattr(socket.socket, "bind", bind_and_send)
    call_command("count_cached_pages", listen=f"127.0.0.1:{port}")
    sender.close()
    assert counted(post.pk) == (2, 1)
