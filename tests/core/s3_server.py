"""A small S3 server that stores, returns, lists and deletes objects, and checks the access key."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

KEY = "AKIATESTS"


class Bucket(BaseHTTPRequestHandler):
    """Path-style URLs: /bucket/name. Only the access key is checked, not the signature."""

    protocol_version = "HTTP/1.1"
    objects: dict[str, tuple[bytes, dict[str, str]]]

    def log_message(self, *_args: object) -> None:
        pass

    def name(self) -> str:
        return unquote(urlsplit(self.path).path).lstrip("/")

    def answer(self, status: int, body: bytes = b"", length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def is_known(self) -> bool:
        if f"Credential={KEY}/" in self.headers.get("Authorization", ""):
            return True
        self.answer(403, b"<Error><Code>AccessDenied</Code></Error>")
        return False

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.is_known():
            kept = {
                "Content_Type": self.headers.get("Content-Type", ""),
                "Cache_Control": self.headers.get("Cache-Control", ""),
            }
            kept["Last_Modified"] = formatdate(usegmt=True)
            self.objects[self.name()] = (body, kept)
            self.answer(200, ETag=f'"{md5(body, usedforsecurity=False).hexdigest()}"')

    def do_GET(self) -> None:
        if not self.is_known():
            return
        if (
            "list-type" in (asked := parse_qs(urlsplit(self.path).query, keep_blank_values=True))
            or "prefix" in asked
        ):
            return self.list(asked.get("prefix", [""])[0], asked.get("delimiter", [""])[0])
        if self.name() not in self.objects:
            return self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        body, kept = self.objects[self.name()]
        facts = kept | {"ETag": f'"{md5(body, usedforsecurity=False).hexdigest()}"'}
        if part := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            start, end = int(part[1]), int(part[2] or len(body) - 1)
            return self.answer(
                206, body[start : end + 1], Content_Range=f"bytes {start}-{end}/{len(body)}", **facts
            )
        return self.answer(200, body, length=len(body), **facts)

    do_HEAD = do_GET

    def do_DELETE(self) -> None:
        if self.is_known():
            self.objects.pop(self.name(), None)
            self.answer(204)

    def list(self, prefix: str, delimiter: str) -> None:
        bucket = self.name().rstrip("/")
        keys = [
            name.removeprefix(f"{bucket}/")
            for name in sorted(self.objects)
            if name.startswith(f"{bucket}/{prefix}")
        ]
        here = [key for key in keys if not delimiter or delimiter not in key.removeprefix(prefix)]
        below = {
            prefix + key.removeprefix(prefix).partition(delimiter)[0] + delimiter
            for key in keys
            if key not in here
        }
        folders = "".join(
            f"<CommonPrefixes><Prefix>{escape(one)}</Prefix></CommonPrefixes>" for one in sorted(below)
        )
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(self.objects[f'{bucket}/{key}'][0])}</Size>"
            "<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>x</ETag></Contents>"
            for key in here
        )
        self.answer(
            200,
            f"<?xml version='1.0'?><ListBucketResult><IsTruncated>false</IsTruncated>{rows}{folders}</ListBucketResult>".encode(),
            Content_Type="text/xml",
        )


@contextmanager
def serve_bucket() -> Iterator[tuple[str, dict[str, tuple[bytes, dict[str, str]]]]]:
    """Yield the server's URL, and its objects by "bucket/name"."""
    objects: dict[str, tuple[bytes, dict[str, str]]] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OneBucket", (Bucket,), {"objects": objects}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", objects
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
