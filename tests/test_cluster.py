"""Several processes on one database under faults: kill -9, rolling restarts, no PostgreSQL, no Redis.

The site is that of `make run-cluster`, requested over HTTP through nginx and from each process.
"""

import json
import re
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import Message
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
from django.db import connection

from tests.cluster import NGINX, REDIS, ROOT, Cluster, a_later_version, running
from tests.postgres import kept_files
from tests.run_folders import folder_of_this_run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.full,  # a dozen processes, started and killed repeatedly
    pytest.mark.sql,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is for one web process"),
    pytest.mark.skipif(not (NGINX and REDIS), reason="nginx or redis-server is not installed"),
    pytest.mark.skipif(not kept_files().exists(), reason="PostgreSQL's template is not made yet"),
]
TOKEN = "a" * 32
PEOPLE = 8
KILLS = 20
# The limit is ten comments a minute, so each test has its own writers; a long test uses several in turn.
TURNS = {"Rolling": 2, "Updated": 5, "Killed": 16, "Away": 1, "Locked": 1}
MAKE = """
import json
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test.utils import override_settings
from tests.factories import make_comment, make_host, make_member, make_post
Store = import_module(settings.SESSION_ENGINE).SessionStore
quick = override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
quick.enable()
post = make_post(author=make_host("nora"), slug="open")
make_comment(post, body="The first.")
cookies = []
for number in range(WRITERS):
    member, session = make_member(f"writer{number}"), Store()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(member.pk), settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = member.get_session_auth_hash()
    session.save()
    cookies.append(f"sessionid={session.session_key}; csrftoken=TOKEN_OF_ALL")
ada = make_member("ada")
quick.disable()
ada.set_password("otters and oaks")
ada.save()
print(json.dumps(cookies))
"""


def make_people(cluster: Cluster) -> list[str]:
    """Create a post "open"; return session cookies of PEOPLE members for each of the TURNS, and of one more."""
    script = MAKE.replace("WRITERS", str(PEOPLE * sum(TURNS.values()) + 1)).replace("TOKEN_OF_ALL", TOKEN)
    cookies: list[str] = json.loads(cluster.run(script))
    return cookies


