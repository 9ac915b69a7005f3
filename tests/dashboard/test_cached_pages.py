"""Pages served from the reverse proxy's cache are counted too: from its log messages, without a log file."""

import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from core.services.site_settings import save_settings
from dashboard.models import ReferrerDay
from dashboard.services.cached_pages import note_line
from tests.dashboard.test_figures import FIREFOX, SAFARI, counted, nothing_noted, read  # noqa: F401 - runs around each test
from tests.factories import make_post
from tests.nginx import NGINX, configuration

pytestmark = pytest.mark.django_db


def logged(uri: str, **more: object) -> bytes:
    """Return a log message as nginx sends it (deploy/nginx)."""
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


def test_a_percent_encoded_url_is_that_of_its_post(host):
    post = make_post(host, title="Überfahrt", slug="überfahrt")
    assert note_line(logged("/posts/%C3%BCberfahrt/?sort=newest"))
    assert counted(post.pk) == (1, 1)


def test_the_same_reader_is_one_whether_the_page_was_kept_or_not(client, post, settings):
    """Behind two proxies, whose header counts, not what a visitor claims."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    read(client, post, address="127.0.0.1", **{"X-Forwarded-For": "6.6.6.6, 192.0.2.7, 198.51.100.1"})
    assert note_line(
        logged(post.get_absolute_url(), address="198.51.100.1", forwarded="192.0.2.7, 198.51.100.1")
    )
    assert note_line(logged(post.get_absolute_url(), address="203.0.113.9", forwarded="203.0.113.9"))
    assert counted(post.pk) == (3, 2)


@pytest.mark.parametrize(
    "line",
    [
        logged("/members/"),
        logged("/", status="404"),
        logged("/", method="HEAD"),
        logged("/", browser="Googlebot/2.1"),
        logged("/", purpose="prefetch;prerender"),
        logged("/", part="true"),
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


class Site(BaseHTTPRequestHandler):
    """Behind nginx: all its responses may be cached."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Cache-Control", "public, max-age=0, s-maxage=60")
        self.send_header("ETag", '"one"')
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"Page")

    def log_message(self, *_said: object) -> None:
        pass


class Front:
    """nginx as configured in deploy/nginx, and what it logs."""

    def __init__(self, port: int, log: socket.socket, folder: Path) -> None:
        self.port, self.log, self.folder = port, log, folder

    def ask(self, path: str, **headers: str) -> int:
        line = HTTPConnection("127.0.0.1", self.port, timeout=20)
        line.request("GET", path, headers={"User-Agent": FIREFOX, **headers})
        answer = line.getresponse()
        answer.read()
        line.close()
        return answer.status

    def lines(self, count: int) -> list[bytes]:
        return [self.log.recv(16_384) for _ in range(count)]


@pytest.fixture
def front(tmp_path) -> Iterator[Front]:
    site = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    log = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    log.bind(("127.0.0.1", 0))
    log.settimeout(20)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    (tmp_path / "nginx.conf").write_text(
        configuration([site.server_port], port, tmp_path, log.getsockname()[1]), encoding="utf-8"
    )
    nginx = subprocess.Popen(
        [NGINX, "-c", tmp_path / "nginx.conf", "-p", tmp_path], stderr=subprocess.DEVNULL
    )
    for _ in range(400):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.02)  # until it listens
    yield Front(port, log, tmp_path)
    nginx.terminate()
    nginx.wait(20)
    log.close()
    site.shutdown()
    site.server_close()


@pytest.mark.skipif(NGINX is None, reason="there is no nginx")
def test_what_nginx_says_over_its_socket_is_counted(front, post, settings):
    """The site counts the first response itself; the others come from the cache, and nginx logs them."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    path = post.get_absolute_url()
    asked = [
        front.ask(path),
        front.ask(path, Referer="https://blog.example/“quoted”".encode().decode("latin-1")),
        front.ask(path, **{"If-None-Match": '"one"'}),
        front.ask(path, **{"Sec-Purpose": "prefetch"}),
        front.ask(path, Cookie="sessionid=of-a-member"),
        front.ask(path, **{"User-Agent": SAFARI, "X-Forwarded-For": "6.6.6.6"}),
    ]
    assert asked == [200, 200, 304, 200, 200, 200]
    lines = front.lines(4)
    assert [note_line(line) for line in lines] == [True, True, False, True]
    front.log.setblocking(False)
    with pytest.raises(BlockingIOError):
        front.log.recv(1)
    assert counted(post.pk) == (3, 2)
    assert ReferrerDay.objects.get().host == "blog.example"
    front.log.close()
    assert [front.ask(path) for _ in range(3)] == [200] * 3  # while nothing listens


def test_the_command_says_why_it_cannot_listen():
    with pytest.raises(CommandError, match="Cannot listen on 127"):
        call_command("count_cached_pages", listen="127.0.0.1:99999999")


def test_the_command_notes_what_is_sent_to_it(monkeypatch, post):
    """As long as it runs; here, until the second message."""
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
