"""The web process's time for each request to the site as it is served, compared with a bare Django view.

`python -m tests.bench_served`, part of `make bench`. All requests alternate, so that other load affects all;
each figure is the median of ROUNDS rounds of requests over one keep-alive connection. B is a bare view with
all middleware of Django's project template, which returns as many bytes. On PostgreSQL the work of the
database server is excluded.
"""

import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tests.bench import say

if TYPE_CHECKING:
    from tests.serving import Server

ROUNDS, REQUESTS = 7, 20
WRITING_SECONDS = 6
TOKEN = "a" * 32


def nanoseconds(pid: int) -> int:
    """Return the processor time of a process and its children."""
    pids, found = [pid], 0
    while pids:
        here = pids.pop()
        for task in Path(f"/proc/{here}/task").iterdir():
            try:
                found += int((task / "schedstat").read_text().split()[0])
                pids += map(int, (task / "children").read_text().split())
            except OSError:  # it has just exited
                continue
    return found


def memory(pid: int) -> int:
    """Return the memory of a process and its children in MiB; shared pages are counted once for each."""
    pids, found = [pid], 0.0
    while pids:
        here = pids.pop()
        lines = Path(f"/proc/{here}/smaps_rollup").read_text().splitlines()
        found += next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
        pids += map(int, Path(f"/proc/{here}/task/{here}/children").read_text().split())
    return round(found)


class BusyError(Exception):
    """The site answered that it is too busy."""


class HttpClient:
    """One keep-alive connection to the server."""

    def __init__(self, port: int, cookie: str = "", number: int = 0) -> None:
        """number: of the reader, who has an address of their own: few may write at once from the same."""
        source = (f"127.0.0.{number + 1}", 0)
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60, source_address=source)
        self.cookie = cookie

    def __call__(self, path: str, body: dict[str, str] | None = None, **headers: str):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            headers["Cookie"] = self.cookie
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        self.connection.request("GET" if body is None else "POST", path, body and urlencode(body), headers)
        answer = self.connection.getresponse()
        answer.page = answer.read()
        if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
            raise BusyError
        assert answer.status in {200, 302, 304}, (path, answer.status, answer.page[:500])
        return answer


def measure(pid: int, acts: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the milliseconds of the server's processor time for one call of each action."""
    took: dict[str, list[float]] = {name: [] for name in acts}
    for act in acts.values():
        act()
    for _ in range(ROUNDS):
        for name, act in acts.items():
            began = nanoseconds(pid)
            for _ in range(REQUESTS):
                act()
            took[name].append((nanoseconds(pid) - began) / REQUESTS / 1e6)
    return {name: statistics.median(times) for name, times in took.items()}


@dataclass
class Site:
    """Eight posts, two of them with 27 and 1,000 comments, and cookies of 32 members and a moderator."""

    posts: list[Any]
    cookies: list[str]
    moderator_cookie: str


def make_site() -> Site:
    """Fill the database of DATABASE_URL."""
    import django  # noqa: PLC0415 - the environment comes first

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from moderation.models import TrustOverride  # noqa: PLC0415
    from tests.factories import make_host, make_member, make_moderator, make_post  # noqa: PLC0415
    from tests.threads import make_thread  # noqa: PLC0415

    settings.RATE_LIMITS = False
    call_command("migrate", verbosity=0)
    host, moderator = make_host("host"), make_moderator("moderator")
    people = [make_member() for _ in range(40)]
    TrustOverride.objects.bulk_create(
        TrustOverride(member=each, level=2, set_by=host, words="For the benchmark.") for each in people
    )
    posts = [make_post(author=host) for _ in range(8)]
    make_thread(posts[0], people, 27)
    make_thread(posts[1], people, 1_000)
    if connection.vendor == "postgresql":  # the threads were stored with ids of their own
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('comments_comment', 'id'),"
                " (SELECT MAX(GREATEST(id, tree_id)) FROM comments_comment))"
            )

    def cookie_of(member) -> str:
        client = Client()
        client.force_login(member)
        name = settings.SESSION_COOKIE_NAME
        return f"{name}={client.cookies[name].value}; {settings.CSRF_COOKIE_NAME}={TOKEN}"

    return Site(posts, [cookie_of(each) for each in people[:32]], cookie_of(moderator))


@contextmanager
def served(folder: Path) -> Iterator["Server"]:
    """The site of `make_site`, and the bare view, in a server."""
    from tests.serving import database_url, serving  # noqa: PLC0415 - Django is set up by now

    with serving(
        "tests.bench_application:application",
        folder=folder,
        DATABASE_URL=database_url(),
        RATE_LIMITS="off",
    ) as server:
        yield server


def main() -> None:
    site = make_site()
    from django.db import connection  # noqa: PLC0415 - Django is set up by now

    with tempfile.TemporaryDirectory(prefix="long-table-bench-") as folder, served(Path(folder)) as server:
        pid, posts = server.process.pid, site.posts
        small, large = posts[0].get_absolute_url(), posts[1].get_absolute_url()
        say(f"{connection.vendor}; memory idle: {memory(pid)} MiB")
        pages(pid, server.port, small, large, site.cookies, site.moderator_cookie)
        comments(pid, server.port, posts, site.cookies)
        say(f"memory afterwards: {memory(pid)} MiB")


