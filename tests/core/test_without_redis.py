"""A site works while its (real) Redis is down, hangs or is full, and after it returns."""

import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.conf import global_settings
from django.core.cache import caches
from django.test import Client

from core.pagecache import backend as core_caches
from core.pagecache.backend import RedisWithFallback
from core.utils.ratelimit import TooFast, check_hits
from tests.core.test_locked_database import post_comment
from tests.core.test_two_processes import guess
from tests.factories import PASSWORD, make_comment, make_member
from tests.serving import database_url, serving

needs_redis = pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")


class RedisServer:
    def __init__(self, folder) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.folder, self.url = folder, f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self, *options: str) -> None:
        command = [
            "redis-server",
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(self.folder),
            *options,
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        for _ in range(200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.sendall(b"PING\r\n")
                if line.recv(10) == b"+PONG\r\n":
                    return
            time.sleep(0.05)  # until it listens
        raise AssertionError("redis-server does not answer")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def redis_server(tmp_path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    yield server
    server.kill()


@pytest.fixture
def cache_on(settings):
    """Return a cache with a Redis, configured as in the settings, with its own fallback in memory."""
    settings.CACHES = settings.CACHES | {
        "otherwise": {"BACKEND": "core.pagecache.backend.ObjectCache", "LOCATION": "without redis"}
    }
    made = []

    def make(url: str) -> RedisWithFallback:
        made.append(RedisWithFallback(url, {"OPTIONS": {"OTHERWISE": "otherwise"}}))
        return made[-1]

    yield make
    for cache in made:
        for pool in cache._cache._pools.values():
            pool.disconnect()
    caches["otherwise"].clear()
    core_caches._away.clear()


EVERY_QUESTION = [
    ("set", ("a", 1)),
    ("get", ("a",)),
    ("incr", ("a",)),
    ("add", ("b", 7)),
    ("has_key", ("b",)),
    ("get_many", (["a", "b"],)),
    ("touch", ("b", 60)),
    ("delete", ("b",)),
    ("set_many", ({"c": 3},)),
    ("get_or_set", ("c", 4)),
    ("delete_many", (["c"],)),
    ("clear", ()),
]


@needs_redis
def test_every_question_has_an_answer_with_redis_and_without(redis_server, cache_on):
    cache = cache_on(redis_server.url)
    answers = {}
    for state in ("there", "away"):
        answers[state] = [getattr(cache, name)(*given) for name, given in EVERY_QUESTION[:6]]
        for name, given in EVERY_QUESTION[6:]:
            getattr(cache, name)(*given)
        redis_server.kill()
    assert answers["away"] == answers["there"] == [None, 1, 2, True, True, {"a": 2, "b": 7}]


@needs_redis
def test_a_redis_that_is_full_is_done_without(redis_server, cache_on):
    redis_server.kill()
    redis_server.start("--maxmemory", "1", "--maxmemory-policy", "noeviction")
    cache = cache_on(redis_server.url)
    cache.set("a", 1)
    assert cache.get("a") == 1
    with pytest.raises(Exception, match="memory"):
        cache.ask()


def test_a_redis_that_hangs_is_asked_once_and_not_by_everybody(cache_on):
    lines = []
    with socket.create_server(("127.0.0.1", 0)) as mute:

        def take_in() -> None:
            with suppress(OSError):
                while True:
                    lines.append(mute.accept()[0])

        threading.Thread(target=take_in, daemon=True).start()
        cache = cache_on(f"redis://127.0.0.1:{mute.getsockname()[1]}/0")
        cache.set("a", 1)
        assert [cache.get("a") for _ in range(20)] == [1] * 20
        assert len(lines) == 1
        mute.shutdown(socket.SHUT_RDWR)
    for line in lines:
        line.close()


@needs_redis
def test_it_is_asked_again_after_a_while(redis_server, cache_on, monkeypatch):
    cache = cache_on(redis_server.url)
    cache.set("a", "in Redis")
    redis_server.kill()
    assert cache.get("a") is None
    redis_server.start()
    cache.set("a", "here")
    assert RedisWithFallback.get.__wrapped__(cache, "a") is None  # Redis has not been queried yet
    monkeypatch.setattr(core_caches, "_away", core_caches._away)
    core_caches._away[cache.location] = 0.0  # the retry time has come
    cache.set("a", "in Redis again")
    assert RedisWithFallback.get.__wrapped__(cache, "a") == "in Redis again"
    assert core_caches._away == {}


@needs_redis
@pytest.mark.django_db
def test_limits_go_on_without_redis(redis_server, cache_on, monkeypatch, member):
    cache = cache_on(redis_server.url)
    monkeypatch.setattr("core.utils.ratelimit.cache", cache)
    redis_server.kill()
    for _ in range(3):
        check_hits("test", member.pk, [(3, 86_400)])
    with pytest.raises(TooFast):
        check_hits("test", member.pk, [(3, 86_400)])


@pytest.mark.full
@pytest.mark.slow
@needs_redis
@pytest.mark.django_db(transaction=True)
def test_a_site_goes_on_while_redis_is_away_and_after(redis_server, tmp_path, settings, post, member):
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS  # the server's
    make_member("bert", password=PASSWORD)
    make_comment(post, body="Read me.")
    browser, token = Client(), "a" * 32
    browser.force_login(member)
    cookie = f"sessionid={browser.cookies['sessionid'].value}; csrftoken={token}"
    (tmp_path / "site").mkdir()
    with serving(folder=tmp_path / "site", DATABASE_URL=database_url(), REDIS_URL=redis_server.url) as server:

        def walk(text: str) -> list[int]:
            pages = [
                server.request(path, Cookie=who).status
                for path in ("/", f"/posts/{post.slug}/", "/accounts/login/")
                for who in ("", cookie)
            ]
            return [
                *pages,
                post_comment(server.port, cookie, token, post, text)[0],
                server.request("/readyz").status,
            ]

        assert walk("With Redis.") == [200, 200, 200, 200, 200, 302, 302, 200]
        redis_server.kill()
        assert walk("Without Redis.") == [200, 200, 200, 200, 200, 302, 302, 503]
        assert server.request("/readyz").body.startswith(b'{"database": "ok", "cache": "down", ')
        assert [guess(server, f"wrong {number}") for number in range(6)] == ["wrong"] * 5 + ["too many"]
        redis_server.start()
        assert walk("With Redis again.") == [200, 200, 200, 200, 200, 302, 302, 200]
