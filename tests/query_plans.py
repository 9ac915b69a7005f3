"""The query plans of SQLite: a query that would be slow with many rows has a bad plan even with few."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


def _is_asked_apart(step: int, level: int, steps: dict[int, tuple[int, str]]) -> bool:
    """Return whether this step belongs to a subquery of that level, whose keys are not sorted with the
    result."""
    while step != level and step in steps:
        above, line = steps[step]
        if "SUBQUERY" in line:
            return True
        step = above
    return False


def _has_list_without_end(sql: str, table: str) -> bool:
    """Return whether the SQL has a list of all matching keys of this table: `IN (SELECT …)` without a LIMIT."""
    for begin in re.finditer(r"\bIN \(SELECT", sql):
        depth, own = 0, ""
        for letter in sql[begin.start() + len("IN ") :]:
            depth += (letter == "(") - (letter == ")")
            if depth == 0:
                break
            own += letter if depth == 1 else ""
        if f'"{table}"' in own and " LIMIT " not in own:
            return True
    return False


def _values(params: Any) -> list[Any]:
    return list(params.values() if isinstance(params, dict) else params or ())


@contextmanager
def read_through(table: str) -> Iterator[list[str]]:
    """Yield a list that collects the queries which scan this table, or sort rows that they read from it.

    For SQLite without statistics (https://www.sqlite.org/eqp.html): a SCAN looks at every row unless it
    follows an index, and a temporary B-tree collects all rows before the first is returned. A subquery with a
    limited list of keys may be sorted this way. The index of statuses counts as a scan if the status is
    "public", which nearly all rows have.
    """
    found: list[str] = []

    def explain(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if sql.lstrip("( ").startswith("SELECT") and f'"{table}"' in sql:
            with connection.cursor() as cursor:
                steps = {
                    row[0]: (row[1], row[3]) for row in cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
                }
            plan = [line for _above, line in steps.values()]
            names = {table, *re.findall(rf'"{table}" (?:AS )?"?([A-Z]\w*)"?\b', sql)}
            reads = [
                line for line in plan if line.startswith(("SCAN", "SEARCH")) and line.split()[1] in names
            ]
            # Reading in the order of an index, up to a limit, is no scan; neither is a lookup by key for each
            # row found before.
            scans = [
                line
                for line in reads
                if (line.startswith("SCAN") and not (" INDEX " in line and " LIMIT " in sql))
                or (line.endswith("(status=?)") and "public" in _values(params) and " LIMIT " not in sql)
            ]
            is_endless = _has_list_without_end(sql, table)
            sorts = [
                line
                for level, last in steps.values()
                if last == "USE TEMP B-TREE FOR ORDER BY"
                for above, line in steps.values()
                if line in reads
                and "PRIMARY KEY" not in line
                and (is_endless or not _is_asked_apart(above, level, steps))
            ]
            if scans or sorts:
                found.append(f"{plan}: {sql}")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield found


@contextmanager
def steps_of_sqlite() -> Iterator[list[int]]:
    """Yield a list whose sum is the number of tens of steps that SQLite takes, about one for each row it reads."""
    found: list[int] = []
    connection.ensure_connection()
    connection.connection.set_progress_handler(lambda: found.append(1), 10)
    try:
        yield found
    finally:
        connection.connection.set_progress_handler(None, 0)


def forget_statistics() -> None:
    """Delete SQLite's statistics, as if ANALYZE had never run; no rollback removes them."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TABLE IF EXISTS sqlite_stat1")
            return
        cursor.execute(
            "DELETE FROM pg_statistic WHERE starelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)"
        )
        cursor.execute(
            "UPDATE pg_class SET reltuples = -1, relpages = 0"
            " WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace"
        )


# What ANALYZE counts on the site of tests.bench_large: the rows of each index, and how many share a value of
# its first column, of its first two, and so on.
OF_A_LARGE_SITE = {
    "comments_comment": {
        "branches_by_thanks": "66495 14 14 1", "branches_newest_first": "66495 14 1", "branches_of_post": "66495 14 1", "comments_by_status": "1092817 273205 1",
        "comments_for_trust": "1092817 11 9 1 1", "comments_held": "1092817 546409 1", "comments_last_answer": "1026322 2 1",
        "comments_newest_first": "1092817 1 1", "comments_of_author_in_order": "1092817 11 1 1", "comments_of_post": "1092817 219 17",
        "comments_of_post_by_status": "1092817 219 55", "comments_of_post_by_time": "1092817 219 1", "news_of_post": "1092817 219 2",
        "one_root_per_tree": "66495 1",
    },
    "posts_post": {
        "posts_by_change": "31001 2", "posts_listed": "31001 7751 7751 1 1", "posts_newest_first": "31001 2 1",
        "posts_newest_made_first": "31001 2 1", "posts_pinned_first": "31001 31001 2 1", "posts_post_author_id_fe5487bf": "31001 3",
    },
    "posts_post_tags": {"posts_of_tag": "59700 299 1", "posts_post_tags_post_id_tag_id_9b9d69ec_uniq": "59700 3 1"},
    "accounts_user": {
        "members_by_birthday": "20000 1667 60", "members_by_name": "100004 1 1", "members_newest_first": "100004 1 1",
        "members_on_staff": "1 1",
    },
    "moderation_decision": {"decisions_newest_first": "20000 1 1", "moderation_decision_comment_id_64a73931": "20000 1", "sqlite_autoindex_moderation_decision_1": "20000 20000"},
    "notifications_notification": {"inbox": "20000 20000 1 1", "inbox_unread": "5000 5000 1", "notifications_of_comment": "20000 1"},
}  # fmt: skip


def know_statistics() -> None:
    """Make SQLite plan as if ANALYZE had run on a large site, until the transaction is rolled back."""
    rows = [(table, *row) for table, indexes in OF_A_LARGE_SITE.items() for row in indexes.items()]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("DELETE FROM sqlite_stat1")
        cursor.executemany("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (%s, %s, %s)", rows)
        cursor.execute("ANALYZE sqlite_schema")
