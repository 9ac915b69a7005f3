"""deploy/nginx/long-table.conf, unchanged, with a certificate: responses at each port, headers passed on."""

import json
import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.certificates import write_certificate
from tests.nginx import NGINX, as_it_is, has_ipv6, listen_on_ipv6
from tests.serving import Server

pytestmark = pytest.mark.skipif(NGINX is None, reason="there is no nginx")
NAME = "example.org"


class Site(BaseHTTPRequestHandler):
    """A site whose response is a report of the request."""

    def do_GET(self) -> None:
        said = json.dumps([self.path, {**self.headers}]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_said: object) -> None:
        pass


class Front(Server):
    tls: int
    folder: Path

    def secure(self) -> ssl.SSLSocket:
        """Return a TLS connection of a client that trusts the certificate and prefers HTTP/2."""
        context = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        context.set_alpn_protocols(["h2", "http/1.1"])
        return context.wrap_socket(
            socket.create_connection(("127.0.0.1", self.tls), timeout=20), server_hostname=NAME
        )

    def heard(self, path: str, *, host: str = "127.0.0.1", **headers: str) -> tuple[str, dict[str, str]]:
        """Return the request and headers that the site receives when a visitor requests this URL over HTTPS."""
        context = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        line = HTTPConnection(NAME)
        line.sock = context.wrap_socket(
            socket.create_connection((host, self.tls), timeout=20), server_hostname=NAME
        )
        line.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        path, told = json.loads(line.getresponse().read())
        line.close()
        return path, told


@contextmanager
def running(folder: Path, changed: Callable[[str], str] = str, *, ipv6: bool = False) -> Iterator[Front]:
    """Run nginx with the file, or with a host's changes to it. ipv6: with the files for IPv6."""
    write_certificate([NAME], certificate_file=folder / "fullchain.pem", key_file=folder / "privkey.pem")
    site = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        plain, tls = one.getsockname()[1], two.getsockname()[1]
    config = as_it_is(site.server_port, plain, tls, folder)
    (folder / "nginx.conf").write_text(changed(config), encoding="utf-8")
    if ipv6:
        listen_on_ipv6(plain, tls, folder)
    process = subprocess.Popen([NGINX, "-c", folder / "nginx.conf", "-p", folder], stderr=subprocess.DEVNULL)
    server = Front(plain, process)
    server.tls, server.folder = tls, folder
    try:
        server.until(lambda: (folder / "pid").exists())
        yield server
    finally:
        server.stop()
        site.shutdown()
        site.server_close()


@pytest.fixture(scope="module")
def front(tmp_path_factory) -> Iterator[Front]:
    with running(tmp_path_factory.mktemp("nginx"), ipv6=has_ipv6()) as server:
        yield server


def test_over_tls_the_site_is_reached_and_http_2_is_spoken(front):
    path, told = front.heard("/posts/?page=2")
    assert (path, told["Host"], told["X-Forwarded-For"], told["X-Forwarded-Proto"]) == ("/posts/?page=2", NAME, "127.0.0.1", "https")  # fmt: skip
    with front.secure() as line:
        assert line.selected_alpn_protocol() == "h2"


def test_over_http_every_address_leads_to_the_same_over_https(front):
    answer = front.request("/posts/?page=2", Host=NAME)
    assert (answer.status, answer.headers["Location"]) == (301, "https://example.org/posts/?page=2")


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_both_ports_are_answered_over_ipv6_too(front):
    plain = HTTPConnection("::1", front.port, timeout=20)
    plain.request("GET", "/posts/", headers={"Host": NAME})
    answer = plain.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, "https://example.org/posts/")
    plain.close()
    path, told = front.heard("/posts/", host="::1")
    assert (path, told["X-Forwarded-For"]) == ("/posts/", "::1")


def test_without_the_files_for_ipv6_it_starts_as_where_the_kernel_has_none(tmp_path):
    with running(tmp_path) as server:
        assert server.request("/posts/", Host=NAME).status == 301
        assert not (server.folder / "long-table-ipv6").exists()


def test_what_certbot_puts_there_is_found_over_http(front):
    folder = front.folder / "html/.well-known/acme-challenge"
    folder.mkdir(parents=True)
    (folder / "a-token_1").write_text("a-token_1.of-the-account", encoding="utf-8")
    answers = [
        front.request(f"/.well-known/acme-challenge/{name}", Host=NAME) for name in ("a-token_1", "another")
    ]
    assert [(answer.status, answer.headers["Location"]) for answer in answers] == [(200, None), (404, None)]
    assert answers[0].body == b"a-token_1.of-the-account"


@pytest.mark.parametrize("path", ["/posts/", "/static/css/tokens.css", "/subscribe/confirm/a-key/"])
def test_what_a_visitor_says_of_what_proxies_say_never_reaches_the_site(front, path):
    _path, told = front.heard(
        path,
        X_Request_ID="made-up",
        X_Cache_Key="everything",
        X_Forwarded_Proto="http",
        X_Forwarded_For="6.6.6.6",
    )
    said = {name: told[name] for name in ("Host", "X-Cache-Key", "X-Forwarded-Proto", "X-Forwarded-For")}
    # TRUSTED_PROXY_COUNT=1 uses the last of these.
    assert said == {"Host": NAME, "X-Cache-Key": "language", "X-Forwarded-Proto": "https", "X-Forwarded-For": "6.6.6.6, 127.0.0.1"}  # fmt: skip
    assert re.fullmatch(r"[0-9a-f]{32}", told["X-Request-ID"])


def test_stylesheets_are_asked_for_in_every_compression_that_the_browser_reads(front):
    _path, told = front.heard("/static/css/tokens.css", Accept_Encoding="gzip, br")
    assert told["Accept-Encoding"] == "gzip, br"


def test_images_in_a_private_bucket_come_from_the_site_once_its_place_is_taken(tmp_path):
    def with_bucket(config: str) -> str:
        disk = "    location /media/ {\n        return 404;\n    }\n"
        block = re.search(r"( {4}# location \^~ /media/ \{\n(?: {4}#.*\n)+)" + re.escape(disk), config)[1]
        return config.replace(disk, "").replace(block, re.sub(r"^    # ", "    ", block, flags=re.MULTILINE))

    path = "/media/pictures/a.webp"
    with running(tmp_path, with_bucket) as bucket:
        asked, told = bucket.heard(path, Range="bytes=5-9")
    assert (asked, told["Range"], told["X-Forwarded-Proto"]) == (path, "bytes=5-9", "https")
