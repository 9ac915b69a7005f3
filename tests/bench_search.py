"""The cost of searches among a million comments, and of indexing a new one: `python -m tests.bench_search`.

A site of its own: 5,000 posts, 100,000 members, 1,000,000 comments in an invented language, written straight
into the tables and the index. Each kind of query is run ROUNDS times, with other words each time (pages fewer
times). The time is what services and pages spend in this process and, on PostgreSQL, in the server process
for this connection. `--scale 0.1` creates a tenth of it; `--fill` creates it and measures nothing. With a
DATABASE_URL that has such a site already, that site is measured.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

from tests.bench import say

COMMENTS, MEMBERS, POSTS = 1_000_000, 100_000, 5_000
VOCABULARY = 60_000
WORDS_EACH = 25
ROUNDS, PAGES = 40, 20
BATCH = 20_000
# Comments written one by one: enough for the index to be merged in between.
WRITTEN = 3_000
GOALS = (30.0, 100.0)
"""Milliseconds of processor time: the median, and what 95 % stay below."""


def texts(count: int) -> Iterator[list[str]]:
    """Yield words by Zipf's law: the most common are in a third of the comments, most in a handful."""
    chance = random.Random(7)  # noqa: S311 - nothing secret
    words = [f"w{number}" for number in range(VOCABULARY)]
    weights = list(accumulate(1 / (rank + 8) for rank in range(VOCABULARY)))
    for _number in range(count):
        yield chance.choices(words, cum_weights=weights, k=WORDS_EACH)


def fill(scale: float) -> None:
    from django.utils import timezone  # noqa: PLC0415 - after the set-up

    from accounts.models import User  # noqa: PLC0415
    from comments.models import Comment  # noqa: PLC0415
    from core.markup.comments import RENDERER_VERSION  # noqa: PLC0415
    from posts.models import Post  # noqa: PLC0415
    from tests.bulk_insert import insert  # noqa: PLC0415
    from tests.factories import make_host  # noqa: PLC0415

    now, began = timezone.now(), time.process_time()
    comments, members, posts = (max(100, int(number * scale)) for number in (COMMENTS, MEMBERS, POSTS))
    host = make_host("host")
    first = host.pk + 1
    insert(
        User,
        (
            {
                "id": first + n, "username": f"m{n}", "name_key": f"m{n}", "name_skeleton": f"m{n}", "display_name": f"Person {n}",
                "email": f"m{n}@example.org", "password": "!", "date_joined": now - timedelta(minutes=n),
            }
            for n in range(members)
        ),
    )  # fmt: skip
    insert(
        Post,
        (
            {
                "id": n + 1, "title": f"Post w{n % 900}", "slug": f"p{n}", "body": "<p>w1 w2.</p>", "author_id": host.pk,
                "published_at": now - timedelta(hours=posts - n), "created_at": now, "updated_at": now,
            }
            for n in range(posts)
        ),
    )  # fmt: skip

    def rows() -> Iterator[dict[str, Any]]:
        for pk, words in enumerate(texts(comments), start=1):
            body, written = " ".join(words), now - timedelta(minutes=5 * (comments - pk) + 1)
            is_held = pk % 50 == 0
            yield {
                "id": pk, "post_id": 1 + pk % posts, "author_id": first + pk * 7 % members, "body": body, "html": f"<p>{body}</p>",
                "renderer_version": RENDERER_VERSION, "status": "held" if is_held else "public", "created_at": written,
                "published_at": None if is_held else written, "tree_id": pk, "lft": 1, "rght": 2, "level": 0,
            }  # fmt: skip

    insert(Comment, rows())
    say(f"{posts:,} posts, {members:,} members, {comments:,} comments in {time.process_time() - began:.0f} s")


