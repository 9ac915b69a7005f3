"""While another process holds the database lock, reading still works, and writers get their text back."""

import re
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from comments.models import Comment, ThreadVisit
from core.utils import writer_slots
from posts.models import Post
from tests.factories import PASSWORD, make_comment
from tests.locking import locked_database
from tests.serving import database_url, serving
from tests.test_permissions import READING, make_rows

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no lock of the whole database"),
]
COUNTED_IN_DATABASE = {"BACKEND": "core.pagecache.backend.CountingCache", "LOCATION": "core_cacheentry"}
TEXT = "First line & <b>second</b>\n\nSmörgås 🍞 and a last one."


def kept_in(page: str) -> list[str]:
    """Return the contents of a page's text areas."""
    return [
        unescape(text).replace("\r\n", "\n")
        for text in re.findall(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)
    ]


@pytest.mark.slow
def test_every_page_for_reading_answers_as_ever(client, signed_in):
    """All pages of tests/test_permissions.py that show something; one that waited for the lock would fail."""
    people, rows = make_rows()
    readers = [client, *(signed_in(people[who]) for who in ("member", "moderator", "host"))]
    answers = {}
    with locked_database():
        for path, *expected in READING.values():
            for key, pk in rows.items():
                path = path.replace(key, str(pk))
            for reader, status in list(zip(readers, expected, strict=True))[
                :: 3 if expected[0] == 200 else 1
            ]:
                if status == 200:
                    reader.raise_request_exception = False
                    answers[path] = reader.get(f"/{path}").status_code
    assert len(answers) > 50
    assert {path: status for path, status in answers.items() if status != 200} == {}


@pytest.mark.parametrize("query", ["", "?sort=newest", "?sort=replies", "?reply={comment}"])
def test_a_thread_is_read_and_the_visit_is_noted_the_next_time(post, member, signed_in, query):
    comment = make_comment(post, body="Read me.")
    reader, address = signed_in(member), f"/posts/{post.slug}/{query.format(comment=comment.pk)}"
    with locked_database():
        answer = reader.get(address)
        assert "Read me." in answer.content.decode()
        assert not ThreadVisit.objects.exists()
    reader.get(address)
    assert ThreadVisit.objects.count() == 1


def test_a_visit_goes_on_after_a_pause(post, member, signed_in):
    long_ago = timezone.now() - timedelta(days=2)
    visit = ThreadVisit.objects.create(member=member, post=post, new_since=long_ago, looked_at=long_ago)
    make_comment(post, body="Came since.")
    reader = signed_in(member)
    with locked_database():
        assert "Came since." in reader.get(f"/posts/{post.slug}/").content.decode()
    visit.refresh_from_db()
    assert visit.looked_at == long_ago  # still new the next time


WRITING = {
    "a comment": ("/posts/{post.slug}/comments/", {"body": TEXT}),
    "a changed comment": ("/comments/{comment.pk}/edit/", {"body": TEXT}),
    "a profile": (
        "/members/me/edit/",
        {"display_name": "Alice", "bio": TEXT, "links-TOTAL_FORMS": 0, "links-INITIAL_FORMS": 0},
    ),
    "a report": ("/comments/{other.pk}/report/", {"reason": "other", "note": TEXT}),
    "an introduction": ("/members/nora/introduction/", {"words": TEXT}),
}


def test_a_writer_begins_as_soon_as_the_lock_is_free(post, member, signed_in, monkeypatch):
    """SQLite would wait longer each time, and hardly ever meet the pauses of a busy worker."""
    browser, pauses = signed_in(member), []
    with locked_database() as release:

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 20:
                release()

        monkeypatch.setattr(writer_slots, "sleep", pause)
        browser.post(f"/posts/{post.slug}/comments/", {"body": TEXT})
    assert (Comment.objects.get().body, pauses) == (TEXT, [writer_slots.RETRY_SECONDS] * 20)


