"""Live updates: who has a page open, and how a page learns that something came.

One `Hub` in each process holds its readers. A bus says which topic (a post, say) to look at, and nothing else; the hub then asks the
database, once for all its readers, what became public since. So it does no harm when a message is lost, comes twice or is forged: what
counts is read from the database, whether a comment was written here, by another process, or while a reader was away.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import signal
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import NamedTuple, Protocol, TypeVar

from django.conf import settings
from django.db import close_old_connections, connection

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 25
"""After so long without a word we send an empty one: a proxy in between must not take the line for dead."""
LOOK_SECONDS = 3.0
"""How often the memory bus makes the hub look for what other processes wrote."""
CHECK_SECONDS = 60.0
"""How often the hub looks at all topics though no bus said so: a process may die between its commit and its message."""
PAUSE_SECONDS = 0.25
"""The shortest time between two looks: a burst of comments is one event."""
AGAIN_SECONDS = 5.0
"""When the database or the bus is away, we ask again after this time."""
OWN_SECONDS = 5.0
"""How often the hub looks what each reader has of their own: one question for all of them."""
EVENT_MAX_IDS = 100
RETRY_MILLISECONDS = (2_000, 8_000)
"""When a reader whose line broke may come back. Drawn for each, so that a restart does not bring all of them at once."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_MOMENT = 1 << 56
"""The year 4253: as far as a datetime made from a reader's number can be trusted to go."""