def fill_index() -> None:
    """Index posts and members as a rebuild does, and comments with COPY where it is available."""
    from django.db import connection, transaction  # noqa: PLC0415

    from comments.models import Comment  # noqa: PLC0415
    from search.backends import backend  # noqa: PLC0415
    from search.backends.base import Document  # noqa: PLC0415
    from search.backends.postgresql import IN_BLOCKS, _vector  # noqa: PLC0415 - what it writes, without writing it row by row
    from search.documents import days_of, fact  # noqa: PLC0415
    from search.services import rebuild  # noqa: PLC0415

    rows = Comment.objects.order_by("pk").values_list("pk", "post_id", "author_id", "created_at")
    words, is_postgresql, last = texts(rows.count()), connection.vendor == "postgresql", 0
    with transaction.atomic(), connection.cursor() as cursor:
        if is_postgresql:
            cursor.execute("DROP INDEX search_comments_blocks")
        while some := rows.filter(pk__gt=last)[:BATCH]:
            documents = [
                Document(pk, [], next(words), [fact("p", post), *days_of(written), fact("a", author)])
                for pk, post, author, written in some
            ]
            last = documents[-1].pk
            if is_postgresql:
                with cursor.copy("COPY search_comments (id, words) FROM STDIN") as copy:
                    for document in documents:
                        copy.write_row((document.pk, _vector(document)))
            else:
                backend().add("comments", documents)
        if is_postgresql:
            cursor.execute(
                f"CREATE INDEX search_comments_blocks ON search_comments USING gin (words, ({IN_BLOCKS})) WITH (fastupdate = off)"
            )
    for kind in ("posts", "members", "names"):
        rebuild(kind)


class Meter:
    """Milliseconds of processor time in this process, and in the server process for this connection."""

    def __init__(self) -> None:
        from django.db import connection  # noqa: PLC0415

        self.server = 0
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # The time of parallel workers cannot be told from that of other connections.
                cursor.execute("SET max_parallel_workers_per_gather = 0")
                cursor.execute("SELECT pg_backend_pid()")
                self.server = cursor.fetchone()[0]

    def _in_server(self) -> float:
        if not self.server:
            return 0.0
        return int(Path(f"/proc/{self.server}/schedstat").read_text(encoding="ascii").split()[0]) / 1e6

    def __call__(self, act: Callable[[], Any]) -> tuple[float, float, Any]:
        there, here = self._in_server(), time.process_time()
        answer = act()
        return (time.process_time() - here) * 1000, self._in_server() - there, answer


def queries() -> dict[str, list[str]]:
    """Return the queries of each kind, one for each round."""
    rounds = range(ROUNDS)
    return {
        "rare word": [f"w{41_000 + 97 * n}" for n in rounds],
        "less common word": [f"w{400 + 13 * n}" for n in rounds],
        "common word": [f"w{n}" for n in rounds],
        "two common words": [f"w{n} w{40 + n}" for n in rounds],
        "common and rare": [f"w{n} w{41_000 + 97 * n}" for n in rounds],
        "two less common": [f"w{400 + 13 * n} w{900 + 17 * n}" for n in rounds],
        "phrase of two common": [f'"w{n} w{n + 4}"' for n in rounds],
        "common, by one member": [f"w{n} from:m{70 + n}" for n in rounds],
        "common, in one post": [f"w{n} in:p{70 + n}" for n in rounds],
        "common, years ago": [f"w{n} before:2020" for n in rounds],
        "common without common": [f"w{n} -w{n + 1}" for n in rounds],
        "nothing": [f"zzz{n}" for n in rounds],
    }


def table(name: str, meter: Meter, asked: dict[str, list[Callable[[], Any]]]) -> None:
    """Print a row for each kind: the median and 95th percentile, of both processes together."""
    say(f"\n{name:26} {'median':>8} {'95 %':>8} {'of it in the server':>20} {'found':>6}")
    for kind, acts in asked.items():
        acts[0]()
        spent = [meter(act) for act in acts]
        together = sorted(here + there for here, there, _ in spent)
        median, most = statistics.median(together), together[int(len(together) * 0.95)]
        there = statistics.median(there for _, there, _ in spent)
        late = "  above the goal" if median > GOALS[0] or most > GOALS[1] else ""
        found = spent[-1][2]
        say(
            f"{kind:26} {median:8.1f} {most:8.1f} {there:20.1f} {found if isinstance(found, int) else '':>6}{late}"
        )