def pages(pid: int, port: int, small: str, large: str, cookies: list[str], moderator_cookie: str) -> None:
    visitor, member = HttpClient(port), HttpClient(port, cookies[0])
    moderator = HttpClient(port, moderator_cookie)
    sizes = {path: len(visitor(path).page) for path in (small, large)}
    etag = visitor(large).headers["ETag"]
    took = measure(
        pid,
        {
            "B, bytes of 27": lambda: visitor(f"/bare/{sizes[small]}/"),
            "B, bytes of 1,000": lambda: visitor(f"/bare/{sizes[large]}/"),
            "27 comments, visitor": lambda: visitor(small),
            "27 comments, member": lambda: member(small),
            "1,000 comments, visitor": lambda: visitor(large),
            "1,000 comments, visitor, gzip": lambda: visitor(large, Accept_Encoding="gzip"),
            "1,000 comments, member": lambda: member(large),
            "1,000 comments, moderator": lambda: moderator(large),
            "1,000 comments, 304": lambda: visitor(large, If_None_Match=etag),
            "home page": lambda: visitor("/"),
            "posts": lambda: visitor("/posts/"),
            "feed": lambda: visitor("/feed/"),
            "feed of comments": lambda: visitor("/feed/comments/"),
            "sitemap": lambda: visitor("/sitemap.xml"),
        },
    )
    base = took["B, bytes of 1,000"]
    say(f"{'processor time, ms':>34}    × B")
    for name, milliseconds in took.items():
        say(f"{name:>34} {milliseconds:6.2f} {milliseconds / base:6.2f}")


def write(client: HttpClient, path: str, number: int, parent: str = "") -> None:
    """Post a comment. `anyway` skips the question that is asked of members who write very often."""
    fields = {"body": f"One more, {number}.", "parent": parent, "anyway": "1", "csrfmiddlewaretoken": TOKEN}
    client(f"{path}comments/", fields)


def comments(pid: int, port: int, posts: list, cookies: list[str]) -> None:
    """One comment; the page after it; many writers; readers while someone writes."""
    from comments.models import Comment  # noqa: PLC0415 - Django is set up by now

    writer, visitor = HttpClient(port, cookies[1]), HttpClient(port)
    path = posts[0].get_absolute_url()
    parent = str(Comment.objects.for_post(posts[0]).order_by("pk")[0].pk)
    numbers = iter(range(1_000_000))
    alone, after = [], []
    for _ in range(60):
        began = nanoseconds(pid)
        write(writer, path, next(numbers), parent)
        between = nanoseconds(pid)
        visitor(path)
        alone.append((between - began) / 1e6)
        after.append((nanoseconds(pid) - between) / 1e6)
    say(f"{'one comment':>34} {statistics.median(alone):6.2f}")
    say(f"{'the page after it':>34} {statistics.median(after):6.2f}")
    for count in (8, 32):
        for name, places in (("one post", posts[2:3]), ("eight posts", posts)):
            many_writers(
                pid, port, cookies[:count], [post.get_absolute_url() for post in places], name, numbers
            )
    beside(port, path, cookies, numbers)


@dataclass
class Pace:
    """How many comments were written per second, and how long one took, in milliseconds."""

    rate: float
    p50: float
    p99: float
    refused: int

    def __str__(self) -> str:
        refused = f", {self.refused} refused" if self.refused else ""
        times = f"p50 {self.p50:.0f} ms, p99 {self.p99:.0f} ms ({self.p99 / self.p50:.1f} × p50)"
        return f"{self.rate:.0f} a second, {times}{refused}"


def pace_of_writers(
    port: int,
    cookies: list[str],
    write_one: Callable[[HttpClient, int], object],
    seconds: float = WRITING_SECONDS,
) -> Pace:
    """Let all these members write without a pause. `write_one` gets the writer's number."""
    times: list[float] = []
    refused: list[int] = []
    start = time.monotonic()
    end = start + seconds

    def run(place: int, cookie: str) -> None:
        client = HttpClient(port, cookie, place)
        while time.monotonic() < end:
            began = time.monotonic()
            try:
                write_one(client, place)
            except BusyError:
                refused.append(place)
                continue
            times.append(time.monotonic() - began)

    together(*(lambda place=place, cookie=cookie: run(place, cookie) for place, cookie in enumerate(cookies)))
    rate = len(times) / (time.monotonic() - start)  # the last comments come after the end
    times.sort()
    p50, p99 = times[len(times) // 2] * 1000, times[len(times) * 99 // 100] * 1000
    return Pace(rate, p50, p99, len(refused))


def many_writers(pid: int, port: int, cookies: list[str], paths: list[str], name: str, numbers) -> None:
    start, began = time.monotonic(), nanoseconds(pid)
    pace = pace_of_writers(
        port, cookies, lambda client, place: write(client, paths[place % len(paths)], next(numbers))
    )
    spent = (nanoseconds(pid) - began) / 1e6
    lasted = time.monotonic() - start
    each = spent / (pace.rate * lasted)
    say(
        f"{len(cookies)} writers, {name}: {pace}; {each:.1f} ms of processor time each,"
        f" {spent / lasted / 10:.0f} % of one processor"
    )


def beside(port: int, path: str, cookies: list[str], numbers) -> None:
    """Four readers, without and with someone who writes continuously."""
    rates = []
    for is_busy in (False, True):
        end = time.monotonic() + WRITING_SECONDS
        read: list[int] = []

        def reader(end=end, read=read) -> None:
            client = HttpClient(port)
            while time.monotonic() < end:
                client(path)
                read.append(1)

        def writer(end=end) -> None:
            client = HttpClient(port, cookies[2])
            while time.monotonic() < end:
                write(client, path, next(numbers))

        together(reader, reader, reader, reader, *([writer] if is_busy else []))
        rates.append(len(read) / WRITING_SECONDS)
    say(
        f"4 readers: {rates[0]:.0f} pages a second; beside a writer {rates[1]:.0f} "
        f"({rates[1] / rates[0]:.2f})"
    )


def together(*acts: Callable[[], None]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="long-table-bench-") as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
        main()
        sys.exit(0)
