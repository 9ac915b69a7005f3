"""A WSGI application behind the bridge with a single thread, whose pages do what pages seldom do."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from core.bridge import Bridge

LONG = 5_000_000


class Seen:
    """What happened since it was last forgotten."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.came: list[str] = []
        self.visits: list[str] = []
        self.left: list[str] = []
        self.long_closed_in = ""


seen = Seen()


class LongBody:
    def __iter__(self) -> Iterator[bytes]:
        for _ in range(LONG // 1000):
            yield b"x" * 1000

    def close(self) -> None:
        seen.long_closed_in = threading.current_thread().name


def pages(environ: dict[str, Any], start_response: Callable[..., None]) -> Iterable[bytes]:
    path = environ["PATH_INFO"]
    seen.visits.append(path)
    body: Iterable[bytes] = [b"ok"]
    if path.startswith("/environ"):
        body = [json.dumps({name: value for name, value in environ.items() if isinstance(value, str)}).encode()]
    elif path == "/length":
        body = [str(len(environ["wsgi.input"].read())).encode()]
    elif path == "/long":
        body = LongBody()
    elif path == "/wait":
        seen.gate.wait(20)
    elif path == "/fail":
        raise RuntimeError("on purpose")
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Odd", "1"), *_length(body)])
    return body


def _length(body: Iterable[bytes]) -> list[tuple[str, str]]:
    return [("Content-Length", str(len(body[0])))] if isinstance(body, list) else []


narrow = Bridge(pages, threads=1, max_body_bytes=200_000)


def look_on(environ: dict[str, Any], start_response: Callable[..., None]) -> Iterable[bytes]:
    """By a door of its own: what the other one is at."""
    global seen
    if environ["PATH_INFO"] == "/forget":
        seen = Seen()
    elif environ["PATH_INFO"] == "/go":
        seen.gate.set()
    body = [json.dumps({name: value for name, value in vars(seen).items() if name != "gate"}).encode()]
    start_response("200 OK", [("Content-Type", "application/json"), *_length(body)])
    return body


observer = Bridge(look_on, threads=1, max_body_bytes=10)


async def application(scope: Any, receive: Any, send: Any) -> None:
    path = scope["path"]
    if path in {"/state", "/forget", "/go"}:
        await observer(scope, receive, send)
        return
    seen.came.append(path)
    await narrow(scope, receive, send)
    seen.left.append(path)
