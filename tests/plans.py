"""How the database means to find rows: what is slow with many of them shows in the plan with few."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


def _is_asked_apart(step: int, level: int, steps: dict[int, tuple[int, str]]) -> bool:
    """Whether what is below this step is a subquery of what happens on that level: a list of keys, which is not sorted with it."""
    while step != level and step in steps:
        above, line = steps[step]
        if "SUBQUERY" in line:
            return True
        step = above
    return False


@contextmanager
def read_through(table: str) -> Iterator[list[str]]:
    """Gives a list that fills with the queries which read this table row by row, or sort what they read of it.

    For SQLite without statistics (https://www.sqlite.org/eqp.html): a SCAN looks at every row unless it follows an index,
    and a temporary B-tree collects all that was found before the first row comes out.
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
                if line.startswith("SCAN") and not (" INDEX " in line and " LIMIT " in sql)
            ]
            sorts = [
                line
                for level, last in steps.values()
                if last == "USE TEMP B-TREE FOR ORDER BY"
                for above, line in steps.values()
                if line in reads and "PRIMARY KEY" not in line and not _is_asked_apart(above, level, steps)
            ]
            if scans or sorts:
                found.append(f"{plan}: {sql}")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield found
