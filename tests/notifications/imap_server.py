"""An IMAP server for tests, on 127.0.0.1: the subset of RFC 3501 that the site uses, with two folders."""

import re
import socketserver
import threading
from typing import Any
from urllib.parse import quote


class Session(socketserver.StreamRequestHandler):
    server: "Mailbox"

    def say(self, words: str | bytes) -> None:
        self.wfile.write((words.encode() if isinstance(words, str) else words) + b"\r\n")

    def handle(self) -> None:
        self.say("* OK IMAP4rev1 test")
        while line := self.rfile.readline().decode().strip():
            tag, _blank, rest = line.partition(" ")
            self.server.spoken.append(
                rest.split(" ")[0] if not rest.startswith("UID") else " ".join(rest.split(" ")[:2])
            )
            verb, _blank, rest = rest.partition(" ")
            if verb == "UID":
                verb, _blank, rest = rest.partition(" ")
            with self.server.lock:
                answer = getattr(self, f"do_{verb.lower()}")(rest)
            self.say(f"{tag} {answer}")
            if verb == "LOGOUT":
                return

    def do_capability(self, _rest: str) -> str:
        self.say("* CAPABILITY IMAP4rev1")
        return "OK done"

    def do_login(self, rest: str) -> str:
        return "OK done" if rest == f'{self.server.user} "{self.server.password}"' else "NO wrong"

    def do_select(self, rest: str) -> str:
        self.say(f"* {len(self.server.messages)} EXISTS")
        return "OK [READ-WRITE] done" if rest == '"INBOX"' else "NO there is no such folder"

    def do_search(self, _rest: str) -> str:
        self.say(
            "* SEARCH "
            + " ".join(str(uid) for uid in sorted(self.server.messages.keys() - self.server.deleted))
        )
        return "OK done"

    def do_fetch(self, rest: str) -> str:
        uid, _blank, what = rest.partition(" ")
        raw = self.server.messages.get(int(uid))
        if raw is not None and "SIZE" in what:
            self.say(f"* 1 FETCH (UID {uid} RFC822.SIZE {len(raw)})")
        elif raw is not None:
            if limit := re.search(r"HEADER\]<0\.(\d+)>", what):
                raw = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0][: int(limit[1])]
            self.say(b"* 1 FETCH (UID %s BODY[] {%d}" % (uid.encode(), len(raw)))
            self.wfile.write(raw)
            self.say(")")
        return "OK done"

    def do_copy(self, rest: str) -> str:
        uid, _blank, folder = rest.partition(" ")
        if folder not in self.server.folders:
            return "NO [TRYCREATE] there is no such folder"
        self.server.folders[folder].append(self.server.messages[int(uid)])
        return "OK done"

    def do_create(self, rest: str) -> str:
        self.server.folders[rest] = []
        return "OK done"

    def do_store(self, rest: str) -> str:
        if self.server.is_cut_off_before_removing:
            raise ConnectionAbortedError
        self.server.deleted.add(int(rest.split(" ")[0]))
        return "OK done"

    def do_expunge(self, _rest: str) -> str:
        for uid in self.server.deleted:
            self.server.messages.pop(uid, None)
        self.server.deleted.clear()
        return "OK done"

    def do_logout(self, _rest: str) -> str:
        self.say("* BYE")
        return "OK done"


class Mailbox(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    user, password = "reply", "seven & spoons"

    def __init__(self, *messages: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.lock = threading.Lock()
        self.messages = dict(enumerate(messages, start=1))
        self.deleted: set[int] = set()
        self.folders: dict[str, list[bytes]] = {}
        self.spoken: list[str] = []
        self.is_cut_off_before_removing = False

    @property
    def url(self) -> str:
        return f"imap://{self.user}:{quote(self.password)}@127.0.0.1:{self.server_address[1]}/INBOX"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A broken connection need not be logged."""

    def __enter__(self) -> "Mailbox":
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
