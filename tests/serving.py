"""A real server in its own process, for what needs one: threads, open connections, signals."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60


@dataclass
class Line:
    """A connection of an HTTP/1.1 client that sends and reads raw bytes."""

    socket: socket.socket
    received: bytes = b""

    def send(self, data: bytes) -> "Line":
        self.socket.sendall(data)
        return self

    def until(self, mark: bytes) -> bytes:
        """Return the received bytes up to and including the mark.

        Fail on a timeout, or if the connection closes first.
        """
        while mark not in self.received:
            chunk = self.socket.recv(65536)
            assert chunk, f"the line ended; it said {self.received!r}"
            self.received += chunk
        found, _mark, self.received = self.received.partition(mark)
        return found + mark

    def rest(self) -> bytes:
        """Return everything until the server closes the connection."""
        while chunk := self.socket.recv(65536):
            self.received += chunk
        found, self.received = self.received, b""
        return found

    def close(self) -> None:
        self.socket.close()


@dataclass
class Server:
    port: int
    process: subprocess.Popen
    lines: list[Line] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def line(self) -> Line:
        made = Line(socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE))
        self.lines.append(made)
        return made

    def ask(self, request: bytes) -> bytes:
        """Send a request over a new connection; return the raw response."""
        return self.line().send(request).rest()

    def request(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> HTTPResponse:
        """Return the complete response: `.status`, `.headers`, `.body`."""
        http = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        http.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = http.getresponse()
        answer.body = answer.read()  # type: ignore[attr-defined]
        http.close()
        return answer

    def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until the condition is true; fail if it does not become true in time."""
        for _ in range(PATIENCE * 20):
            if is_so():
                return
            time.sleep(0.05)
        raise AssertionError("it did not come to be so")

    def kill(self) -> None:
        """Kill the server and its worker, as in a power cut."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)


def database_url() -> str:
    """Return the URL of this test's database, for another process, which sees what was committed."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    return f"postgres://{given['USER']}@{quote(given['HOST'], safe='')}/{given['NAME']}"


@contextmanager
def serving(
    target: str = "community.asgi:application",
    *,
    folder: Path,
    port: int = 0,
    root: Path = ROOT,
    **environment: str,
) -> Iterator[Server]:
    """Serve a module's application.

    folder: for its files; port: that of a server that was killed; root: the code.
    """
    with socket.create_server(("127.0.0.1", port)) as probe:
        port = probe.getsockname()[1]
    environ = os.environ | {
        "DEBUG": "0",
        "DJANGO_SETTINGS_MODULE": "community.settings",
        "SECRET_KEY": settings.SECRET_KEY,
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "VAR_DIR": str(folder),
        **environment,
    }
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "asginl",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    command += [
        "--workers",
        "1",
        "--no-ws",
        "--log-level",
        "warning",
        "--workers-kill-timeout",
        "15",
        "--backpressure",
        "100",
        "--http",
        "1",
        target,
    ]
    process = subprocess.Popen(
        command, cwd=root, env=environ, stdout=subprocess.DEVNULL, start_new_session=True
    )
    server = Server(port, process)
    try:
        for _ in range(PATIENCE * 20):
            assert process.poll() is None, "the server ended by itself"
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)  # until it listens
        yield server
    finally:
        for line in server.lines:
            line.close()
        if process.poll() is None:
            server.stop()
