"""Hub, readers and buses: who is told what, when a line is slow, a bus is away, or there is no place left."""

import asyncio
import json
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from fakeredis import TcpFakeServer
from hypothesis import given
from hypothesis import strategies as st

from core import live
from core.buses import PostgresBus, RedisBus
from core.live import Bus, Hub, Mark, MemoryBus, News, Reader, make_bus, time_of


class Table:
    """What a database would know: the news of each topic. Counts how often it is asked."""

    def __init__(self) -> None:
        self.pieces: dict[int, list[tuple[int, int]]] = {}
        self.version = 0
        self.questions: list[dict[int, int]] = []
        self.is_away = False

    def add(self, topic: int, *ids: int) -> None:
        for pk in ids:
            self.version += 1
            self.pieces.setdefault(topic, []).append((1000 + self.version, pk))

    def look(self, since: Mapping[int, int]) -> dict[int, News]:
        self.questions.append(dict(since))
        if self.is_away:
            raise OSError("nobody home")
        return {
            topic: News(Mark(self.version, max((moment for moment, _pk in self.pieces[topic]), default=0)), tuple(p for p in self.pieces[topic] if p[0] > moment))
            for topic, moment in since.items()
            if topic in self.pieces
        }  # fmt: skip


class SilentBus:
    """Says nothing by itself."""

    def __init__(self) -> None:
        self.heard: Callable[[int | None], None] = lambda topic: None

    def publish(self, topic: int) -> None:
        self.heard(topic)

    async def listen(self, heard: Callable[[int | None], None]) -> None:
        self.heard = heard
        await asyncio.Event().wait()


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    monkeypatch.setattr(live, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(live, "AGAIN_SECONDS", 0.01)
    monkeypatch.setattr(Hub, "_close_with_the_process", lambda self: None)


@pytest.fixture
def table() -> Table:
    table = Table()
    table.add(1, 11)
    return table


def run(scene: Callable[[], Awaitable[None]]) -> None:
    async def in_time() -> None:
        async with asyncio.timeout(20):
            await scene()

    asyncio.run(in_time())


def make_hub(table: Table, bus: Bus | None = None, **limits: int) -> Hub:
    return Hub(bus or SilentBus(), table.look, **{"limit": 100, "limit_per_address": 100} | limits)


def reader_of(hub: Hub, topic: int = 1, address: str = "1.1.1.1", since: Mark | None = None) -> Reader:
    reader = hub.admit(topic, address, since)
    assert reader is not None
    return reader


async def next_event(stream: Any) -> tuple[str, dict]:
    while True:
        lines = dict(line.split(": ", 1) for line in (await anext(stream)).decode().split("\n") if ": " in line)
        if "data" in lines:
            return lines["id"], json.loads(lines["data"])


def test_a_page_learns_its_mark_and_then_what_is_new(table):
    async def scene() -> None:
        hub = make_hub(table)
        stream = aiter(reader_of(hub))
        assert (await anext(stream)).startswith(b"retry: ")
        assert await next_event(stream) == ("1.1001", {"version": 1, "new": [], "all": True})
        table.add(1, 12)
        hub.bus.publish(1)
        assert await next_event(stream) == ("2.1002", {"version": 2, "new": [12], "all": True})
        hub.close()

    run(scene)


def test_a_page_that_was_away_is_told_what_it_missed_and_no_more(table):
    async def scene() -> None:
        hub = make_hub(table)
        table.add(1, 12, 13)
        assert await next_event(aiter(reader_of(hub, since=Mark(2, 1002)))) == ("3.1003", {"version": 3, "new": [13], "all": True})
        assert await next_event(aiter(reader_of(hub, since=Mark(1, 1001)))) == ("3.1003", {"version": 3, "new": [12, 13], "all": True})
        # The same version: nothing can be new, whatever the clock said when the page was made.
        assert await next_event(aiter(reader_of(hub, since=Mark(3, 5)))) == ("3.1003", {"version": 3, "new": [], "all": True})
        hub.close()

    run(scene)


def test_many_readers_cost_one_question(table):
    async def scene() -> None:
        hub = make_hub(table)
        streams = [aiter(reader_of(hub)) for _ in range(50)]
        for stream in streams:
            await next_event(stream)
        table.questions.clear()
        table.add(1, 12, 13)
        hub.bus.publish(1)
        told = [await next_event(stream) for stream in streams]
        assert (told, len(table.questions)) == ([("3.1003", {"version": 3, "new": [12, 13], "all": True})] * 50, 1)
        hub.close()

    run(scene)


def test_nobody_is_told_of_other_talks_and_nothing_is_asked_for_nobody(table):
    async def scene() -> None:
        table.add(2, 21)
        hub = make_hub(table)
        reader = reader_of(hub)
        stream = aiter(reader)
        await next_event(stream)
        table.questions.clear()
        hub.bus.publish(2)
        hub.bus.publish(1)
        reader.close()
        hub.bus.publish(1)
        hub.heard(None)
        await asyncio.sleep(0.05)
        assert [list(asked) for asked in table.questions if asked] in ([], [[1]])
        hub.close()

    run(scene)


def test_a_slow_line_keeps_what_is_new_and_no_more(table):
    async def scene() -> None:
        hub = make_hub(table)
        reader = reader_of(hub)
        stream = aiter(reader)
        await next_event(stream)
        for pk in range(12, 12 + 3 * live.EVENT_MAX_IDS):
            reader.tell(News(Mark(pk, 1000 + pk), ((1000 + pk, pk),)))
        mark, said = await next_event(stream)
        last = 11 + 3 * live.EVENT_MAX_IDS
        assert (mark, said["new"], said["all"]) == (f"{last}.{1000 + last}", list(range(last - live.EVENT_MAX_IDS + 1, last + 1)), False)
        hub.close()

    run(scene)


def test_a_quiet_line_is_kept_alive(table, monkeypatch):
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.01)

    async def scene() -> None:
        hub = make_hub(table)
        stream = aiter(reader_of(hub))
        await next_event(stream)
        assert [await anext(stream) for _ in range(3)] == [b":\n\n"] * 3
        hub.close()

    run(scene)


