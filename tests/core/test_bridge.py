"""The ASGI-WSGI bridge: pages behave as on a WSGI server, and slow connections occupy no thread."""

import json
import socket
from collections.abc import Iterator
from io import BytesIO

import pytest

from core.bridge import environ_of
from tests.core.odd_pages import LONG
from tests.serving import Server, serving


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Iterator[Server]:
    with serving("tests.core.odd_pages:application", folder=tmp_path_factory.mktemp("odd")) as server:
        yield server


@pytest.fixture
def odd(shared) -> Server:
    """A server whose records of earlier requests are cleared."""
    shared.request("/forget")
    return shared


def state(odd: Server) -> dict:
    return json.loads(odd.request("/state").body)


def test_an_application_finds_what_was_asked(odd):
    request = (
        b"GET /environ%2f%c3%a9%ff?q=%ff&x=1 HTTP/1.1\r\nHost: a.example:80\r\nConnection: close\r\n"
        b"Cookie: a=b\r\nCookie: c=d\r\nX-Twice: 1\r\nX-Twice: 2\r\nContent-Type: text/odd\r\n\r\n"
    )
    environ = json.loads(odd.ask(request).partition(b"\r\n\r\n")[2])
    assert {name: environ[name] for name in environ if name.isupper()} == {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/environ/Ã©ÿ",  # the bytes of the URL, as PEP 3333 requires
        "QUERY_STRING": "q=%ff&x=1",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": str(odd.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "text/odd",
        "HTTP_HOST": "a.example:80",
        "HTTP_CONNECTION": "close",
        "HTTP_COOKIE": "a=b;c=d",
        "HTTP_X_TWICE": "1,2",
    }
    assert environ["wsgi.url_scheme"] == "http"


def test_a_header_that_looks_like_another_is_left_out(odd):
    request = b"GET /environ HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX_Forwarded_For: 6.6.6.6\r\nX-Forwarded-For: 1.1.1.1\r\n\r\n"
    assert json.loads(odd.ask(request).partition(b"\r\n\r\n")[2])["HTTP_X_FORWARDED_FOR"] == "1.1.1.1"


def test_servers_that_give_no_bytes_of_the_path_serve_too():
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/é",
        "query_string": b"",
        "http_version": "2",
        "scheme": "https",
        "headers": [],
    }
    environ = environ_of(scope, BytesIO())
    assert [environ[name] for name in ("PATH_INFO", "SERVER_NAME", "SERVER_PORT", "wsgi.url_scheme")] == [
        "/Ã©",
        "localhost",
        "80",
        "https",
    ]
    assert "REMOTE_ADDR" not in environ


@pytest.mark.parametrize("size", [0, 10, 65_536, 200_000])
def test_a_body_arrives_whole(odd, size):
    assert odd.request("/length", "POST", b"x" * size).body == b"%d" % size


def test_a_body_without_a_length_arrives_whole(odd):
    request = b"POST /length HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"
    assert odd.ask(request).endswith(b"\r\n\r\n7")


def test_a_body_that_is_too_long_is_refused_before_it_is_sent(odd):
    answer = odd.ask(b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 200001\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert answer.endswith(b"\r\n\r\n413 Request Entity Too Large\n")
    assert state(odd)["visits"] == []


def test_a_body_that_says_no_length_and_is_too_long_is_refused(odd):
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    line = odd.line().send(
        b"POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 4
    )
    assert line.until(b"\r\n").startswith(b"HTTP/1.1 413 ")
    assert state(odd)["visits"] == []


def test_a_request_that_breaks_off_reaches_no_page(odd):
    line = odd.line().send(b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
    line.socket.shutdown(socket.SHUT_WR)
    assert line.until(b"\r\n").startswith(b"HTTP/1.1 400 ")
    assert state(odd)["visits"] == []


def test_slow_senders_hold_no_thread(odd):
    slow = [
        odd.line().send(
            b"POST /length HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4\r\n\r\nab"
        )
        for _ in range(5)
    ]
    assert odd.request("/ok").body == b"ok"  # there is only one thread
    assert [line.send(b"cd").rest().rpartition(b"\r\n")[2] for line in slow] == [b"4"] * 5


def test_a_long_answer_arrives_whole_and_is_closed_by_a_thread(odd):
    assert len(odd.request("/long").body) == LONG
    assert state(odd)["long_closed_in"].startswith("page")


def test_slow_readers_hold_no_thread(odd):
    slow = [odd.line().send(b"GET /long HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") for _ in range(3)]
    assert odd.request("/ok").body == b"ok"
    assert [line.rest().count(b"x") >= LONG for line in slow] == [True] * 3


def test_who_leaves_in_mid_answer_leaves_nothing_behind(odd):
    line = odd.line().send(b"GET /long HTTP/1.1\r\nHost: a\r\n\r\n")
    line.until(b"xxx")
    line.close()
    odd.until(lambda: state(odd)["long_closed_in"].startswith("page"))
    assert odd.request("/ok").body == b"ok"


def test_head_gets_the_headers_alone(odd):
    answer = odd.request("/long", "HEAD")
    assert (answer.status, answer.headers["X-Odd"], answer.body) == (200, "1", b"")
    assert state(odd)["long_closed_in"].startswith("page")


def test_a_page_that_fails_outside_the_application_is_a_plain_500(odd):
    answer = odd.request("/fail")
    assert (answer.status, answer.body) == (500, b"500 Internal Server Error\n")
    assert odd.request("/ok").body == b"ok"
