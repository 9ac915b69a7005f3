"""Errors sent to Sentry say where in the code they occurred, without user content or personal data."""

import gzip
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FAILS = """
import django
django.setup()
import logging
import sentry_sdk
from django.test import Client
from django.views import View
from core.web.views import ThemeView

def post(self, request):
    what_was_typed = request.POST["next"]
    logging.getLogger("long_table").error("Nobody is called %s", what_was_typed)
    raise ValueError(f"Nobody is called {what_was_typed}")

ThemeView.post = post
client = Client(raise_request_exception=False, headers={"Sec-Fetch-Site": "same-origin"})
response = client.post("/theme/?key=purple-otter", {"next": "purple otter"}, headers={"Cookie": "a=purple-otter"})
assert response.status_code == 500, response.status_code
sentry_sdk.flush(timeout=10)
"""


# A task that fails, in a real worker; the message of its error quotes the task's arguments.
FAILING_TASK = """
import django
django.setup()
from django.core.management import call_command
from core.tasks import mail
mail.send_message.enqueue({"purple": "otter"})
call_command("worker", "--once")
import sentry_sdk
sentry_sdk.flush(timeout=10)
"""


def run(tmp_path: Path, dsn: str, script: str = FAILS) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    env |= {
        "VAR_DIR": str(tmp_path),
        "DEBUG": "0",
        "SECRET_KEY": "only-for-this-test",
        "ALLOWED_HOSTS": "testserver",
        "SITE_URL": "http://testserver",
        "DJANGO_SETTINGS_MODULE": "community.settings",
        "SENTRY_DSN": dsn,
    }
    return subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


def sent_by(tmp_path: Path, script: str) -> tuple[str, list[dict[str, Any]]]:
    """Return everything that a process sends to our test server, and the events in it."""
    received: list[str] = []

    class Sentry(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode())
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_args: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Sentry) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = run(tmp_path, f"http://key@127.0.0.1:{server.server_port}/1", script)
        server.shutdown()
    assert done.returncode == 0, done.stderr
    sent = "\n".join(received)
    return sent, [
        json.loads(line) for line in sent.splitlines() if '"event_id"' in line and '"platform"' in line
    ]


@pytest.mark.full
@pytest.mark.slow  # a process of its own, because the library modifies the process it is in
def test_they_contain_no_texts_names_or_addresses(tmp_path):
    sent, events = sent_by(tmp_path, FAILS)
    raised = [event["exception"]["values"][-1] for event in events if "exception" in event]
    assert {(error["type"], error["value"]) for error in raised} == {("ValueError", "")}
    assert [event["logentry"] for event in events if "exception" not in event and "logentry" in event] == [
        {"message": "Nobody is called %s"}
    ]
    assert "purple" not in sent
    assert raised[0]["stacktrace"]["frames"][-1]["function"] == "post"


@pytest.mark.full
@pytest.mark.slow  # the same, with a worker
@pytest.mark.django_db
def test_a_task_that_fails_in_the_worker_is_sent_too(tmp_path, empty_site):
    empty_site.rename(tmp_path / "long-table.sqlite3")
    sent, events = sent_by(tmp_path, FAILING_TASK)
    [event] = [event for event in events if "exception" in event]
    error = event["exception"]["values"][-1]
    assert (error["type"], error["value"]) == ("KeyError", "")
    assert error["stacktrace"]["frames"][-1]["function"] == "send_message"
    assert "otter" not in sent


def test_what_cannot_be_an_address_stops_the_start_with_a_line(tmp_path):
    done = run(tmp_path, "sentry, please")
    assert (done.returncode, "SENTRY_DSN" in done.stderr, "Traceback" in done.stderr) == (1, True, False)
