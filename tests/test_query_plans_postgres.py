"""The number of rows that a page reads does not depend on statistics: PostgreSQL without them, and with them."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.cache import caches
from django.db import connection

from search.services import rebuild
from tests.large import make_large_site
from tests.query_plans import forget_statistics

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.sql,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="the plans of PostgreSQL"),
    # The site has 3,000 comments: 3 seconds.
    pytest.mark.slow,
]


@pytest.fixture(scope="module", autouse=True)
def _no_statistics_before_and_afterwards(django_db_setup, django_db_blocker) -> Iterator[None]:
    """ANALYZE stores the row counts of each table in pg_class, which no rollback undoes."""
    with django_db_blocker.unblock():
        forget_statistics()
    yield
    with django_db_blocker.unblock():
        forget_statistics()


# With 3,000 comments and 300 members: rows that a statement may read to show fifty.
MOST = {"comments_comment": 600, "accounts_user": 400}
# The same with 10,000 comments, 280 of them by one member and 500 on the board.
MOST_OF_TEN_THOUSAND = {"comments_comment": 300}


@contextmanager
def rows_looked_at() -> Iterator[list[tuple[str, int, str]]]:
    """Yield a list that collects, for each statement, its tables, the rows read from each, and the SQL."""
    found: list[tuple[str, int, str]] = []

    def explain(execute, sql, params, many, context):
        if sql.startswith("SELECT"):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
                answer = cursor.fetchone()[0]
            plan = answer if isinstance(answer, list) else json.loads(answer)
            found.extend((table, count, sql) for table, count in _counted(plan[0]["Plan"]).items())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield found


def _counted(node: dict) -> Counter[str]:
    counts: Counter[str] = Counter()
    if "Relation Name" in node:
        rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        counts[node["Relation Name"]] += round(rows * node["Actual Loops"])
    for part in node.get("Plans", ()):
        counts += _counted(part)
    return counts


def test_the_watch_sees_what_reads_all_comments():
    make_large_site(0.003)
    with rows_looked_at() as found, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM comments_comment ORDER BY body LIMIT 4")
        cursor.execute("SELECT id FROM comments_comment ORDER BY created_at DESC, id DESC LIMIT 4")
    assert [(table, count > 2_500) for table, count, _sql in found] == [
        ("comments_comment", True),
        ("comments_comment", False),
    ]


def test_pages_read_few_rows_without_statistics_and_with_them(client, monkeypatch):
    monkeypatch.setattr("comments.services.home.COMMENTS_LOOKED_AT", 50)  # the site is small, too
    site = make_large_site(0.003)
    rebuild("comments")
    paths = ["/", "/feed/comments/", f"{site.longest.get_absolute_url()}feed/", "/members/busiest/", "/posts/?tag=tag-1", "/search/?q=bread",
             site.longest.get_absolute_url(), f"{site.longest.get_absolute_url()}?sort=newest", "/sitemap.xml"]  # fmt: skip
    too_many = {}
    for state in ("without statistics", "with statistics"):
        for path in paths:
            caches["pages"].clear()
            with rows_looked_at() as found:
                assert client.get(path).status_code == 200
            read = [(table, count, re.sub(r"SELECT .*? FROM", "SELECT … FROM", sql)[:300]) for table, count, sql in found
                    if count > MOST.get(table, count)]  # fmt: skip
            if read:
                too_many[state, path] = read
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    assert too_many == {}


def test_the_newest_posts_are_read_in_the_order_of_an_index(client):
    """Of 200 posts, not all that are listed."""
    make_large_site(0.01)
    read = []
    for _state in ("without statistics", "with statistics"):
        caches["pages"].clear()
        with rows_looked_at() as found:
            client.get("/")
        read += [count < 100 for _table, count, sql in found if 'is_pinned" DESC' in sql]
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    assert read == [True] * 4  # of posts and of their authors


def test_lists_that_end_early_do_not_read_what_comes_after_them(signed_in, monkeypatch):
    """A member's exchanges with others, and the cards of the board."""
    monkeypatch.setattr("closer.services.contacts.LOOKED_AT_FOR_PAGE", 10)
    site = make_large_site(0.01)
    client = signed_in(site.busiest)
    too_many = {}
    for state in ("without statistics", "with statistics"):
        for path in ("/members/me/in-touch/", "/board/", f"/board/?before={site.parts.card}"):  # fmt: skip
            with rows_looked_at() as found:
                assert client.get(path).status_code == 200
            read = [
                (table, count, sql[:300])
                for table, count, sql in found
                if count > MOST_OF_TEN_THOUSAND.get(table, count)
            ]
            if read:
                too_many[state, path] = read
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    assert too_many == {}
