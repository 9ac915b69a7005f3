"""A mail server for tests, on 127.0.0.1: it refuses given recipients, and can be paused at any step."""

import socketserver
import threading
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


@dataclass(frozen=True)
class Received:
    to: str
    message: EmailMessage
    envelope_sender: str = ""

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])


class Session(socketserver.StreamRequestHandler):
    server: "MailServer"

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def handle(self) -> None:
        try:
            self.talk()
        except OSError:
            return  # the client has disconnected

    def talk(self) -> None:
        to = sender = ""
        self.say("220 test")
        while line := self.rfile.readline():
            verb = line.decode(errors="replace").strip().upper()
            step = verb.split(":")[0].split(" ")[0].lower()
            self.server.reached(step)
            if step == "quit":
                self.say("221 bye")
                return
            if step == "mail":
                sender = line.decode().partition("<")[2].partition(">")[0]
                self.say("250 ok")
            elif step == "rcpt":
                to = line.decode().partition("<")[2].partition(">")[0]
                self.say(self.server.refusals.get(to, "250 ok"))
            elif step == "data":
                self.say("354 go on")
                lines = []
                while (more := self.rfile.readline()) != b".\r\n":
                    if not more:
                        return  # disconnected: no message arrived
                    lines.append(more)
                self.server.reached("words")
                if self.server.answer_to_words.startswith("2"):
                    message: Any = message_from_bytes(b"".join(lines), policy=policy.default)
                    with self.server.lock:
                        self.server.received.append(Received(to, message, sender))
                self.server.reached("taken")
                self.say(self.server.answer_to_words)
            else:
                self.say("250 ok")


class MailServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.lock = threading.Lock()
        self.received: list[Received] = []
        self.refusals: dict[str, str] = {}
        self.answer_to_words = "250 taken"
        self.hold_at = ""
        self.is_held, self.go_on = threading.Event(), threading.Event()

    @property
    def port(self) -> int:
        return self.server_address[1]

    def reached(self, step: str) -> None:
        """Wait here, once, if the test asked for it."""
        if step == self.hold_at:
            self.hold_at = ""
            self.is_held.set()
            self.go_on.wait(30)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A killed client need not be logged."""

    def __enter__(self) -> "MailServer":
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on.set()
        self.shutdown()
        self.server_close()