def measure(meter: Meter) -> None:
    from django.contrib.auth.models import AnonymousUser  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415
    from comments.models import Comment  # noqa: PLC0415
    from core.utils.among import Among, key_list  # noqa: PLC0415
    from core.web.admin import IndexSearchMixin  # noqa: PLC0415
    from search.query import read_query  # noqa: PLC0415
    from search.services import keys_for_admin, search  # noqa: PLC0415

    host, visitor = Client(), Client()
    host.force_login(User.objects.get(username="host"))

    def found(typed: str) -> int:
        return len(search("comments", read_query(typed), AnonymousUser(), size=20).rows)

    def ask(client: Client, path: str, **data: str) -> None:
        answer = client.get(path, data)
        assert answer.status_code == 200, (path, data, answer.status_code)

    def listed(kind: str, rows: Any, typed: str) -> int:
        """Run the search of an admin list: the keys, and the rows of its first page."""
        pks = keys_for_admin(kind, typed, limit=IndexSearchMixin.MAX_FOUND)
        return len(rows.filter(Among("pk", key_list(pks))).order_by("-pk")[:50])

    def each(act: Callable[[str], Any], asked: dict[str, list[str]]) -> dict[str, list[Callable[[], Any]]]:
        return {
            kind: [(lambda typed=typed: act(typed)) for typed in typed_all]
            for kind, typed_all in asked.items()
        }

    names = {
        "rare name": [f"m{77_000 + n}" for n in range(ROUNDS)],
        "part of all addresses": ["example.org"] * ROUNDS,
    }
    some = {kind: typed_all[:PAGES] for kind, typed_all in queries().items()} | {"": [""] * PAGES}
    comments, members = "/admin/comments/comment/", "/admin/accounts/user/"
    table("the search itself", meter, each(found, queries()))
    table(
        "the admin's search", meter, each(lambda typed: listed("comments", Comment.objects, typed), queries())
    )
    table("the same, of members", meter, each(lambda typed: listed("names", User.objects, typed), names))
    table("page of all kinds", meter, each(lambda typed: ask(visitor, "/search/", q=typed), some))
    table(
        "page of comments",
        meter,
        each(lambda typed: ask(visitor, "/search/", q=typed, kind="comments"), some),
    )
    table("the admin's comments", meter, each(lambda typed: ask(host, comments, q=typed), some))
    table(
        "the admin's members",
        meter,
        each(lambda typed: ask(host, members, q=typed), names | {"": [""] * PAGES}),
    )


def measure_writing(meter: Meter) -> None:
    """Measure writing a complete comment and the index's share of it, over enough comments to include merges."""
    from accounts.models import User  # noqa: PLC0415
    from comments.models import Comment  # noqa: PLC0415
    from posts.models import Post  # noqa: PLC0415
    from search.backends import backend  # noqa: PLC0415
    from search.documents import documents_of_comments  # noqa: PLC0415
    from tests.factories import make_comment  # noqa: PLC0415

    author, post = User.objects.get(username="m50"), Post.objects.get(pk=50)
    some = [" ".join(words) for words in islice(texts(WRITTEN + ROUNDS), WRITTEN + ROUNDS)]
    whole = [
        sum(meter(lambda body=body: make_comment(post=post, author=author, body=body[::-1]))[:2])
        for body in some[:ROUNDS]
    ]
    last = Comment.objects.order_by("-pk").values_list("pk", flat=True)[0]
    rows = [
        Comment(pk=last + n, post=post, author=author, html=f"<p>{body}</p>", created_at=post.created_at)
        for n, body in enumerate(some[ROUNDS:], start=1)
    ]
    alone = [
        sum(meter(lambda row=row: backend().add("comments", documents_of_comments([row])))[:2])
        for row in rows
    ]
    backend().remove("comments", [row.pk for row in rows])
    say(
        f"\na comment {statistics.median(whole):.1f} ms; its index {statistics.mean(alone):.2f} ms on average of {len(rows):,}"
        f" in transactions of their own (median {statistics.median(alone):.2f}, dearest {max(alone):.0f})"
    )


def main(scale: float, is_made_only: bool) -> None:
    import django  # noqa: PLC0415 - the environment comes first

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from comments.models import Comment  # noqa: PLC0415
    from search.backends import backend  # noqa: PLC0415

    settings.RATE_LIMITS = False
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    call_command("migrate", verbosity=0)
    if not Comment.objects.exists():
        fill(scale)
    if not backend().keys("comments", above=0, limit=1):
        fill_index()
    if is_made_only:
        return
    meter = Meter()
    measure(meter)
    measure_writing(meter)
    if connection.vendor == "postgresql":  # autovacuum would do this after a minute
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        say("\nWith the statistics that autovacuum gathers:")
        measure(meter)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="of the full sizes")
    parser.add_argument("--fill", action="store_true", help="make the site, measure nothing")
    asked = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    with tempfile.TemporaryDirectory(prefix="long-table-bench-") as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
        main(asked.scale, asked.fill)
    sys.exit(0)
