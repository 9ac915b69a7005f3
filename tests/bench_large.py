"""`make bench-large`: the cost of each page with a million comments, with and without database statistics.

Uses a database of its own in a temporary folder, or on PostgreSQL through tests.postgres, which gathers no
statistics there by itself. BENCH_KEEP=PATH keeps a SQLite database and reuses it; with a DATABASE_URL it
stores only a description of what was created in that database. Milliseconds of processor time, on PostgreSQL
of this process and of the server process for its connection:

- first: the first request for the page in this process, which imports modules, compiles templates and composes
  prepared statements. Later pages find what earlier ones needed already. No limit applies.
- cold: the median of ROUNDS requests after it, each with empty caches. This is what LIMIT is for.
- kept: the same with the caches that the request before it filled.

A page without a statement (robots.txt) shows the machine's current speed. On PostgreSQL the tables are vacuumed
first, as autovacuum does on a site; otherwise each read of an index would read the rows, too.
"""

import argparse
import os
import pickle
import re
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROUNDS = 3
LIMIT = 50.0
"""Milliseconds that a page may take."""
MAX_ALIKE = 6
"""Statements of one page that begin in the same way: more are named."""

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
    "/members/me/bookmarks/",
    "/members/me/data/",
    "/members/me/standing/",
    "/members/me/links/",
]
PARTS = [
    "/birthdays/", "/birthdays/?month=2", "/events/", "/events/?month={month}", "/events/{event}/", "/board/", "/board/?before={card}", "{cards}",
    "/decisions/", "/decisions/?before=400", "/decisions/{poll}/", "/decisions/{proposal}/", "/giving/", "/memorials/", "/members/{memorial}/memorial/", "/rooms/",
]  # fmt: skip
SEARCH = [
    "/search/?q=bread",
    "/search/?q=person+77",
    "/search/?q=post&kind=posts",
    "/search/suggestions/?q=per",
]
OWN_PARTS = ["/members/me/in-touch/", "/search/who-knows/?q=topic", "/search/who-knows/?q=bread"]
CALENDARS = ["/birthdays/{calendar}.ics", "/events/calendar/{calendar}.ics"]
MODERATION = [
    "/moderation/", "/moderation/?kind=held", "/moderation/?kind=reported", "/moderation/?kind=turned-away", "/moderation/comments/{held}/", "/moderation/decisions/",
    "/moderation/people/", "/moderation/people/busiest/", "/moderation/appeals/", "/moderation/places/", "/moderation/count/",
]  # fmt: skip
ADMIN = [
    "/admin/", "/admin/comments/comment/", "/admin/comments/comment/?p=2", "/admin/comments/comment/?status__exact=held", "/admin/posts/post/", "/admin/posts/post/?state=published",
    "/admin/posts/post/{post}/change/", "/admin/accounts/user/", "/admin/accounts/user/?is_staff__exact=1", "/admin/accounts/user/{busiest}/change/", "/admin/moderation/decision/",
    "/admin/moderation/report/", "/admin/moderation/moderationaction/", "/admin/notifications/outgoingemail/", "/admin/posts/tag/",
    "/admin/comments/comment/?q=bread", "/admin/accounts/user/?q=person77", "/admin/posts/page/", "/admin/posts/upload/", "/admin/giving/gift/",
    "/admin/giving/pledge/", "/admin/notifications/subscriber/", "/admin/notifications/mailing/", "/admin/moderation/restriction/", "/admin/moderation/appeal/",
    "/admin/api/delivery/", "/admin/webmention/mention/", "/admin/embed/embeddedpage/", "/admin/rooms/room/", "/moderation/figures/", "/admin/figures/", "/admin/figures/?period=year",
]  # fmt: skip


def say(words: str = "") -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


class Site:
    """What was created, its readers, and the pages that each of them requests."""

    def __init__(self, made: Any) -> None:
        from django.utils import timezone  # noqa: PLC0415 - the environment comes first

        parts = made.parts
        self.names = {
            "tag": made.tag.slug, "usual": made.usual.get_absolute_url(), "longest": made.longest.get_absolute_url(), "comment": made.held + 1, "held": made.held,
            "post": made.usual.pk, "busiest": made.busiest.pk, "month": f"{timezone.localdate():%Y-%m}", "event": parts.event, "poll": parts.poll,
            "proposal": parts.proposal, "memorial": parts.memorial, "calendar": parts.calendar, "cards": parts.cards, "card": parts.card,
        }  # fmt: skip
        self.readers = {
            "visitor": (None, [*PUBLIC, *PARTS, *SEARCH, *CALENDARS]),
            "member": (made.member, [*PUBLIC[:6], *PARTS]),
            "busiest": (made.busiest, [*PUBLIC[:4], *OWN, *OWN_PARTS, "/members/busiest/", *PARTS]),
            "moderator": (made.moderator, [*PUBLIC, *OWN[:1], *MODERATION]),
            "host": (made.host, [*PUBLIC, *PARTS, *MODERATION, *ADMIN]),
        }

    def pages(self, only: str) -> Iterator[tuple[str, Any, str]]:
        """Yield each reader's name, client and URL."""
        from django.test import Client  # noqa: PLC0415

        for who, (reader, paths) in self.readers.items():
            client = Client()
            if reader is not None:
                client.force_login(reader)
            for path in (path.format(**self.names) for path in paths):
                if only in f"{who} {path}":
                    yield who, client, path


