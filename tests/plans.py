"""How the database means to find rows: what is slow with many of them shows in the plan with few."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


def _is_asked_apart(step: int, level: int, steps: dict[int, tuple[int, str]]) -> bool:
    """Whether this step belongs to a subquery of what happens on that level: a list of keys, which is not sorted with it."""
    while step != level and step in steps:
        above, line = steps[step]
        if "SUBQUERY" in line:
            return True
        step = above
    return False


def _has_list_without_end(sql: str, table: str) -> bool:
    """Whether keys are looked for in a list of all rows of this table that meet a condition: `IN (SELECT …)` without a LIMIT."""
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
    """Gives a list that fills with the queries which read this table row by row, or sort what they read of it.

    For SQLite without statistics (https://www.sqlite.org/eqp.html): a SCAN looks at every row unless it follows an index,
    and a temporary B-tree collects all that was found before the first row comes out. A list of keys that ends may be read on
    its own for such a sort. By the index of the states nearly every row is read where the state is "public".
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
            # In the order of an index, up to a limit, is no reading through; nor is a row found by its key for one that was found before.
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


def forget_statistics() -> None:
    """As in a database that ANALYZE never ran in. No rollback takes back what it counted."""
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
