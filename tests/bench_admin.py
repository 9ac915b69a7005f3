"""`python -m tests.bench_admin`: the admin's pages on a large site. Part of `make bench`.

20,000 posts, 100,000 members, 1,000,000 comments (`--share 0.01` for a hundredth of that), in a database of
its own. The goal is 150 ms for each page (lower quartile; on SQLite processor time, which does not depend on
other load), and no statement that counts or reads all rows of a large table.
"""

import argparse
import os
import sys
import tempfile
import time
from datetime import timedelta
from functools import partial
from typing import Any

from tests.bench import milliseconds, say

POSTS, MEMBERS, COMMENTS = 20_000, 100_000, 1_000_000
GOAL, ROUNDS = 150, 8
PAGES = (
    "/admin/",
    "/admin/posts/post/",
    "/admin/posts/post/?state=draft",
    "/admin/posts/post/?q=bread",
    "/admin/posts/page/",
    "/admin/posts/tag/",
    "/admin/posts/upload/",
    "/admin/comments/comment/",
    "/admin/comments/comment/?q=soup",
    "/admin/accounts/user/",
    "/admin/accounts/user/?q=m77",
    "/admin/accounts/user/?q=9@example",
    "/admin/accounts/user/?q=example.org",
    "/admin/notifications/subscriber/",
    "/admin/figures/",
    "/admin/figures/?period=year",
    "/admin/posts/post/?state=published&comments=open",
    "/admin/posts/post/?state=published&p=5",
    "/admin/comments/comment/?status__exact=held",
    "/admin/comments/comment/?p=50",
    "/admin/accounts/user/?is_active__exact=1&o=1",
    "/admin/moderation/report/",
    "/admin/notifications/outgoingemail/",
    "/moderation/",
    "/posts/",
    "/posts/?year=2026&month=3",
    "/members/",
)


def multiply(row: Any, number: int, columns: dict[str, Any]) -> None:
    """Store copies of an unsaved row. columns: those that differ, as functions of the copy's number, from 1."""
    from django.db import connection  # noqa: PLC0415 - after the set-up

    fields = [
        field
        for field in row._meta.concrete_fields
        if not field.generated and (field.column in columns or not field.primary_key)
    ]
    same = {field.column: field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields}

    def values(i: int) -> list[Any]:
        return [
            field.get_db_prep_save(columns[field.column](i), connection)
            if field.column in columns
            else same[field.column]
            for field in fields
        ]

    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        sql = f"INSERT INTO {row._meta.db_table} ({names}) VALUES ({marks})"  # noqa: S608 - names of our own columns
        for start in range(1, number + 1, 20_000):
            cursor.executemany(sql, [values(i) for i in range(start, min(start + 20_000, number + 1))])


def fill(share: float) -> Any:
    """Create the large site; return its host."""
    from django.db import connection, transaction  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415
    from comments.models import Comment  # noqa: PLC0415
    from notifications.models import Subscriber  # noqa: PLC0415
    from posts.models import Post  # noqa: PLC0415
    from tests.factories import make_host  # noqa: PLC0415

    now = timezone.now()
    posts, members, comments = (max(100, int(number * share)) for number in (POSTS, MEMBERS, COMMENTS))
    host = make_host("host")
    first = host.pk + 1
    with transaction.atomic():
        member = User(is_active=True)
        member.set_unusable_password()
        multiply(
            member,
            members,
            {
                "id": lambda i: first + i,
                "username": lambda i: f"m{i}",
                "name_key": lambda i: f"m{i}",
                "email": lambda i: f"m{i}@example.org",
                "date_joined": lambda i: now - timedelta(minutes=i),
            },
        )
        multiply(
            Post(author=host, body="<p>Bread and soup.</p>"),
            posts,
            {
                "id": lambda i: i,
                "title": lambda i: f"Post {i} about {('bread', 'tea', 'soup')[i % 3]}",
                "slug": lambda i: f"p{i}",
                "published_at": lambda i: None if i % 50 == 0 else now - timedelta(hours=i),
                "created_at": lambda i: now - timedelta(hours=i),
            },
        )
        multiply(
            Comment(body="Soup.", html="<p>Soup.</p>", lft=1, rght=2, level=0, status="public"),
            comments,
            # Every second comment replies to the previous one; 288 a day, so a million span nine and a half
            # years.
            {
                "id": lambda i: i,
                "tree_id": lambda i: i - (i + 1) % 2,
                "parent_id": lambda i: None if i % 2 else i - 1,
                "lft": lambda i: 1 if i % 2 else 2,
                "rght": lambda i: 4 if i % 2 else 3,
                "level": lambda i: (i + 1) % 2,
                "post_id": lambda i: 1 + (i - (i + 1) % 2) % posts,
                "author_id": lambda i: first + 1 + i * 7 % members,
                "created_at": lambda i: now - timedelta(minutes=5 * (comments - i)),
                "published_at": lambda i: now - timedelta(minutes=5 * (comments - i)),
            },
        )
        multiply(Subscriber(), members // 10, {"email": lambda i: f"s{i}@example.org"})
    fill_index(posts, members, comments, first)
    if connection.vendor == "postgresql":  # autovacuum would do so after a while; SQLite never does
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    say(f"{posts:,} posts, {members:,} members, {comments:,} comments, {connection.vendor}")
    return host


def fill_index(posts: int, members: int, comments: int, first: int) -> None:
    """Index the text of all posts, all names, and the newest hundred thousand comments."""
    from search.backends import backend  # noqa: PLC0415
    from search.backends.base import Document  # noqa: PLC0415
    from search.words import pieces_of, words_of  # noqa: PLC0415

    def pieces(i: int) -> list[str]:
        return pieces_of(f"m{i}") + pieces_of(f"m{i}@example.org")

    words = [words_of(f"About {word}", "en") for word in ("bread", "tea", "soup")]
    soup = words_of("Soup.", "en")
    backend().add("posts", (Document(i, words[i % 3], soup, []) for i in range(1, posts + 1)))
    backend().add("names", (Document(first + i, pieces(i), [], []) for i in range(1, members + 1)))
    newest = range(max(1, comments - 100_000), comments + 1)
    backend().add("comments", (Document(i, [], soup, []) for i in newest))


def main(share: float) -> None:
    import django  # noqa: PLC0415 - the environment comes first

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    call_command("migrate", verbosity=0)
    client = Client()
    client.force_login(fill(share))
    say(f"{'page':>38} {'ms':>8} {'queries':>8} {'slowest':>8}")
    for page in PAGES:
        answer = client.get(page)
        if answer.status_code != 200:
            say(f"{page:>38} {answer.status_code}")
            continue
        with CaptureQueriesContext(connection) as queries:
            client.get(page)
        asked = queries.captured_queries
        slowest = max(asked, key=lambda query: float(query["time"]))
        clock = time.process_time if connection.vendor == "sqlite" else time.perf_counter
        took = milliseconds(partial(client.get, page), rounds=ROUNDS, clock=clock)[0]
        say(f"{page:>38} {took:8.1f} {len(asked):8} {float(slowest['time']) * 1000:8.0f}")
        if took > GOAL:
            say(f"  above {GOAL} ms; its slowest statement: {slowest['sql'][:300]}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the full sizes")
    asked = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr] # it is a text stream
    with tempfile.TemporaryDirectory(prefix="long-table-bench-") as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
        main(asked.share)