COUNT = """
import json
from io import StringIO
from django.core.management import call_command
from comments.models import Comment
out = StringIO()
try:
    call_command("check_threads", stdout=out)
    broken = ""
except SystemExit:
    broken = out.getvalue()
print(json.dumps([sorted(Comment.objects.values_list("body", flat=True)), broken]))
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    # Not in pytest's own folder: each run removes access for PostgreSQL, which is another user if the tests
    # run as root.
    folder = Path(tempfile.mkdtemp(prefix="cluster-", dir=folder_of_this_run()))
    with running(folder, ALERT_WAIT_SECONDS="0") as made:
        made.cookies = make_people(made)  # type: ignore[attr-defined]  # of PEOPLE who are signed in
        yield made


def ask(port: int, path: str, cookie: str = "", body: str | None = None) -> tuple[int, str, Message]:
    """Return status, body and headers, or (0, …) if the connection was closed."""
    line = HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Cookie": cookie} if cookie else {}
    form = None
    if body is not None:
        form = urlencode({"csrfmiddlewaretoken": TOKEN, "body": body})
        headers |= {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    try:
        line.request("GET" if form is None else "POST", path, form, headers)
        answer = line.getresponse()
        return answer.status, answer.read().decode(), answer.headers
    except (OSError, HTTPException) as error:
        return 0, repr(error), Message()
    finally:
        line.close()


def comment(port: int, cookie: str, body: str) -> int:
    return ask(port, "/posts/open/comments/", cookie, body)[0]


class Load:
    """Members who read and write through nginx at the same time. Acknowledged comments must exist afterwards."""

    def __init__(self, cluster: Cluster, name: str, pause: float = 0.15) -> None:
        self.cluster, self.name, self.pause = cluster, name, pause
        names = list(TURNS)
        self.first = PEOPLE * sum(TURNS[each] for each in names[: names.index(name)])
        self.acknowledged: list[str] = []
        self.written: Counter[int] = Counter()
        self.read: Counter[int] = Counter()
        self.styles: Counter[int] = Counter()
        self.over = threading.Event()

    def _write(self, place: int) -> None:
        for number in range(self.first + place, self.first + PEOPLE * TURNS[self.name], PEOPLE):
            for count in range(9):  # the limit is ten a minute
                body = f"{self.name}, {number}, {count}."
                status = comment(self.cluster.front.port, self.cluster.cookies[number], body)  # type: ignore[attr-defined]
                self.written[status] += 1
                if status == 302:
                    self.acknowledged.append(body)
                if self.over.wait(self.pause):
                    return

    @property
    def goes_on(self) -> bool:
        """Return whether someone is still writing: a fault must not come after the last comment."""
        return sum(self.written.values()) < PEOPLE * 9 * TURNS[self.name]

    def _read(self) -> None:
        """Request the page and a stylesheet that it uses."""
        while not self.over.wait(0.05):
            status, page, _headers = ask(self.cluster.front.port, "/posts/open/")
            self.read[status] += 1
            for path in re.findall(r'<link rel="stylesheet" href="(/static/css/tokens[^"]+)"', page):
                self.styles[ask(self.cluster.front.port, path)[0]] += 1

    @contextmanager
    def going_on(self) -> Iterator["Load"]:
        threads = [threading.Thread(target=self._write, args=[place]) for place in range(PEOPLE)]
        threads.append(threading.Thread(target=self._read))
        for each in threads:
            each.start()
        try:
            yield self
            assert self.goes_on
        finally:
            self.over.set()
            for each in threads:
                each.join(60)


def assert_nothing_is_lost(cluster: Cluster, load: Load) -> None:
    bodies, broken = json.loads(cluster.run(COUNT))
    assert broken == ""
    assert len(load.acknowledged) > PEOPLE
    assert set(load.acknowledged) - set(bodies) == set()
    assert [body for body, count in Counter(bodies).items() if count > 1] == []


def test_who_signs_in_at_one_comments_at_the_other_and_all_see_it(cluster):
    one, two = (cluster.webs[number].port for number in (0, 1))
    form = urlencode({"login": "ada", "password": "otters and oaks", "csrfmiddlewaretoken": TOKEN})
    cluster.webs[0].request("/")
    answer = cluster.webs[0].request(
        "/accounts/login/", "POST", form.encode(), Cookie=f"csrftoken={TOKEN}",
        Content_Type="application/x-www-form-urlencoded", Sec_Fetch_Site="same-origin",
    )  # fmt: skip
    assert answer.status == 302
    session = next(
        value.partition(";")[0] for value in answer.headers.get_all("Set-Cookie") if value.startswith("sessionid=")
    )  # fmt: skip
    token = next(
        (value.partition(";")[0] for value in answer.headers.get_all("Set-Cookie") if value.startswith("csrftoken=")), ""
    ).partition("=")[2]  # fmt: skip
    line = HTTPConnection("127.0.0.1", two, timeout=30)
    line.request(
        "POST", "/posts/open/comments/", urlencode({"csrfmiddlewaretoken": token, "body": "From the other."}),
        {"Cookie": f"{session}; csrftoken={token}", "Content-Type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    assert line.getresponse().status == 302
    line.close()
    assert "From the other." in ask(one, "/posts/open/")[1]
    cluster.front.until(lambda: "From the other." in ask(cluster.front.port, "/posts/open/")[1])


def test_limits_count_together(cluster):
    ports, cookie = [cluster.webs[number].port for number in (0, 1)], cluster.cookies[-1]
    statuses = [comment(ports[number % 2], cookie, f"Too many, {number}.") for number in range(12)]
    assert statuses[:10] == [302] * 10
    assert 302 not in statuses[10:]


def test_a_rolling_restart_fails_no_request(cluster):
    with Load(cluster, "Rolling", pause=3).going_on() as load:
        for number in cluster.webs:
            cluster.restart_web(number)
    assert (set(load.written), set(load.read)) == ({302}, {200})
    assert_nothing_is_lost(cluster, load)


def test_a_version_with_a_migration_is_rolled_out_while_the_old_one_serves(cluster, tmp_path):
    migrated = "from django.db import connection as c; print('mood' in [x.name for x in c.introspection.get_table_description(c.cursor(), 'posts_post')])"
    assert cluster.run(migrated) == "False\n"
    try:
        with Load(cluster, "Updated", pause=4).going_on() as load:
            cluster.update(a_later_version(tmp_path))
            assert (
                cluster.run("from posts.models import Post; print(Post.objects.get(slug='open').mood == '')")
                == "True\n"
            )
            cluster.update(ROOT)  # and back: the migration stays applied
        assert cluster.run(migrated) == "True\n"
        assert (set(load.written), set(load.read), set(load.styles)) == ({302}, {200}, {200})
        assert_nothing_is_lost(cluster, load)
    finally:
        cluster.root = ROOT


def test_web_processes_and_a_worker_may_be_killed(cluster):
    # Writers go on for five minutes: on a busy machine a process is up again after ten seconds.
    with Load(cluster, "Killed", pause=2).going_on() as load:
        for turn in range(KILLS):
            wanted = len(load.acknowledged) + PEOPLE // 2
            cluster.front.until(lambda wanted=wanted: len(load.acknowledged) > wanted)
            cluster.webs[turn % 2].kill()
            if turn == 0:
                cluster.workers[0].kill()
            assert ask(cluster.front.port, "/members/")[0] == 200
            cluster.start_web(turn % 2)
    # Requests in the killed process fail: nginx never resends a POST to another.
    assert sum(count for status, count in load.written.items() if status != 302) <= PEOPLE * KILLS
    assert set(load.read) == {200}
    assert_nothing_is_lost(cluster, load)


def test_while_a_lock_is_held_readers_notice_nothing_and_writers_get_an_error(cluster):
    """As during a long migration, or with a session that someone forgot to close."""
    member = cluster.cookies[PEOPLE * sum(TURNS.values()) - 1]
    with psycopg.connect(cluster.postgres.url) as other:
        other.execute("SELECT 1 FROM posts_post WHERE slug = 'open' FOR UPDATE")
        status, page, headers = ask(
            cluster.webs[0].port, "/posts/open/comments/", member, "Kept while it was locked."
        )
        assert (status, "Kept while it was locked." in page, headers["Retry-After"] is not None) == (
            503,
            True,
            True,
        )
        for cookie in ("", member):
            # The lock is held until these have responded, so a reader who waited for it would get no page.
            assert ask(cluster.webs[0].port, "/posts/open/", cookie)[0] == 200
    assert comment(cluster.webs[0].port, member, "Kept while it was locked.") == 302


def test_postgresql_and_redis_killed_under_writers(cluster):
    with Load(cluster, "Away", pause=1.0).going_on() as load:
        # nginx can only serve a page that it has cached: on a busy machine the first response is late.
        cluster.front.until(lambda: load.read[200] > 1 and load.acknowledged != [])
        cluster.redis.kill()
        time.sleep(0.3)
        cluster.postgres.kill()
        away = ask(cluster.webs[1].port, "/members/")
        kept = ask(cluster.front.port, "/posts/open/")
        cluster.postgres.start()
        cluster.redis.start()
        assert (away[0], away[2]["Retry-After"], "Traceback" in away[1]) == (503, "30", False)
        assert kept[0] == 200  # for visitors
        cluster.front.until(lambda: ask(cluster.webs[1].port, "/members/")[0] == 200)
        cluster.front.until(lambda: len(load.acknowledged) > PEOPLE)  # and members continue
    assert set(load.written) <= {302, 503}
    assert set(load.read) == {200}
    assert_nothing_is_lost(cluster, load)
    left = "from django_tasks_db.models import DBTaskResult as T; print(T.objects.ready().count() + T.objects.running().count())"
    cluster.front.until(lambda: cluster.run(left) == "0\n")


def test_when_postgresql_takes_no_more_connections_that_is_said_and_passes(cluster):
    ask_members = lambda: ask(cluster.webs[1].port, "/members/")  # noqa: E731
    assert ask_members()[0] == 200
    held = []

    def hold_all() -> None:
        with suppress(psycopg.OperationalError):
            while True:
                held.append(psycopg.connect(cluster.postgres.url, autocommit=True))

    try:
        hold_all()
        mine = [each.info.backend_pid for each in held]
        held[0].execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> ALL(%s)", [mine]
        )  # fmt: skip
        cluster.front.until(lambda: hold_all() or ask_members()[0] == 503)  # type: ignore[func-returns-value]
        status, _page, headers = ask_members()
        assert (status, headers["Retry-After"]) == (503, "30")
    finally:
        for each in held:
            each.close()
    cluster.front.until(lambda: ask_members()[0] == 200)


# By then there are more comments than fit on a page.
NEWEST = "/posts/open/?sort=newest"


def test_visitors_read_from_a_replica_and_writers_from_the_primary(cluster):
    """Must be the last test: the second web process keeps the replica."""
    member, port = cluster.cookies[PEOPLE * sum(TURNS.values()) - 2], cluster.webs[1].port
    replica = cluster.add_replica()
    cluster.restart_web(1)
    with psycopg.connect(replica.url, autocommit=True) as line:
        line.execute("SELECT pg_wal_replay_pause()")
        assert comment(port, member, "Ahead of the replica.") == 302
        assert "Ahead of the replica." in ask(port, NEWEST, member)[1]
        status, page, _headers = ask(port, NEWEST)
        assert (status, "Ahead of the replica." in page) == (200, False)
        line.execute("SELECT pg_wal_replay_resume()")
    cluster.front.until(lambda: "Ahead of the replica." in ask(port, NEWEST)[1])
    replica.kill()
    asked = [ask(port, "/posts/open/")[0] for _ in range(3)]
    assert asked == [200] * 3
