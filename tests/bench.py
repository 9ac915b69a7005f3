"""`make bench`: the cost of a thread's page and of a reply, from 50 to 100,000 comments.

Uses a database of its own in a temporary folder, or on PostgreSQL if started through tests.postgres. The
times depend on this machine; the ratios, which are measured in one run, matter.
"""

import argparse
import gc
import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable

SIZES = (50, 1_000, 10_000, 100_000)
ONE_BRANCH = (1_000, 10_000)
ROUNDS = 30


def say(words: str = "") -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def milliseconds(
    *acts: Callable[[], object], rounds: int = ROUNDS, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Return the lower quartile for each action, measured in turn, because other load only ever adds time.

    clock: time.process_time if all of the work is done in this process.
    """
    for act in acts:
        act()  # compiles templates, fills caches
    took: list[list[float]] = [[] for _ in acts]
    gc.collect()
    gc.disable()
    for _ in range(rounds):
        for act, times in zip(acts, took, strict=True):
            began = clock()
            act()
            times.append((clock() - began) * 1000)
    gc.enable()
    return [statistics.quantiles(times, n=4)[0] for times in took]


def megabytes() -> float:
    """Return the memory that this process uses now, in megabytes."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1_000_000


def main(sizes: list[int]) -> None:
    import django  # noqa: PLC0415 - the environment comes first

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.core.cache import caches  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.http import HttpResponse  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415
    from django.urls import path  # noqa: PLC0415

    import community.urls  # noqa: PLC0415
    from comments.models import Comment  # noqa: PLC0415
    from comments.services.writing import publish_comment  # noqa: PLC0415
    from tests.factories import make_host, make_member, make_post  # noqa: PLC0415
    from tests.threads import make_thread  # noqa: PLC0415

    settings.RATE_LIMITS = False
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    call_command("migrate", verbosity=0)
    body = b""
    community.urls.urlpatterns.insert(0, path("bare/", lambda request: HttpResponse(body)))
    people = [make_member() for _ in range(40)]
    host = make_host("host")
    member = Client()
    member.force_login(people[0])
    visitor = Client()
    threads = {}
    for size in sizes:
        threads[f"{size:,}"] = make_post(author=host)
        make_thread(threads[f"{size:,}"], people, size)
    for size in ONE_BRANCH:
        threads[f"{size:,} in one branch"] = make_post(author=host)
        make_thread(threads[f"{size:,} in one branch"], people, size, in_one_branch=True)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('comments_comment', 'id'), (SELECT MAX(GREATEST(id, tree_id)) FROM comments_comment))"
            )
            cursor.execute("ANALYZE")

    def get(client, address, **headers):
        response = client.get(address, **headers)
        assert response.status_code in {200, 304}, response.status_code
        return response

    def cold(client, address):
        caches["pages"].clear()
        get(client, address)

    say(f"Pages, {connection.vendor}, milliseconds (lower quartile of {ROUNDS}, in turn)")
    say(
        f"{'comments':>22} {'page':>7} {'visitor':>8} {'member':>8} {'304':>7} {'bare':>7} {'made anew':>10} {'kB':>5} {'queries':>8} {'MB':>5}"
    )
    measured: dict[str, list[float]] = {}
    addresses: dict[str, str] = {}
    for name, post in threads.items():
        roots = (
            Comment.objects.for_post(post)
            .filter(parent=None)
            .order_by("tree_id")
            .values_list("tree_id", flat=True)
        )
        pages = (
            {"first": ""}
            if len(roots) < 100
            else {
                "first": "",
                "middle": f"?page={roots[len(roots) // 2]}",
                "last": f"?page={roots[len(roots) - 40]}",
            }
        )
        for page, query in pages.items():
            address = addresses[f"{name} {page}"] = f"{post.get_absolute_url()}{query}"
            visitor.cookies.clear()
            get(visitor, address)  # receives the cookie
            answer = get(visitor, address)
            body = answer.content
            etag = answer["ETag"]
            get(member, address)  # begins the visit
            with CaptureQueriesContext(connection) as queries:
                get(member, address)
            count = len(queries)  # the next request clears it
            bare = Client()
            times = milliseconds(
                lambda a=address: get(visitor, a),
                lambda a=address: get(member, a),
                lambda a=address, e=etag: get(visitor, a, headers={"If-None-Match": e}),
                lambda b=bare: get(b, "/bare/"),
            )
            (anew,) = milliseconds(lambda a=address: cold(Client(), a), rounds=8)
            measured[f"{name} {page}"] = times
            say(
                f"{name:>22} {page:>7} {times[0]:8.2f} {times[1]:8.2f} {times[2]:7.2f} {times[3]:7.2f} {anew:10.1f} {len(answer.content) / 1024:5.0f} {count:8} {megabytes():5.0f}"
            )

    say()
    say("Ratios")

    def ratio(words, upper, lower, goal):
        say(f"  {words:<58} {upper / lower:5.2f}   (goal: at most {goal})")

    # Measure the sizes in turn, because the machine's speed may change between one measurement and the next.
    took = dict(
        zip(addresses, milliseconds(*(lambda a=a: get(visitor, a) for a in addresses.values())), strict=True)
    )
    for small, large, goal in (("50", "1,000", 1.5), ("1,000", "10,000", 1.3), ("1,000", "100,000", 1.3)):
        if f"{large} first" in took:
            ratio(
                f"visitor, {large} comments / {small}", took[f"{large} first"], took[f"{small} first"], goal
            )
    large = [milliseconds_taken for name, milliseconds_taken in took.items() if not name.startswith("50 ")]
    ratio("visitor, dearest page / cheapest, from 1,000 on", max(large), min(large), 1.3)
    ratio("member / visitor, dearest", max(times[1] / times[0] for times in measured.values()), 1, 1.5)
    ratio(
        "visitor / bare view with the same bytes, dearest",
        max(times[0] / times[3] for times in measured.values()),
        1,
        3,
    )
    ratio("304 / bare view, dearest", max(times[2] / times[3] for times in measured.values()), 1, "about 1")

    say()
    over_http({name: post.get_absolute_url() for name, post in threads.items()}, member.cookies, ratio)

    say()
    say(f"One reply, {connection.vendor}, milliseconds (lower quartile)")
    numbers = itertools.count()

    def reply_to(find: Callable[[], Comment], post) -> Callable[[], object]:
        return lambda: publish_comment(
            post=post, author=people[1], body=f"One more, {next(numbers)}.", parent=find()
        )

    acts = {}
    for name, post in threads.items():
        pks = list(Comment.objects.for_post(post).order_by("pk").values_list("pk", flat=True))
        places = {"head": pks[0], "middle": pks[len(pks) // 2], "tail": pks[-1]}
        for place, pk in places.items():
            acts[f"{name}, {place}"] = reply_to(
                lambda pk=pk: Comment.objects.select_related("post").get(pk=pk), post
            )
    times = dict(zip(acts, milliseconds(*acts.values(), rounds=40), strict=True))
    for name, took in times.items():
        say(f"  {name:<36} {took:7.2f}")
    largest = f"{sizes[-1]:,}"
    if largest != "1,000":
        ratio(
            f"reply, {largest} comments / 1,000, dearest place",
            max(times[f"{largest}, {p}"] for p in ("head", "middle", "tail")),
            statistics.median(times[f"1,000, {p}"] for p in ("head", "middle", "tail")),
            1.5,
        )
    ratio(
        "worst place of one branch of 10,000 / a small branch",
        max(times[f"10,000 in one branch, {p}"] for p in ("head", "middle", "tail")),
        statistics.median(times[f"1,000, {p}"] for p in ("head", "middle", "tail")),
        3,
    )


def over_http(addresses, cookies, ratio) -> None:
    """The response time for a reader: a single-process server with keep-alive connections."""
    from http.client import HTTPConnection  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    from django.conf import settings  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from tests.serving import database_url, serving  # noqa: PLC0415

    say(
        f"The same over HTTP, {connection.vendor}, milliseconds (lower quartile of {ROUNDS * 4}, in turn, first page)"
    )
    say(f"{'comments':>22} {'visitor':>8} {'member':>8} {'304':>7} {'bare':>7}")
    with (
        tempfile.TemporaryDirectory(prefix="long-table-bench-") as folder,
        serving(
            "tests.bench_application:application",
            folder=Path(folder),
            DATABASE_URL=database_url(),
            RATE_LIMITS="off",
        ) as server,
    ):
        line = HTTPConnection("127.0.0.1", server.port, timeout=60)

        def get(address, **headers):
            line.request("GET", address, headers=headers)
            answer = line.getresponse()
            body = answer.read()
            assert answer.status in {200, 304}, answer.status
            return answer, body

        signed_in = f"{settings.SESSION_COOKIE_NAME}={cookies[settings.SESSION_COOKIE_NAME].value}"
        measured = {}
        for name, address in addresses.items():
            second, body = get(address)
            size = len(body)
            member = signed_in
            assert b"data-sign-out" in get(address, Cookie=member)[1]
            measured[name] = times = milliseconds(
                lambda a=address: get(a),
                lambda a=address, c=member: get(a, Cookie=c),
                lambda a=address, e=second.headers["ETag"]: get(a, **{"If-None-Match": e}),
                lambda size=size: get(f"/bare/{size}/"),
                rounds=ROUNDS * 4,
            )
            say(f"{name:>22} {times[0]:8.2f} {times[1]:8.2f} {times[2]:7.2f} {times[3]:7.2f}")
    ratio(
        "member / visitor over HTTP, dearest", max(times[1] / times[0] for times in measured.values()), 1, 1.5
    )
    ratio(
        "visitor / bare view over HTTP, dearest",
        max(times[0] / times[3] for times in measured.values()),
        1,
        3,
    )
    ratio(
        "304 / bare view over HTTP, dearest",
        max(times[2] / times[3] for times in measured.values()),
        1,
        "about 1",
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--sizes", default=",".join(str(size) for size in SIZES), help="how many comments the threads have"
    )
    sizes = [int(size) for size in parser.parse_args().sizes.split(",")]
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    with tempfile.TemporaryDirectory(prefix="long-table-bench-") as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
        main(sizes)