class Mark(NamedTuple):
    """How far a reader has come: the version of the topic, and the moment (microseconds since 1970) of the newest piece."""

    version: int
    moment: int

    def __str__(self) -> str:
        return f"{self.version}.{self.moment}"

    @classmethod
    def of(cls, version: int, newest: datetime | None) -> Mark:
        return cls(version, (newest - EPOCH) // timedelta(microseconds=1) if newest else 0)

    @classmethod
    def parse(cls, text: str) -> Mark | None:
        """What str() made. None for whatever else somebody sent."""
        version, _dot, moment = text.partition(".")
        if len(text) > 40 or not (text.isascii() and version.isdigit() and moment.isdigit()):
            return None
        mark = cls(int(version), int(moment))
        return mark if mark.moment < LAST_MOMENT else None


def time_of(moment: int) -> datetime:
    return EPOCH + timedelta(microseconds=moment)


@dataclass(frozen=True)
class News:
    """The state of a topic, and the items (moment, id) that became public since the given moment: the newest, oldest first."""

    mark: Mark
    pieces: tuple[tuple[int, int], ...] = ()
    is_all: bool = True


Asked = TypeVar("Asked")
Found = TypeVar("Found")

Look = Callable[[Mapping[int, int]], Mapping[int, News]]
"""Given topics and moments, the news of each. A topic that is not public (any more) is left out. Runs in a thread."""

LookOwn = Callable[[Collection[int]], Mapping[int, str]]
"""Given members, what the heads of their pages say of them alone (a number of unread lines). Runs in a thread."""

Heard = Callable[[int | None], None]
"""Called by a bus, from any thread, with the topic to look at. None: messages may have been lost, look at all."""


class Bus(Protocol):
    def publish(self, topic: int) -> None:
        """Notify all processes that a topic changed. From any thread, after the commit."""

    async def listen(self, heard: Heard) -> None:
        """Call `heard` for every topic published from now on. Ends only by an exception; then it is called again."""


class MemoryBus:
    """For one process. What another one writes (a worker, a command) is found by the hub's polling every few seconds."""

    def __init__(self) -> None:
        self._heard: Heard | None = None

    def publish(self, topic: int) -> None:
        if self._heard is not None:
            self._heard(topic)

    async def listen(self, heard: Heard) -> None:
        self._heard = heard
        while True:
            heard(None)
            await asyncio.sleep(LOOK_SECONDS)


def make_bus() -> Bus:
    """The bus that reaches every process of this site: Redis where there is one, else PostgreSQL, else memory."""
    if settings.REDIS_URL:
        from core.buses import RedisBus  # noqa: PLC0415 - a small site loads neither of them

        # Channels of Redis are shared by all its databases, and so by all sites on it.
        return RedisBus(settings.REDIS_URL, f"long-table:live:{settings.SITE_URL}")
    if connection.vendor == "postgresql":
        from core.buses import PostgresBus  # noqa: PLC0415

        return PostgresBus("long_table_live")
    return MemoryBus()


class Reader:
    """One open page, as a stream of server-sent events. Keeps what is new, not a queue: a slow line costs no memory.

    member: who reads, 0 for a visitor.
    """

    def __init__(self, hub: Hub, topic: int, address: str, since: Mark | None, member: int = 0) -> None:
        self.topic, self.address, self.mark, self.member = topic, address, since, member
        self._own = self._own_said = ""
        self._hub = hub
        self._ids: list[int] = []
        self._is_all = True
        # The first look is always an event, so that the page learns its mark.
        self._was_told = self._has_news = self._is_over = False
        self._wake = asyncio.Event()

    def tell(self, news: News) -> None:
        fresh: list[int] = []
        moment = news.mark.moment
        if self.mark is not None:
            moment = max(moment, self.mark.moment)
            if self.mark.version != news.mark.version:
                fresh = [pk for when, pk in news.pieces if when > self.mark.moment]
        self.mark = Mark(news.mark.version, moment)
        if fresh or not self._was_told:
            self._is_all = self._is_all and (news.is_all or not fresh) and len(self._ids) + len(fresh) <= EVENT_MAX_IDS
            self._ids = [*self._ids, *fresh][-EVENT_MAX_IDS:]
            self._was_told = self._has_news = True
            self._wake.set()

    def tell_own(self, own: str) -> None:
        self._own = own
        if own != self._own_said:
            self._wake.set()

    def close(self) -> None:
        self._is_over = True
        self._wake.set()
        self._hub.leave(self)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._hub.join(self)
        yield f"retry: {random.randint(*RETRY_MILLISECONDS)}\n\n".encode()  # noqa: S311 - no secret
        while not self._is_over:
            if self._has_news:
                yield self._take_event()
                continue
            if self._own != self._own_said:
                self._own_said = self._own
                # Without an id: the page's position in the topic does not change.
                yield f"event: own\ndata: {json.dumps(self._own)}\n\n".encode()
                continue
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                yield b":\n\n"
            self._wake.clear()

    def _take_event(self) -> bytes:
        data = json.dumps({"version": self.mark.version if self.mark else 0, "new": self._ids, "all": self._is_all})
        self._ids, self._is_all, self._has_news = [], True, False
        return f"id: {self.mark}\nevent: thread\ndata: {data}\n\n".encode()


class Hub:
    """The readers of this process, and one task each that listens to the bus and looks for them. It costs nothing while nobody reads."""

    def __init__(self, bus: Bus, look: Look, *, limit: int, limit_per_address: int) -> None:
        self.bus = bus
        self.limit, self.limit_per_address = limit, limit_per_address
        self._look = look
        self.look_own: LookOwn | None = None
        self._lock = threading.Lock()
        self._addresses: Counter[str] = Counter()
        self._admitted: set[Reader] = set()
        # From here on: touched in the loop alone.
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._readers: dict[int, set[Reader]] = {}
        self._unseen: set[int] = set()
        self._wake = asyncio.Event()
        self._is_closed = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="live")

    # --- from any thread ------------------------------------------------------

    def admit(self, topic: int, address: str, since: Mark | None, member: int = 0) -> Reader | None:
        """A place for one more page, to be closed by who got it. None when there is no place left."""
        with self._lock:
            if len(self._admitted) >= self.limit or self._addresses[address] >= self.limit_per_address:
                return None
            reader = Reader(self, topic, address, since, member)
            self._admitted.add(reader)
            self._addresses[address] += 1
            return reader

    def heard(self, topic: int | None) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._note, topic)

    # --- in the loop ----------------------------------------------------------

    def join(self, reader: Reader) -> None:
        if self._is_closed:
            reader.close()
            return
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._tasks = [
                self._loop.create_task(self._listen()),
                self._loop.create_task(self._look_for_all()),
                self._loop.create_task(self._look_for_each()),
            ]
            self._close_with_the_process()
        self._readers.setdefault(reader.topic, set()).add(reader)
        self._note(reader.topic)

    def leave(self, reader: Reader) -> None:
        with self._lock:
            if reader in self._admitted:
                self._admitted.remove(reader)
                self._addresses[reader.address] -= 1
                if not self._addresses[reader.address]:
                    del self._addresses[reader.address]
        readers = self._readers.get(reader.topic, set())
        readers.discard(reader)
        if not readers:
            self._readers.pop(reader.topic, None)

    def close(self) -> None:
        """End all streams, and refuse those that come."""
        if self._is_closed:
            return
        self._is_closed = True
        for task in self._tasks:
            task.cancel()
        for readers in list(self._readers.values()):
            for reader in list(readers):
                reader.close()
        self._thread.submit(connection.close)
        self._thread.shutdown(wait=False)

    def _note(self, topic: int | None) -> None:
        self._unseen |= self._readers.keys() if topic is None else {topic} & self._readers.keys()
        if self._unseen:
            self._wake.set()

    async def _listen(self) -> None:
        is_away = False
        while True:
            try:
                await self.bus.listen(self.heard)
            except Exception as error:  # noqa: BLE001 - each bus has errors of its own, and all mean "away"
                if not is_away:
                    logger.warning("Live updates wait for their bus: %s", str(error).strip().partition("\n")[0])
                is_away = True
                await asyncio.sleep(AGAIN_SECONDS)
                self._note(None)  # until it is back, readers are updated by this

    async def _look_for_all(self) -> None:
        is_away = False
        loop = asyncio.get_running_loop()
        while True:
            try:
                async with asyncio.timeout(CHECK_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                self._note(None)
            self._wake.clear()
            # A reader who joins in between may have an older mark and is served the next time.
            asking = {topic: list(self._readers[topic]) for topic in self._unseen & self._readers.keys()}
            self._unseen.clear()
            if not asking:
                continue
            since = {topic: min((reader.mark.moment for reader in readers if reader.mark), default=LAST_MOMENT) for topic, readers in asking.items()}
            try:
                news = await loop.run_in_executor(self._thread, self._look_in_thread, self._look, since)
            except Exception as error:  # noqa: BLE001 - whatever it is, readers wait until it is over
                if not is_away:
                    logger.warning("Live updates wait for the database: %s", str(error).strip().partition("\n")[0])
                is_away = True
                await asyncio.sleep(AGAIN_SECONDS)
                self._unseen |= asking.keys()
                self._wake.set()
                continue
            is_away = False
            for topic, readers in asking.items():
                for reader in readers:
                    if topic in news:
                        reader.tell(news[topic])
                    else:
                        reader.close()
            await asyncio.sleep(PAUSE_SECONDS)

    async def _look_for_each(self) -> None:
        """What differs from reader to reader is not worth a message of its own: it is asked for now and then, for all at once."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(OWN_SECONDS)
            members = [reader for readers in self._readers.values() for reader in readers if reader.member]
            if not members or self.look_own is None:
                continue
            try:
                own = await loop.run_in_executor(self._thread, self._look_in_thread, self.look_own, {reader.member for reader in members})
            except Exception as error:  # noqa: BLE001 - the number in the head of a page can wait
                logger.debug("Nobody was told what is their own: %s", error)
                continue
            for reader in members:
                reader.tell_own(own.get(reader.member, reader._own))

    def _look_in_thread(self, look: Callable[[Asked], Found], asked: Asked) -> Found:
        close_old_connections()
        try:
            return look(asked)
        finally:
            close_old_connections()

    def _close_with_the_process(self) -> None:
        """A server that is asked to stop waits for open connections, and these would stay open: close them first.

        Our handlers run before the server's own. (The loop's own signal handling is unchanged.)
        """
        loop = self._loop
        if loop is None or threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            before = signal.getsignal(number)
            if not callable(before):  # the process ends at once, and the lines with it
                continue

            def end(signum: int, frame: FrameType | None, before: Callable[[int, FrameType | None], object] = before) -> None:
                loop.call_soon_threadsafe(self.close)
                before(signum, frame)

            signal.signal(number, end)
