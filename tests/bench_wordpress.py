"""The site beside WordPress, in one run: `python -m tests.bench_wordpress`, part of `make bench`.

Both have the same eight posts with the same threads and as many members. WordPress comes from the system's
packages, with MariaDB, php-fpm and nginx, in a temporary folder (tests/wordpress). Requests and writers
alternate between the two. All processes of each count, the database server and the task worker too. Exit
status 75 if WordPress is not installed.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psutil

from tests import wordpress
from tests.bench import say
from tests.bench_served import (
    HttpClient,
    Pace,
    make_site,
    memory,
    nanoseconds,
    pace_of_writers,
    served,
    together,
    write,
)

NOT_INSTALLED = 75
ROUNDS, TURNS, COMMENTS = 5, 3, 40
SECONDS = 5.0
PAGE_SECONDS = 1.0


class Side:
    """One of the two: where it is, what belongs to it, and how to write there."""

    def __init__(self, name: str, port: int, pids: list[int], cookies: list[str]) -> None:
        self.name, self.port, self.pids, self.cookies = name, port, pids, cookies
        self.numbers = count()

    def spent(self) -> int:
        return sum(map(nanoseconds, self.pids))

    def memory(self) -> int:
        return sum(map(memory, self.pids))

    def connect(self, who: str) -> HttpClient:
        """A new connection: either server closes one that waits until the other has had its turn."""
        return HttpClient(self.port, self.cookies[0] if who == "member" else "")

    def write(self, client: HttpClient, place: int) -> None:
        raise NotImplementedError

    def path(self, place: int) -> str:
        raise NotImplementedError


class Ours(Side):
    def __init__(self, port: int, pids: list[int], site: Any) -> None:
        super().__init__("ours", port, pids, site.cookies)
        self.paths = [post.get_absolute_url() for post in site.posts]

    def path(self, place: int) -> str:
        return self.paths[place]

    def write(self, client: HttpClient, place: int) -> None:
        write(client, self.paths[place], next(self.numbers))


class Theirs(Side):
    def __init__(self, port: int, pids: list[int], filled: dict[str, Any]) -> None:
        super().__init__("WordPress", port, pids, filled["cookies"])
        self.posts = filled["posts"]

    def path(self, place: int) -> str:
        return self.posts[place]["path"]

    def write(self, client: HttpClient, place: int) -> None:
        fields = {
            "comment": f"One more, {next(self.numbers)}.",
            "comment_post_ID": str(self.posts[place]["id"]),
            "comment_parent": "0",
        }
        client("/wp-comments-post.php", fields)


def thread_of(post: Any) -> dict[str, Any]:
    """The post and its comments, for setup.php."""
    from comments.models import Comment  # noqa: PLC0415 - Django is set up by now

    rows = list(Comment.objects.filter(post=post).order_by("pk"))
    places = {row.pk: place for place, row in enumerate(rows)}
    comments = [
        {
            "author": row.author_id,
            "parent": places.get(row.parent_id),
            "body": row.body,
            "date": f"{row.created_at:%Y-%m-%d %H:%M:%S}",
        }
        for row in rows
    ]
    return {"title": post.title, "body": post.body, "comments": comments}


def pids_of_postgres() -> list[int]:
    """The server of PostgreSQL, from now on with writes that survive a power cut, as on a site."""
    from django.db import connection  # noqa: PLC0415 - Django is set up by now

    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        for name in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
            cursor.execute(f"ALTER SYSTEM SET {name} = on")
        cursor.execute("SELECT pg_reload_conf()")
        cursor.execute("SELECT pg_backend_pid()")
        return [psutil.Process(cursor.fetchone()[0]).ppid()]


@contextmanager
def worker(folder: Path) -> Iterator[int]:
    """The task worker, as beside every site."""
    from tests.serving import ROOT, database_url  # noqa: PLC0415 - Django is set up by now

    environment = os.environ | {
        "DEBUG": "0",
        "DJANGO_SETTINGS_MODULE": "community.settings",
        "DATABASE_URL": database_url(),
        "VAR_DIR": str(folder),
        "SECRET_KEY": "of a benchmark",
        "SITE_URL": "http://127.0.0.1",
        "ALLOWED_HOSTS": "127.0.0.1",
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "worker"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(60)


def compare(name: str, sides: tuple[Side, Side], who: str, place: int | None) -> None:
    """Say the milliseconds of processor time for a page, the sides in turn. None: the home page."""
    took: dict[str, list[float]] = {side.name: [] for side in sides}
    for number in range(ROUNDS + 1):
        for side in sides:
            client, path = side.connect(who), "/" if place is None else side.path(place)
            client(path)
            done, began, end = 0, side.spent(), time.monotonic() + PAGE_SECONDS
            while not done or time.monotonic() < end:
                client(path)
                done += 1
            if number:  # the first round warms up
                took[side.name].append((side.spent() - began) / done / 1e6)
    tell(f"{name}, {who}", {side: statistics.median(times) for side, times in took.items()})


def tell(name: str, found: dict[str, float], unit: str = "ms") -> None:
    ours, theirs = found["ours"], found["WordPress"]
    say(f"{name:>52}  {ours:8.2f}  {theirs:9.2f} {unit}  {theirs / ours:7.2f}  {ours / theirs:7.2f}")


def warm_up(sides: tuple[Side, Side]) -> None:
    """Let every process of php-fpm and thread of ours make pages: the first cost several times as much."""
    for side in sides:

        def read(side: Side = side) -> None:
            for client in (side.connect("visitor"), side.connect("member")):
                for path in (side.path(0), side.path(2), "/", side.path(0)):
                    client(path)

        together(*[read] * wordpress.WORKERS)


def pages(ours: Side, theirs: Side, site: wordpress.WordPress) -> None:
    sides = (ours, theirs)
    for who in ("visitor", "member"):
        compare("27 comments", sides, who, 0)
        compare("1,000 comments", sides, who, 1)
        # WordPress shows all comments unless the host sets a number; ours shows a window of them.
        site.ask("paged", size=50)
        compare("1,000 comments, WordPress' in pages of 50", sides, who, 1)
        site.ask("paged", size=0)
    compare("home page", sides, "visitor", None)


def one_comment(ours: Side, theirs: Side) -> None:
    sides = (ours, theirs)
    alone: dict[str, list[float]] = {side.name: [] for side in sides}
    after: dict[str, list[float]] = {side.name: [] for side in sides}
    for _ in range(COMMENTS):
        for side in sides:
            member, visitor = side.connect("member"), side.connect("visitor")
            began = side.spent()
            side.write(member, 0)
            between = side.spent()
            visitor(side.path(0))
            alone[side.name].append((between - began) / 1e6)
            after[side.name].append((side.spent() - between) / 1e6)
    for name, took in (("one comment", alone), ("the page after it, visitor", after)):
        tell(name, {side: statistics.median(times) for side, times in took.items()})


def writers(ours: Side, theirs: Side) -> dict[str, int]:
    """Returns how many comments each refused because it was too busy."""
    refused = {"ours": 0, "WordPress": 0}
    for many in (8, 32):
        for name, places in (("one post", [2]), ("eight posts", list(range(8)))):
            paces: dict[str, list[Pace]] = {"ours": [], "WordPress": []}
            for _ in range(TURNS):
                for side in (ours, theirs):

                    def write_one(
                        client: HttpClient, number: int, side: Side = side, places: list[int] = places
                    ) -> None:
                        side.write(client, places[number % len(places)])

                    paces[side.name].append(
                        pace_of_writers(side.port, side.cookies[:many], write_one, SECONDS)
                    )
            middle = {side: statistics.median(pace.rate for pace in found) for side, found in paces.items()}
            ratios = [mine.rate / other.rate for mine, other in zip(*paces.values(), strict=True)]
            say(
                f"{many} writers, {name}: ours {middle['ours']:.0f} a second, "
                f"WordPress {middle['WordPress']:.0f}; "
                f"{statistics.median(ratios):.1f} × ({min(ratios):.1f} to {max(ratios):.1f})"
            )
            for who, found in paces.items():
                refused[who] += sum(pace.refused for pace in found)
                say(f"{who:>20}: {'; '.join(map(str, found))}")
    return refused


def main() -> int:
    if missing := wordpress.missing():
        say(
            f"Not installed: {', '.join(missing)}. "
            f"On Debian: apt install --no-install-recommends {wordpress.PACKAGES}"
        )
        return NOT_INSTALLED
    site = make_site()
    from django.db import connection  # noqa: PLC0415 - Django is set up by now

    from comments.models import Comment  # noqa: PLC0415

    database = pids_of_postgres()
    threads = [thread_of(post) for post in site.posts]
    with (
        tempfile.TemporaryDirectory(prefix="long-table-bench-") as folder,
        tempfile.TemporaryDirectory(prefix="wordpress-bench-") as other,
        served(Path(folder)) as server,
        worker(Path(folder)) as worker_pid,
        wordpress.running(Path(other)) as blog,
    ):
        installed = blog.ask("install")
        filled = blog.ask("fill", members=32, posts=threads)
        say(f"WordPress {installed['version']}, {installed['theme']}, MariaDB; ours on {connection.vendor}")
        ours = Ours(server.port, [server.process.pid, worker_pid, *database], site)
        theirs = Theirs(blog.port, blog.pids, filled)
        before = {"ours": Comment.objects.count(), "WordPress": blog.ask("counts")}
        say(f"{'':>52}  {'ours':>8}  {'WordPress':>9}     WP:ours  ours:WP")
        warm_up((ours, theirs))
        pages(ours, theirs, blog)
        one_comment(ours, theirs)
        refused = writers(ours, theirs)
        tell("memory afterwards", {side.name: side.memory() for side in (ours, theirs)}, "MiB")
        stored = {"ours": Comment.objects.count(), "WordPress": blog.ask("counts")}
        for side in (ours, theirs):
            sent, there = next(side.numbers) - refused[side.name], stored[side.name] - before[side.name]
            say(f"{side.name}: {sent} comments written, {there} stored and published")
            if there != sent:
                return 1
    return 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="long-table-bench-") as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
        sys.exit(main())
