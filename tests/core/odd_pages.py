"""A WSGI application behind the bridge with a single thread, whose pages behave in unusual ways."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from core.bridge import Bridge

LONG = 5_000_000


class Seen:
    """What happened since the last reset."""

    def __init__(self) -> None:
        self.visits: list[str] = []
        self.long_closed_in = ""


seen = Seen()


class LongBody:
    def __iter__(self) -> Iterator[bytes]:
        for _ in range(LONG // 1000):
            yield b"x" * 1000

    def close(self) -> None:
        seen.long_closed_in = threading.current_thread().name


def pages(environ: dict[str, Any], start_response: Callable[..., None]) -> Iterable[bytes]:
    global seen
    path = environ["PATH_INFO"]
    body: Iterable[bytes] = [b"ok"]
    if path == "/forget":
        seen = Seen()
    elif path == "/state":
        body = [json.dumps(vars(seen)).encode()]
    else:
        seen.visits.append(path)
    if path.startswith("/environ"):
        body = [
            json.dumps({name: value for name, value in environ.items() if isinstance(value, str)}).encode()
        ]
    elif path == "/length":
        body = [str(len(environ["wsgi.input"].read())).encode()]
    elif path == "/long":
        body = LongBody()
    elif path == "/fail":
        raise RuntimeError("on purpose")
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Odd", "1"), *_length(body)])
    return body


def _length(body: Iterable[bytes]) -> list[tuple[str, str]]:
    return [("Content-Length", str(len(body[0])))] if isinstance(body, list) else []


application = Bridge(pages, threads=1, max_body_bytes=200_000)
