"""Runs the WSGI application on an ASGI server: threads compute, the event loop does all input and output.

The application runs in a few permanent threads, each with its own database connection. The event loop reads
the whole request before it gives it to a thread, and sends the response while the thread takes the next
request, so a slow client holds no thread. Measurements and alternatives: docs/decisions/0060.
"""

import asyncio
import logging
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from core.utils.ratelimit import network_of

logger = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

MEMORY_PER_BODY = 64 * 1024
"""Bytes of a request body that are kept in memory; longer ones are stored in a temporary file."""
BODY_SECONDS = 20
"""The time limit for a whole body, extended for larger ones by this rate:"""
BODY_BYTES_PER_SECOND = 4096
BODIES_PER_ADDRESS = 30
"""How many bodies one address may be sending at the same time. A whole school may share an address."""
READING = {"GET", "HEAD", "OPTIONS", "TRACE"}
WRITER_SECONDS = 3.0
"""How long a request that may write waits for its turn. Then it takes a thread, which refuses it politely."""
PIECE = 256 * 1024
"""Bytes of a response that a thread hands over at once."""


class RequestRefused(Exception):
    """The request is refused with this status."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


@dataclass
class Answer:
    status: int
    headers: Headers
    body: bytes
    rest: Iterator[bytes] | None = None
    close: Callable[[], None] = lambda: None


class Bridge:
    """Wraps a WSGI application for ASGI.

    Requests wait in a queue for a thread; the server limits how many.
    """

    def __init__(
        self,
        application: Callable[..., Iterable[bytes]],
        *,
        threads: int,
        max_body_bytes: int,
        trusted_proxies: int = 0,
        writers: int = 1,
    ) -> None:
        """writers: how many requests that may write are in threads at the same time.

        The others wait here in order and hold no thread, so pages for reading never wait for them. SQLite's
        own lock is not fair: with 8 writers, one comment in a hundred took two seconds.
        """
        self.application = application
        self._writers = asyncio.Semaphore(writers)
        self.max_body_bytes = max_body_bytes
        self.trusted_proxies = trusted_proxies
        self._sending: Counter[str] = Counter()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="page")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"{scope['type']} is not spoken here.")
        try:
            body = await self._whole_body(scope, receive)
        except RequestRefused as refusal:
            await self._say(refusal.status, send)
            return
        try:
            with body:
                async with self._turn(scope["method"]):
                    answer = await asyncio.get_running_loop().run_in_executor(
                        self._threads, self._respond, environ_of(scope, body)
                    )
            await self._send(answer, send)
        except Exception:
            logger.exception("A request failed outside the application: %s", scope["path"])
            await self._say(HTTPStatus.INTERNAL_SERVER_ERROR, send)

    @asynccontextmanager
    async def _turn(self, method: str) -> AsyncIterator[None]:
        """Held while a request is in a thread. One that may write waits for its turn first."""
        if method in READING:
            yield
            return
        has_turn = True
        try:
            async with asyncio.timeout(WRITER_SECONDS):
                await self._writers.acquire()
        except TimeoutError:
            has_turn = False
        try:
            yield
        finally:
            if has_turn:
                self._writers.release()

    async def _whole_body(self, scope: Message, receive: Receive) -> IO[bytes]:
        """The body of a request, from its first byte.

        Raises Refused if it is too large, too slow or incomplete.
        """
        headers = dict(scope["headers"])
        announced = headers.get(b"content-length", b"")
        if scope["method"] in {"GET", "HEAD"} and not announced and b"transfer-encoding" not in headers:
            return BytesIO()
        if announced.isdigit() and int(announced) > self.max_body_bytes:
            raise RequestRefused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        address = address_of(scope, self.trusted_proxies)
        if self._sending[address] >= BODIES_PER_ADDRESS:
            raise RequestRefused(HTTPStatus.TOO_MANY_REQUESTS)
        self._sending[address] += 1
        body = tempfile.SpooledTemporaryFile(max_size=MEMORY_PER_BODY)  # noqa: SIM115 - closed by the caller, or below
        try:
            await self._take_in(body, receive)
        except BaseException:
            body.close()
            raise
        finally:
            self._sending[address] -= 1
            if not self._sending[address]:
                del self._sending[address]
        return body

    async def _take_in(self, body: IO[bytes], receive: Receive) -> None:
        """Receive the body within a total time limit. Raises Refused."""
        began, received, more = asyncio.get_running_loop().time(), 0, True
        try:
            while more:
                async with asyncio.timeout_at(began + BODY_SECONDS + received / BODY_BYTES_PER_SECOND):
                    message = await receive()
                if message["type"] == "http.disconnect":
                    raise RequestRefused(HTTPStatus.BAD_REQUEST)
                chunk = message.get("body", b"")
                received += len(chunk)
                if received > self.max_body_bytes:
                    raise RequestRefused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                body.write(chunk)
                more = message.get("more_body", False)
            body.seek(0)
        except TimeoutError:
            raise RequestRefused(HTTPStatus.REQUEST_TIMEOUT) from None
        except OSError as error:  # the disk is full
            logger.error("A request body could not be stored: %s", error)
            raise RequestRefused(HTTPStatus.INSUFFICIENT_STORAGE) from None

    def _respond(self, environ: dict[str, Any]) -> Answer:
        """Call the application in a thread, and collect the response or, if it is long, its beginning."""
        began: list[tuple[int, Headers]] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            lines = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
            began[:] = [(int(status[:3]), lines)]

        result = self.application(environ, start_response)
        close = getattr(result, "close", lambda: None)
        try:
            chunks = iter(result)
            body = b"" if environ["REQUEST_METHOD"] == "HEAD" else _next_piece(chunks)
            answer = Answer(*began[0], body)
        except BaseException:
            close()
            raise
        if len(body) >= PIECE:
            answer.rest, answer.close = chunks, close
        else:
            close()  # in this thread: it ends the request and maintains the database connection
        return answer

    async def _send(self, answer: Answer, send: Send) -> None:
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        if answer.rest is None:
            await send({"type": "http.response.body", "body": answer.body})
            return
        loop = asyncio.get_running_loop()
        try:
            piece = answer.body
            while piece:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                piece = await loop.run_in_executor(self._threads, _next_piece, answer.rest)
            await send({"type": "http.response.body"})
        finally:
            await loop.run_in_executor(self._threads, answer.close)

    async def _say(self, status: HTTPStatus, send: Send) -> None:
        """A plain-text response to requests that did not reach a view."""
        text = f"{status.value} {status.phrase}\n".encode()
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"%d" % len(text)),
            (b"x-content-type-options", b"nosniff"),
            (b"connection", b"close"),
        ]
        with suppress(Exception):  # the response may have begun, the client may be gone
            await send({"type": "http.response.start", "status": status.value, "headers": headers})
            await send({"type": "http.response.body", "body": text})


def _next_piece(chunks: Iterator[bytes]) -> bytes:
    """Join the next chunks to PIECE bytes or a little more; fewer at the end, then none."""
    piece: list[bytes] = []
    size = 0
    for chunk in chunks:
        piece.append(chunk)
        size += len(chunk)
        if size >= PIECE:
            break
    return b"".join(piece)


def address_of(scope: Message, trusted_proxies: int) -> str:
    """The client's IP address as seen by our outermost proxy, the /64 network for IPv6.

    "" without an address.
    """
    address = (scope.get("client") or ("",))[0]
    if trusted_proxies:
        seen = (
            b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
            .decode("latin-1")
            .split(",")
        )
        address = seen[-trusted_proxies].strip() if len(seen) >= trusted_proxies else address
    return network_of(address)


def environ_of(scope: Message, body: IO[bytes]) -> dict[str, Any]:
    """The WSGI environment (PEP 3333) of an ASGI request."""
    server, client = scope.get("server") or ("localhost", 80), scope.get("client")
    raw_path = scope.get("raw_path")
    # The bytes that were sent: not every path is text.
    path = unquote_to_bytes(raw_path) if raw_path else scope["path"].encode()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": scope.get("root_path", ""),
        "PATH_INFO": path.decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "wsgi.version": (1, 0),
        "wsgi.input": body,
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if client:
        environ["REMOTE_ADDR"] = client[0]
    for raw_name, raw_value in scope["headers"]:
        if b"_" in raw_name:  # X_Forwarded_For would be taken for X-Forwarded-For
            continue
        name, value = raw_name.decode("latin-1").upper().replace("-", "_"), raw_value.decode("latin-1")
        if name not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            name = f"HTTP_{name}"
        if name in environ:
            value = f"{environ[name]}{';' if name == 'HTTP_COOKIE' else ','}{value}"
        environ[name] = value
    return environ