@contextmanager
def statements() -> Iterator[list[tuple[float, str]]]:
    """Yield a list that collects the executed statements, with their wall-clock time in milliseconds."""
    from django.db import connection  # noqa: PLC0415

    asked: list[tuple[float, str]] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            short = re.sub(r"SELECT [^()]*? FROM ", "SELECT … FROM ", sql)
            asked.append(((time.perf_counter() - began) * 1000, f"{short[:2000]} {params!s:.300}"))

    with connection.execute_wrapper(note):
        yield asked


def main(scale: float, only: str, rounds: int) -> int:
    import django  # noqa: PLC0415 - the environment comes first

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.test import override_settings  # noqa: PLC0415

    from search.services import rebuild  # noqa: PLC0415
    from tests.large import make_large_site  # noqa: PLC0415
    from tests.query_plans import forget_statistics  # noqa: PLC0415

    settings.RATE_LIMITS = False
    # Pages of a site leave tasks to the worker; those of the tests would run them.
    backend = {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "mail"]}
    override_settings(TASKS={"default": backend}).enable()
    import community.wsgi  # noqa: F401, PLC0415 - garbage is collected as in the site's processes

    kept = Path(f"{os.environ.get('BENCH_KEEP', '')}.site")
    began = time.monotonic()
    call_command("migrate", verbosity=0)
    if os.environ.get("BENCH_KEEP") and kept.exists():
        made = pickle.loads(kept.read_bytes())  # noqa: S301 - our own
    else:
        made = make_large_site(scale, say)
        for kind in ("posts", "members", "names"):  # of comments: tests.bench_search
            rebuild(kind)
        say(f"made in {time.monotonic() - began:.0f} s")
        if os.environ.get("BENCH_KEEP"):
            kept.write_bytes(pickle.dumps(made))
    tidy()
    forget_statistics()
    late = measure(Site(made), only, "without statistics", rounds)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    late += measure(Site(made), only, "with statistics", rounds)
    return int(bool(late))


def tidy() -> None:
    """Let PostgreSQL note which rows every transaction sees, as autovacuum does after many inserts."""
    from django.db import connection  # noqa: PLC0415

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")


def measure(site: Site, only: str, words: str, rounds: int) -> int:
    """Measure and print one table; return the number of pages that exceeded their limit."""
    from django.db import connection  # noqa: PLC0415

    from tests.bench_search import Meter  # noqa: PLC0415

    connection.close()  # an open connection keeps the statistics that it read when it was opened
    meter, late, warm = Meter(), 0, 0
    say(
        f"\n{connection.vendor}, {words}: milliseconds first, cold (median of {rounds}), kept; statements, all of them, the dearest"
    )
    for who, client, path in site.pages(only):
        forget_pages()
        first, there, response = meter(lambda path=path, client=client: client.get(path, follow=True))
        if response.status_code != 200:
            say(f"  {who:10} {path:44} answers {response.status_code}")
            continue
        cold, again, asked = measure_page(
            meter, lambda path=path, client=client: client.get(path, follow=True), rounds
        )
        is_late = cold > LIMIT
        late, warm = late + is_late, warm + (again > LIMIT)
        spent = [milliseconds for milliseconds, _sql in asked]
        repeated = Counter(sql.split(" WHERE ")[0] for _milliseconds, sql in asked).most_common(1)
        often = f"  {repeated[0][1]} times the same" if repeated and repeated[0][1] > MAX_ALIKE else ""
        say(
            f"{'!' if is_late else ' '} {who:10} {path:44} {first + there:8.1f} {cold:8.1f} {again:8.1f} {len(asked):4} {sum(spent):7.0f} {max(spent, default=0):7.0f}{often}"
        )
        if only:
            for milliseconds, sql in sorted(asked, reverse=True)[:3]:
                say(f"      {milliseconds:.0f} ms {sql}")
    say(f"{late} pages took more than {LIMIT:.0f} ms with nothing kept, {warm} the next time")
    return late


def forget_pages() -> None:
    from django.core.cache import caches  # noqa: PLC0415

    for cache in ("pages", "default"):
        caches[cache].clear()


def measure_page(
    meter: Any, ask: Callable[[], Any], rounds: int
) -> tuple[float, float, list[tuple[float, str]]]:
    """Return milliseconds with empty and with filled caches, and the statements of the former."""
    cold, warm = [], []
    for _round in range(rounds):
        forget_pages()
        cold.append(sum(meter(ask)[:2]))
        warm.append(sum(meter(ask)[:2]))
        if cold[0] > LIMIT * 20:
            break
    forget_pages()
    with statements() as asked:
        ask()
    return statistics.median(cold), statistics.median(warm), asked


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--scale", type=float, default=1.0, help="1 is the whole site, 0.1 a tenth of everything"
    )
    parser.add_argument("--only", default="", help="pages whose reader and address contain this")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each page is measured")
    given = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    with tempfile.TemporaryDirectory(prefix="long-table-bench-") as folder:
        os.environ.setdefault(
            "DATABASE_URL", f"sqlite:///{os.environ.get('BENCH_KEEP') or folder + '/bench.sqlite3'}"
        )
        sys.exit(main(given.scale, given.only, given.rounds))