def test_a_talk_that_is_withdrawn_ends_the_line(table):
    async def scene() -> None:
        hub = make_hub(table)
        stream = aiter(reader_of(hub))
        await next_event(stream)
        del table.pieces[1]
        hub.bus.publish(1)
        with pytest.raises(StopAsyncIteration):
            await next_event(stream)
        hub.close()

    run(scene)


def test_places_are_limited_in_all_and_for_each_address(table):
    hub = make_hub(table, limit=3, limit_per_address=2)
    first, second = hub.admit(1, "a", None), hub.admit(1, "a", None)
    assert hub.admit(1, "a", None) is None
    assert hub.admit(1, "b", None) is not None
    assert hub.admit(1, "c", None) is None
    assert first
    assert second
    first.close()
    first.close()
    assert hub.admit(1, "a", None) is not None
    assert hub.admit(1, "a", None) is None


def test_what_no_bus_said_is_found_in_the_end(table, monkeypatch):
    monkeypatch.setattr(live, "CHECK_SECONDS", 0.01)

    async def scene() -> None:
        hub = make_hub(table)
        stream = aiter(reader_of(hub))
        await next_event(stream)
        table.add(1, 12)
        assert (await next_event(stream))[1]["new"] == [12]
        hub.close()

    run(scene)


def test_closing_ends_all_lines_and_takes_no_new_ones(table):
    async def scene() -> None:
        hub = make_hub(table)
        streams = [aiter(reader_of(hub)) for _ in range(3)]
        for stream in streams:
            await next_event(stream)
        hub.close()
        hub.close()
        for stream in [*streams, aiter(reader_of(hub))]:
            with pytest.raises(StopAsyncIteration):
                await next_event(stream)

    run(scene)


def test_a_database_that_is_away_is_asked_again(table, caplog):
    async def scene() -> None:
        hub = make_hub(table)
        table.is_away = True
        stream = aiter(reader_of(hub))
        await anext(stream)
        waiting = asyncio.ensure_future(next_event(stream))
        while len(table.questions) < 3:
            await asyncio.sleep(0.01)
        table.is_away = False
        assert (await waiting)[0] == "1.1001"
        hub.close()

    run(scene)
    assert [record.getMessage() for record in caplog.records] == ["Live updates wait for the database: nobody home"]


def test_a_bus_that_is_away_is_asked_again_and_said_once(table, caplog):
    class Falling(SilentBus):
        tries = 0

        async def listen(self, heard: Callable[[int | None], None]) -> None:
            self.tries += 1
            if self.tries < 4:
                raise ConnectionError("gone\nfor now")
            await super().listen(heard)

    async def scene() -> None:
        bus = Falling()
        hub = make_hub(table, bus)
        stream = aiter(reader_of(hub))
        await next_event(stream)
        while bus.tries < 4:
            await asyncio.sleep(0.01)
        hub.close()

    run(scene)
    assert [record.getMessage() for record in caplog.records] == ["Live updates wait for their bus: gone"]


