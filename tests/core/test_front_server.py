"""nginx as configured in deploy/nginx, in front of the site: it caches visitors' pages, and no others."""

import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from core.services.site_settings import save_settings
from tests.databases import template_of
from tests.factories import make_comment, make_member
from tests.nginx import NGINX, configuration
from tests.serving import Server, database_url, serving

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(NGINX is None, reason="there is no nginx"),
    pytest.mark.full,  # nginx and a server
]


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def behind_nginx(folder: Path) -> Iterator[Server]:
    """nginx in front of a site of its own."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with serving(folder=folder, DATABASE_URL=database_url(), SITE_URL=url, TRUSTED_PROXY_COUNT="1") as site:
        path = folder / "nginx.conf"
        path.write_text(configuration([site.port], port, folder), encoding="utf-8")
        process = subprocess.Popen([NGINX, "-c", str(path), "-p", str(folder)], stderr=subprocess.DEVNULL)
        server = Server(port, process)
        server.site = site  # type: ignore[attr-defined] # the server behind it
        try:
            server.until(lambda: listens(port))
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="module")
def front(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Server]:
    """One site for all tests, because starting it takes three seconds. Each test uses its own posts."""
    with behind_nginx(tmp_path_factory.mktemp("front")) as server:
        yield server
    # What it logged when it ended, after the last test.
    with django_db_blocker.unblock():
        template_of(connection).restore()


def ask(front: Server, path: str, **headers: str):
    line = HTTPConnection("127.0.0.1", front.port, timeout=20)
    line.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = line.getresponse()
    answer.page = answer.read().decode()  # type: ignore[attr-defined]
    line.close()
    return answer


def kept_page(front: Server, path: str, **headers: str):
    """Return nginx's response from its cache, after the number of requests that it needs to cache a page."""
    answers = []

    def is_kept() -> bool:
        answers.append(ask(front, path, **headers))
        assert answers[-1].status == 200
        return answers[-1].headers["X-From"] == "HIT"

    front.until(is_kept)
    return answers[-1]


def test_visitors_get_what_is_kept_and_soon_a_new_comment(front, post):
    make_comment(post, body="The first.")
    path = post.get_absolute_url()
    answers = [ask(front, path), kept_page(front, path)]
    assert {answer.headers["Set-Cookie"] for answer in answers} == {None}
    etag = answers[0].headers["ETag"]
    assert ask(front, path, If_None_Match=etag).status == 304
    make_comment(post, body="Hot off the press.")
    front.until(lambda: "Hot off the press." in ask(front, path).page)


def test_no_page_of_a_member_is_kept_or_answered_from_what_is_kept(front, post):
    browsers = {}
    for name in ("dora", "kit"):
        browser = Client()
        browser.force_login(make_member(name, display_name=f"{name.title()} of the Mill"))
        browsers[name] = f"sessionid={browser.cookies['sessionid'].value}"
    for path in (post.get_absolute_url(), "/", "/posts/"):
        for _ in range(3):
            for name, cookie in browsers.items():
                answer = ask(front, path, Cookie=cookie)
                assert (
                    answer.headers["X-From"],
                    f"{name.title()} of the Mill, account menu" in answer.page,
                ) == ("BYPASS", True)
                assert "no-store" in answer.headers["Cache-Control"]
            visitor = ask(front, path)
            assert "of the Mill" not in visitor.page
            assert visitor.headers["X-From"] != "BYPASS"


def test_a_search_for_ten_thousand_letters_is_answered_by_the_site(front, post):
    answer = ask(front, f"/search/?q={'x' * 10_000}")
    assert answer.status == 200
    assert "Nothing found" in answer.page


def test_each_theme_has_a_page_of_its_own(front, post):
    for path in (post.get_absolute_url(), "/"):
        for _ in range(2):
            for theme in ("light", "dark"):
                assert f'data-theme="{theme}"' in ask(front, path, Cookie=f"theme={theme}").page
            assert "data-theme=" not in ask(front, path).page


def test_each_language_has_a_page_of_its_own(front, post):
    skip = {"de": "Zum Inhalt springen", "fr": "Aller au contenu", "": "Skip to content"}
    save_settings({"languages": ["de", "fr"]}, by=None)
    path = post.get_absolute_url()
    front.until(lambda: "/language/" in ask(front, path).page)
    for one in (path, "/"):
        for _ in range(3):
            for language, words in skip.items():
                assert words in ask(front, one, Cookie=f"language={language}").page
        # A page is cached for a second: on a busy machine the next request may come too late.
        assert skip["fr"] in kept_page(front, one, Cookie="language=fr").page
    save_settings({"browser_language": True}, by=None)
    front.until(lambda: skip["de"] in ask(front, path, Accept_Language="de").page)
    for _ in range(3):
        for language, words in skip.items():
            assert words in ask(front, path, Accept_Language=language or "en").page


def test_who_asks_for_a_page_that_is_not_kept_waits_for_nobody(front, post):
    """With nginx's cache lock, requests would be handled in turn, each half a second after the previous one."""
    ask(front, "/accounts/login/")

    def come_at_once() -> bool:
        began = time.monotonic()
        with ThreadPoolExecutor(8) as browsers:
            answers = [*browsers.map(lambda _: ask(front, "/accounts/login/").status, range(8))]
        assert answers == [200] * 8
        return time.monotonic() - began < 2.5  # with the lock always at least 3.5

    front.until(come_at_once)  # a busy machine may be slow the first time


def test_while_the_site_is_away_visitors_get_what_was_kept_last(post, tmp_path):
    path = post.get_absolute_url()
    with behind_nginx(tmp_path) as front:
        assert ask(front, path).status == 200
        front.site.kill()
        answers = []
        front.until(lambda: answers.append(ask(front, path)) or answers[-1].headers["X-From"] == "STALE")
        assert {answer.status for answer in answers} == {200}
        browser = Client()
        browser.force_login(make_member("dora"))
        assert ask(front, path, Cookie=f"sessionid={browser.cookies['sessionid'].value}").status == 502
        assert ask(front, "/members/").status == 502  # not requested before