@pytest.mark.parametrize("what", WRITING)
def test_authors_get_their_text_back(what, post, member, signed_in, settings):
    settings.WRITE_WAIT_SECONDS = 0.1
    User.objects.filter(username="nora").update(takes_introductions=True)
    comment, other = make_comment(post, member, body="Before."), make_comment(post)
    address, form = WRITING[what]
    address = address.format(post=post, comment=comment, other=other)
    browser = signed_in(member)
    browser.raise_request_exception = False
    with locked_database():
        answer = browser.post(address, form)
    page = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"], kept_in(page)) == (503, "30", [TEXT])
    assert f'<form method="post" action="{address}"' in page
    assert Comment.objects.get(pk=comment.pk).body == "Before."
    assert browser.post(address, form).status_code in {200, 302}


def test_signed_out_text_comes_back_too(post, client, settings):
    settings.WRITE_WAIT_SECONDS = 0.1
    client.raise_request_exception = False
    with locked_database():
        answer = client.post(
            f"/posts/{post.slug}/comments/", {"body": TEXT, "name": "Vera", "email": "vera@example.org"}
        )
    assert (answer.status_code, kept_in(answer.content.decode())) == (503, [TEXT])


@pytest.mark.parametrize("path", ["login/", "login/code/", "password/reset/", "signup/"])
def test_a_request_that_cannot_be_counted_is_not_called_one_of_too_many(client, settings, path):
    """The rate limits of signing in are counted in a table, too."""
    settings.WRITE_WAIT_SECONDS = 0.1
    settings.CACHES = settings.CACHES | {"default": COUNTED_IN_DATABASE}
    client.raise_request_exception = False
    typed = {"login": "ada", "username": "ada", "email": "ada@example.org", "password": PASSWORD}
    with locked_database():
        answer = client.post(f"/accounts/{path}", typed)
    page = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "Too busy right now" in page
    assert ("ada@example.org" in page, PASSWORD in page) == (True, False)


def test_two_who_count_at_once_are_no_error(settings):
    """The other request's key is deleted between our attempt to insert and our lookup."""
    settings.CACHES = settings.CACHES | {"default": COUNTED_IN_DATABASE}
    cache.set("one", 1)
    real = cache.has_key
    answers = iter([False, True])
    cache.has_key = lambda key, version=None: real(key, version) and next(answers)
    assert cache.add("one", 2) is False


# --- over a real server --------------------------------------------------------------------


def post_comment(port: int, cookie: str, token: str, post: Post, body: str) -> tuple[int, str, float]:
    """Post a comment; return the outcome, and how many seconds it took."""
    began = time.monotonic()
    http = HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {
        "Cookie": cookie,
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": f"http://127.0.0.1:{port}",
    }
    http.request(
        "POST",
        f"/posts/{post.slug}/comments/",
        urlencode({"csrfmiddlewaretoken": token, "body": body}),
        headers,
    )
    answer = http.getresponse()
    page = answer.read().decode()
    http.close()
    return answer.status, page, time.monotonic() - began


@pytest.mark.slow
def test_readers_have_a_thread_while_writers_wait(tmp_path, post, member):
    """Twelve write while the database is locked, four threads respond: pages at once, and texts come back."""
    make_comment(post, body="Read me.")
    browser = Client()
    browser.force_login(member)
    token = "a" * 32
    cookie = f"sessionid={browser.cookies['sessionid'].value}; csrftoken={token}"
    texts = [f"{TEXT} {number}" for number in range(12)]
    with serving(folder=tmp_path, DATABASE_URL=database_url()) as server, ThreadPoolExecutor(12) as writers:
        for path in ("/", f"/posts/{post.slug}/"):
            server.request(path)  # warm caches
        with locked_database():
            answers = [writers.submit(post_comment, server.port, cookie, token, post, text) for text in texts]
            reads = []
            while not all(answer.done() for answer in answers):
                for path in ("/healthz", "/", f"/posts/{post.slug}/"):
                    began = time.monotonic()
                    reads.append((server.request(path, Cookie=cookie).status, time.monotonic() - began))
            found = [answer.result() for answer in answers]
        assert post_comment(server.port, cookie, token, post, TEXT)[0] == 302
    assert {status for status, _seconds in reads} == {200}
    assert [(status, kept_in(page)) for status, page, _seconds in found] == [(503, [text]) for text in texts]
    # Compared, not measured: on a busy machine everything is slow. With no free thread, readers would wait
    # like writers.
    assert statistics.median(seconds for _status, seconds in reads) < statistics.median(
        seconds for _status, _page, seconds in found
    )