@given(st.integers(0, 10**18), st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(4000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_mark_comes_back_as_it_went(version, moment):
    mark = Mark.of(version, moment)
    assert Mark.parse(str(mark)) == mark
    assert time_of(mark.moment) == moment


@given(st.text())
@pytest.mark.parametrize("text", ["", "1", ".", "1.", ".1", "-1.5", "1.2.3", "١.٢", "1.99999999999999999999", "9" * 500 + ".1", "1.\x00"])
def test_what_is_no_mark_is_none(text, noise):
    assert Mark.parse(text) is None
    mark = Mark.parse(noise)
    assert mark is None or str(mark).replace(".", "").isdigit()


# --- buses --------------------------------------------------------------------


@pytest.fixture
def redis_url() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = TcpFakeServer(("127.0.0.1", port), server_type="redis")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"redis://127.0.0.1:{port}/0"
    server.shutdown()
    server.server_close()


def hears(listener: Bus, publish: Callable[[int], None]) -> list[int | None]:
    """What a bus hears when 7 and 8 are published by a thread."""
    heard: list[int | None] = []

    async def scene() -> None:
        is_listening, is_done = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()

        def hear(topic: int | None) -> None:
            heard.append(topic)
            loop.call_soon_threadsafe((is_done if 8 in heard else is_listening).set)

        task = asyncio.ensure_future(listener.listen(hear))
        await is_listening.wait()
        for topic in (7, 8):
            await loop.run_in_executor(None, publish, topic)
        await is_done.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    run(scene)
    return heard


def test_the_memory_bus_reaches_its_process_and_looks_now_and_then(monkeypatch):
    bus = MemoryBus()
    bus.publish(1)  # nobody listens
    assert hears(bus, bus.publish) == [None, 7, 8]
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.01)

    async def scene() -> None:
        heard: list[int | None] = []
        task = asyncio.ensure_future(bus.listen(heard.append))
        while len(heard) < 3:
            await asyncio.sleep(0.01)
        task.cancel()
        assert set(heard) == {None}

    run(scene)


def test_redis_reaches_all_processes_of_a_site_and_no_other_site(redis_url):
    ours, same, other = (RedisBus(redis_url, channel) for channel in ("a", "a", "b"))

    def publish(topic: int) -> None:
        other.publish(99)
        same.publish(topic)

    assert hears(ours, publish) == [None, 7, 8]


def test_a_message_that_is_no_topic_makes_the_hub_look_at_all(redis_url):
    bus = RedisBus(redis_url, "a")

    def publish(topic: int) -> None:
        bus._client.publish("a", "nonsense")
        bus.publish(topic)

    assert hears(bus, publish) == [None, None, 7, None, 8]


def test_a_redis_that_is_away_is_an_error_at_once():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        url = f"redis://127.0.0.1:{probe.getsockname()[1]}/0"
    with pytest.raises(Exception, match="onnect"):
        RedisBus(url, "a").publish(1)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="PostgreSQL only")
def test_postgresql_reaches_all_processes():
    def publish(topic: int) -> None:
        PostgresBus("a").publish(topic)
        connection.close()

    assert hears(PostgresBus("a"), publish) == [None, 7, 8]


def test_the_bus_is_the_one_that_reaches_all(settings, redis_url):
    assert type(make_bus()) is (PostgresBus if connection.vendor == "postgresql" else MemoryBus)
    settings.REDIS_URL = redis_url
    assert type(make_bus()) is RedisBus


def test_each_member_is_told_of_their_own_and_visitors_cost_no_question(table, monkeypatch):
    monkeypatch.setattr(live, "OWN_SECONDS", 0.01)
    asked: list[set[int]] = []
    unread = {7: "", 8: "3"}

    def look_own(members: set[int]) -> dict[int, str]:
        asked.append(set(members))
        return {member: unread[member] for member in members}

    async def scene() -> None:
        table.add(1, 11)
        hub = make_hub(table)
        hub.look_own = look_own
        visitor = aiter(reader_of(hub))
        await next_event(visitor)
        await asyncio.sleep(0.1)
        assert asked == []
        lines = [aiter(hub.admit(1, "1.1.1.1", None, member)) for member in (7, 8, 8)]
        for line in lines:
            await next_event(line)
        assert [await anext(line) for line in lines[1:]] == [b'event: own\ndata: "3"\n\n'] * 2
        unread.update({7: "1", 8: "99+"})
        assert [await anext(line) for line in lines] == [b'event: own\ndata: "1"\n\n', *[b'event: own\ndata: "99+"\n\n'] * 2]
        unread[7] = ""
        assert await anext(lines[0]) == b'event: own\ndata: ""\n\n'
        assert asked[-1] == {7, 8}
        hub.close()

    run(scene)
