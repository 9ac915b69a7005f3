"""Hosts on this machine: real TLS, their own certificate authority, servers that misbehave on demand."""

import contextlib
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

from core.utils.http_client import Rules
from tests.certificates import write_certificate

HOSTS = ["ada.example", "www.ada.example", "other.example", "twitter.com", "x.com"]
Answer = Callable[[ssl.SSLSocket, "Web"], None]


class Web:
    """Responds to every request with `answer`, and records requests: (host, path)."""

    def __init__(self, folder: Path) -> None:
        key_file, certificate_file = folder / "key.pem", folder / "certificate.pem"
        write_certificate(HOSTS, certificate_file=certificate_file, key_file=key_file)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate_file, key_file)
        self.trust = ssl.create_default_context(cafile=str(certificate_file))
        self.asked: list[tuple[str, str]] = []
        self.sent: list[tuple[dict[str, str], bytes]] = []
        self.resolved: list[str] = []
        self.addresses: dict[str, list[str]] = {}
        self.answers: dict[str, Answer] = {}
        self.connections = 0
        self.is_over = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _take(self, request: bytes, connection: ssl.SSLSocket) -> None:
        head, _blank, body = request.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode("latin-1").split("\r\n")[1:])
        while len(body) < int(headers["Content-Length"]):
            body += connection.recv(65536)
        self.sent.append((headers, body))

    def close(self) -> None:
        self.is_over.set()
        with contextlib.suppress(OSError):  # closed already
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def url(self, path: str = "/", host: str = "ada.example") -> str:
        return f"https://{host}:{self.port}{path}"

    def rules(self, **changes: object) -> Rules:
        """Return the application's rules, except for port, addresses and certificate authority."""
        ours = {
            "ports": frozenset({self.port}),
            "resolve": self._resolve,
            "tls": self.trust,
            "is_allowed": self._is_allowed,
            "max_seconds": 5.0,
        }
        return Rules(**(ours | changes))  # type: ignore[arg-type]

    def _resolve(self, host: str, port: int, **_options: object) -> list[object]:
        self.resolved.append(host)
        if host.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in self.addresses.get(host, ["127.0.0.1"])
        ]

    def _is_allowed(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        """127.0.0.1 represents the public internet here, the rest of the loopback network the internal one."""
        return str(address) == "127.0.0.1"

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._comments_around, args=[connection], daemon=True).start()

    def _comments_around(self, plain: socket.socket) -> None:
        with plain, contextlib.suppress(OSError):
            if "no handshake" in self.answers:
                self.is_over.wait(60)
                return
            with self.tls.wrap_socket(plain, server_side=True) as connection:
                request = b""
                while b"\r\n\r\n" not in request:
                    request += connection.recv(65536)
                head = request.decode("latin-1").split("\r\n")
                path = head[0].split(" ")[1]
                host = next(line[6:] for line in head if line.startswith("Host: ")).partition(":")[0]
                self.asked.append((host, path))
                if head[0].startswith("POST"):
                    self._take(request, connection)
                self.answers.get(host + path, self.answers.get(path, not_found))(connection, self)


# --- responses ---


def page(
    body: str | bytes, status: str = "200 OK", kind: str = "text/html; charset=utf-8", **headers: str
) -> Answer:
    data = body.encode() if isinstance(body, str) else body
    head = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(data)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]

    def answer(connection: ssl.SSLSocket, _web: Web) -> None:
        connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + data)

    return answer


not_found = page("Nobody here.", "404 Not Found")


def redirect(to: str, status: str = "302 Found") -> Answer:
    return page("", status, Location=to)


def raw(*parts: bytes, drip: float = 0.0, for_ever: bool = False) -> Answer:
    """Send these bytes unchanged.

    drip: the pause between the parts in seconds; for_ever: repeat the last part.
    """

    def answer(connection: ssl.SSLSocket, web: Web) -> None:
        for part in parts:
            connection.sendall(part)
        while for_ever and not web.is_over.wait(drip):
            connection.sendall(parts[-1])

    return answer
