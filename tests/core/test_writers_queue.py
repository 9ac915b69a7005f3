"""Requests that may write queue in the event loop: in order, and without occupying a reader's thread."""

import asyncio
from threading import Event
from typing import Any

from core import bridge
from core.bridge import Bridge


class Pages:
    """A WSGI application in which each POST runs until it may end."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.may_end = {f"/{n}": Event() for n in range(6)}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] == "POST":
            self.begun.append(path)
            assert self.may_end[path].wait(60)
        start_response("200 OK", [])
        return [b"ok"]


async def ask(site: Bridge, method: str, path: str) -> int:
    """Return the status of the response."""
    statuses = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        statuses.append(message.get("status"))

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [],
        "http_version": "1.1",
        "scheme": "http",
    }
    await site(scope, receive, send)
    return statuses[0]


async def until(is_so) -> None:
    async with asyncio.timeout(60):
        while not is_so():
            await asyncio.sleep(0.001)


def test_the_first_to_come_is_the_first_to_write_and_readers_pass():
    pages = Pages()

    async def scenario() -> None:
        site = Bridge(pages, threads=3, max_body_bytes=100, writers=2)
        writers = []
        for number in range(6):
            writers.append(asyncio.create_task(ask(site, "POST", f"/{number}")))
            await asyncio.sleep(0)
        await until(lambda: len(pages.begun) == 2)
        assert [await ask(site, "GET", "/page") for _ in range(5)] == [200] * 5
        assert len(pages.begun) == 2  # the others occupy no thread
        for number in range(6):
            await until(lambda number=number: f"/{number}" in pages.begun)
            pages.may_end[f"/{number}"].set()
        assert await asyncio.gather(*writers) == [200] * 6

    asyncio.run(scenario())
    assert sorted(pages.begun[:2]) == ["/0", "/1"]
    assert pages.begun[2:] == ["/2", "/3", "/4", "/5"]


def test_a_request_that_waited_too_long_is_passed_on_and_refused(monkeypatch):
    monkeypatch.setattr(bridge, "WRITER_SECONDS", 0.01)
    pages = Pages()

    async def scenario() -> None:
        site = Bridge(pages, threads=3, max_body_bytes=100, writers=1)
        first = asyncio.create_task(ask(site, "POST", "/0"))
        await until(lambda: pages.begun == ["/0"])
        pages.may_end["/1"].set()
        assert await ask(site, "POST", "/1") == 200  # the application received it while the first is running
        pages.may_end["/0"].set()
        assert await first == 200
        pages.may_end["/2"].set()
        assert await ask(site, "POST", "/2") == 200  # no place in the queue was lost

    asyncio.run(scenario())
