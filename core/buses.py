"""Buses of core.live that reach other processes and other machines."""

from __future__ import annotations

import psycopg
import redis
import redis.asyncio
from django.db import connection

from core.live import Heard

PATIENCE_SECONDS = 0.5
"""How long a writer waits for Redis. The comment is stored by then: it is the news of it that may be late."""


class RedisBus:
    def __init__(self, url: str, channel: str) -> None:
        self._url, self._channel = url, channel
        self._client = redis.Redis.from_url(url, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS)

    def publish(self, topic: int) -> None:
        self._client.publish(self._channel, topic)

    async def listen(self, heard: Heard) -> None:
        client = redis.asyncio.Redis.from_url(self._url, socket_connect_timeout=PATIENCE_SECONDS, socket_keepalive=True)
        async with client, client.pubsub(ignore_subscribe_messages=True) as subscription:
            await subscription.subscribe(self._channel)
            heard(None)
            async for message in subscription.listen():
                heard(_topic(message["data"]))


class PostgresBus:
    """LISTEN and NOTIFY. Needs a connection of its own: a pooler that parts connections by transaction cannot carry it."""

    def __init__(self, channel: str) -> None:
        self._channel = channel

    def publish(self, topic: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [self._channel, str(topic)])

    async def listen(self, heard: Heard) -> None:
        # As Django would connect, without what only its own cursors need.
        parameters = {name: value for name, value in connection.get_connection_params().items() if name not in {"cursor_factory", "context"}}
        async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as line:
            await line.execute(f'LISTEN "{self._channel}"')
            heard(None)
            async for message in line.notifies():
                heard(_topic(message.payload))


def _topic(payload: bytes | str) -> int | None:
    """The topic of a message. What is none makes the hub look at all."""
    text = payload.decode(errors="replace") if isinstance(payload, bytes) else payload
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
