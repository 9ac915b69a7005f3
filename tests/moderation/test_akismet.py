"""Akismet as an additional signal: with a local server that speaks its protocol."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest
from django.utils import timezone

from comments.models.submission import Submission
from comments.services.writing import publish_comment
from decisions.models import Guest
from decisions.services.inviting import invite, link_of
from moderation import tasks
from moderation.services.decisions import decide
from moderation.spamfilter import akismet
from tests.decisions.factories import make_proposal
from tests.factories import make_comment, make_host, make_member, switch_on


class Server(HTTPServer):
    """Sends the responses that a test sets, and records requests."""

    answer, status = "false", 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, dict[str, str]]] = []


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        fields = parse_qs(
            self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True
        )
        self.server.asked.append((self.path, {name: values[0] for name, values in fields.items()}))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.answer.encode())

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server(settings) -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    settings.AKISMET_API_KEY = "key-of-tests"
    settings.AKISMET_URL = f"http://127.0.0.1:{server.server_port}/1.1/"
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def write(post, body: str = "My aunt kept bees on the roof."):
    person = make_member(date_joined=timezone.now())
    comment = publish_comment(
        post=post,
        author=person,
        body=body,
        submission=Submission("8.8.4.4", "Browser/1", "http://testserver/", {}),
    )
    comment.refresh_from_db()
    return comment


def test_without_a_key_nobody_is_asked(post, server, settings):
    settings.AKISMET_API_KEY = ""
    assert write(post).assessment.outside == {}
    assert server.asked == []


def test_it_gets_what_it_needs_and_nothing_changes_if_it_finds_nothing(post, server):
    comment = write(post)
    [(path, fields)] = server.asked
    assert path == "/1.1/comment-check"
    assert (fields["api_key"], fields["user_ip"], fields["user_agent"], fields["comment_type"]) == (
        "key-of-tests",
        "8.8.4.4",
        "Browser/1",
        "comment",
    )
    assert (fields["blog"], fields["comment_content"], fields["comment_author"]) == (
        "http://testserver",
        comment.body,
        comment.author_name,
    )
    assert (comment.status, [reason["code"] for reason in comment.assessment.reasons]) == (
        "public",
        ["form_missing"],
    )


def test_it_gets_no_link_that_grants_access(client, server, db):
    switch_on("decisions")
    host = make_host()
    invite(make_proposal(by=host), [("Ada", "ada@example.org")], by=host)
    link = link_of(Guest.objects.get())
    client.post(link, {"stance": "agree", "body": "Twelve it is."}, headers={"Referer": link})
    told = [
        fields["referrer"] for _path, fields in server.asked if "Twelve it is." in fields["comment_content"]
    ]
    assert told == ["http://testserver/decisions/by-link/…/"]


def test_its_word_alone_holds_nothing(post, server, settings):
    settings.SPAM_CHECKS = [path for path in settings.SPAM_CHECKS if not path.endswith(".form")]
    server.answer = "true"
    comment = write(post)
    assert comment.status == "public"
    assert [reason["code"] for reason in comment.assessment.reasons] == ["akismet"]


def test_its_word_with_another_reason_makes_a_comment_wait(post, server):
    server.answer = "true"
    comment = write(post, "A word about loans and real money, at low cost.")
    assert comment.status == "held"
    assert "Akismet, an external spam service, thinks it’s spam." in comment.why_held


def test_what_moderators_decided_stays_whatever_it_says_later(post, server, moderator):
    comment = write(post, "A word about loans and real money, at low cost.")
    decide(comment, "spam", by=moderator)
    decide(comment, "approve", by=moderator)
    server.answer = "true"
    tasks.ask_akismet.call(comment.pk)
    comment.refresh_from_db()
    assert comment.status == "public"


def test_decisions_are_sent_back(post, server, moderator):
    comment = write(post)
    decide(comment, "spam", by=moderator)
    decide(comment, "approve", by=moderator)
    assert [path for path, _fields in server.asked] == [
        "/1.1/comment-check",
        "/1.1/submit-spam",
        "/1.1/submit-ham",
    ]
    assert server.asked[1][1] == server.asked[0][1]


@pytest.mark.parametrize(("status", "answer"), [(500, "true"), (403, "x"), (200, "invalid"), (200, "")])
def test_a_strange_answer_is_none_and_is_asked_for_again(post, server, status, answer, mocked_retry):
    server.status, server.answer = status, answer
    comment = write(post)
    assert comment.status == "public"
    assert mocked_retry == [(comment.pk, 1)]


def test_a_server_that_does_not_answer_is_left_after_the_limit(server, settings, monkeypatch):
    import socket  # noqa: PLC0415

    assert akismet.TIMEOUT_SECONDS == 5
    monkeypatch.setattr(akismet, "TIMEOUT_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.AKISMET_URL = f"http://127.0.0.1:{silent.getsockname()[1]}/1.1/"
        with pytest.raises(akismet.NotReached):
            akismet.check({"blog": "x"})


@pytest.fixture
def mocked_retry(monkeypatch) -> list[tuple[int, int]]:
    """The tests' task backend runs tasks at once and cannot delay them, so delayed retries are recorded."""
    later: list[tuple[int, int]] = []

    class Later:
        def enqueue(self, *args: int) -> None:
            later.append(args)  # type: ignore[arg-type]

    monkeypatch.setattr(type(tasks.ask_akismet), "using", lambda self, **kwargs: Later())
    return later


def test_it_gives_up_after_the_last_pause(post, server, mocked_retry):
    comment = make_comment(post=post, author=make_member(date_joined=timezone.now()))
    server.status = 500
    tasks.ask_akismet.call(comment.pk, len(tasks.AKISMET_PAUSES_MINUTES))
    assert mocked_retry == []
