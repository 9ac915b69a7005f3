"""`make bench-large`: what each page costs where there are a million comments, without the database's statistics and with them.

A database of its own in a temporary folder (through tests.postgres: on PostgreSQL); BENCH_KEEP=PATH keeps a SQLite one and takes it again.
Milliseconds of processor time in this process (on PostgreSQL, whose work is elsewhere, of the clock), the median of ROUNDS.
"""

import argparse
import os
import pickle
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROUNDS = 3
LIMIT = 50.0
"""Milliseconds that a page may take."""

PUBLIC = [
    "/", "/posts/", "/posts/?tag={tag}", "{usual}", "{longest}", "{longest}?sort=newest", "{longest}?sort=thanked", "{longest}feed/", "{longest}live/?since=1",
    "/feed/", "/feed/comments/", "/sitemap.xml", "/sitemap.xml?section=posts", "/robots.txt", "/members/", "/members/?q=person+77", "/members/?q=nobody", "/members/?help=topic+3", "/members/busiest/",
    "/comments/{comment}/", "/moderation/log/",
]  # fmt: skip
OWN = [
    "/notifications/",
    "/notifications/?show=unread",
    "/notifications/?show=answers",
    "/notifications/settings/",
    "/members/me/edit/",
    "/members/me/people/",
]
MODERATION = [
    "/moderation/", "/moderation/?show=held", "/moderation/?show=reported", "/moderation/?show=turned-away", "/moderation/comments/{held}/", "/moderation/decisions/",
    "/moderation/people/", "/moderation/people/busiest/", "/moderation/appeals/", "/moderation/places/", "/moderation/figures/", "/moderation/count/",
]  # fmt: skip
ADMIN = [
    "/admin/", "/admin/comments/comment/", "/admin/comments/comment/?p=2", "/admin/comments/comment/?status__exact=held", "/admin/posts/post/", "/admin/posts/post/?state=published",
    "/admin/posts/post/{post}/change/", "/admin/accounts/user/", "/admin/accounts/user/?is_staff__exact=1", "/admin/accounts/user/{busiest}/change/", "/admin/moderation/decision/",
    "/admin/moderation/report/", "/admin/moderation/moderationaction/", "/admin/notifications/outgoingemail/", "/admin/posts/tag/",
]  # fmt: skip


def say(words: str = "") -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def took(act: Callable[[], object], clock: Callable[[], float], rounds: int = ROUNDS) -> float:
    """act: something that was done once before, so that templates are compiled."""
    times = []
    for _ in range(rounds):
        began = clock()
        act()
        times.append((clock() - began) * 1000)
        if times[0] > LIMIT * 20:
            break
    return statistics.median(times)


def main(scale: float, only: str) -> int:
    import django  # noqa: PLC0415 - the environment comes first

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from tests.large import make_large_site  # noqa: PLC0415

    settings.RATE_LIMITS = False
    kept = Path(f"{os.environ.get('BENCH_KEEP', '')}.site")
    began = time.monotonic()
    call_command("migrate", verbosity=0)
    if os.environ.get("BENCH_KEEP") and kept.exists():
        site = pickle.loads(kept.read_bytes())  # noqa: S301 - our own
    else:
        site = make_large_site(scale, say)
        say(f"made in {time.monotonic() - began:.0f} s")
        if os.environ.get("BENCH_KEEP"):
            kept.write_bytes(pickle.dumps(site))
    late = measure(site, only, "without statistics")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    late += measure(site, only, "with statistics")
    if os.environ.get("BENCH_KEEP") and connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE sqlite_stat1")
    return int(bool(late))


def measure(site, only: str, words: str) -> int:
    """One table. Returns how many pages took longer than they may."""
    from django.conf import settings  # noqa: PLC0415
    from django.core.cache import caches  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    clock = time.process_time if connection.vendor == "sqlite" else time.perf_counter
    connection.close()  # what it knows of the statistics is of when it was opened
    names = {
        "tag": site.tag.slug, "usual": site.usual.get_absolute_url(), "longest": site.longest.get_absolute_url(), "comment": site.held + 1, "held": site.held,
        "post": site.usual.pk, "busiest": site.busiest.pk,
    }  # fmt: skip
    readers = {
        "visitor": (None, PUBLIC),
        "member": (site.member, PUBLIC[:6]),
        "busiest": (site.busiest, [*PUBLIC[:4], *OWN, "/members/busiest/"]),
        "moderator": (site.moderator, [*PUBLIC, *OWN[:1], *MODERATION]),
        "host": (site.host, [*PUBLIC, *MODERATION, *ADMIN]),
    }
    late = 0
    say()
    say(f"{connection.vendor}, {words}: milliseconds (median of {ROUNDS}), statements, the dearest statement")
    for who, (reader, paths) in readers.items():
        client = Client()
        if reader is not None:
            client.force_login(reader)
        for path in paths:
            path = path.format(**names)
            if only and only not in f"{who} {path}":
                continue
            caches["pages"].clear()
            response = client.get(path, follow=True)
            if response.status_code != 200:
                say(f"  {who:10} {path:44} answers {response.status_code}")
                continue

            def ask(path=path, client=client) -> None:
                caches["pages"].clear()
                client.get(path, follow=True)

            milliseconds = took(ask, clock)
            with CaptureQueriesContext(connection) as queries:
                ask()
            worst = max((float(query["time"]) for query in queries), default=0)
            is_late = milliseconds > LIMIT
            late += is_late
            say(
                f"{'!' if is_late else ' '} {who:10} {path:44} {milliseconds:8.1f} {len(queries):4} {worst * 1000:7.0f}"
            )
            if is_late and only:
                for query in sorted(queries, key=lambda query: -float(query["time"]))[:3]:
                    say(f"      {float(query['time']) * 1000:.0f} ms {query['sql'][:3000]}")
    say(f"{late} pages took more than {LIMIT:.0f} ms")
    _ = settings
    return late


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--scale", type=float, default=1.0, help="1 is the whole site, 0.1 a tenth of everything"
    )
    parser.add_argument("--only", default="", help="pages whose reader and address contain this")
    given = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    with tempfile.TemporaryDirectory(prefix="long-table-bench-") as folder:
        os.environ.setdefault(
            "DATABASE_URL", f"sqlite:///{os.environ.get('BENCH_KEEP') or folder + '/bench.sqlite3'}"
        )
        sys.exit(main(given.scale, given.only))
