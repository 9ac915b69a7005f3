"""Migrations that block no one: they hold locks only while statements run, and yield to other transactions.

Django builds the models of each operation right before it runs, while earlier operations hold their locks. A
migration of twenty columns kept writers away from the posts for more than a second of processor time. On a
busy machine that is more than five seconds, after which writers get a 503. Here the models are built before
the first statement.

On PostgreSQL a statement that waits for a lock on a table also blocks all later ones. So it waits briefly at
first, and tries again. After some tries it waits longer each time; otherwise it would never get the lock of a
table that is in constant use. Once it holds a lock, it could wait for a transaction that waits for it. So it
waits for less than the second after which the database resolves a deadlock by ending one of the two. Then the
whole migration is rolled back and tried again.
"""

import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from itertools import pairwise
from typing import Any

from django.db import OperationalError
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState
from django.db.transaction import atomic

# Per statement, in milliseconds. Once a table is locked, all waits together should stay below PostgreSQL's
# deadlock_timeout of a second. For the first table it grows after some tries, to less than half of
# WRITE_WAIT_SECONDS.
LOCK_TIMEOUT = 100
LONGEST_LOCK_TIMEOUT = 2000
GENTLE_TRIES = 10
TRIES = 150
PAUSE_SECONDS = 0.5
# No one else uses a table that this migration creates, but a reference to another table locks that one.
NEW_TABLE = re.compile(r'CREATE TABLE "(\w+)"')
ON_TABLE = re.compile(r'(?:ALTER TABLE|CREATE (?:UNIQUE )?INDEX "\w+" ON) "(\w+)"')
# PostgreSQL's error codes for a lock timeout and a deadlock
# (https://www.postgresql.org/docs/current/errcodes-appendix.html).
HELD_BY_OTHERS = {"55P03", "40P01"}


class PromptExecutor(MigrationExecutor):
    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> ProjectState:
        if fake:
            return super().apply_migration(state, migration, fake, fake_initial)
        states = _states_of(state, migration)
        vars(migration)["apply"] = lambda _state, editor: _run(migration, states, editor)
        try:
            return self._apply_patiently(state, migration, fake_initial)
        finally:
            vars(migration).pop("apply", None)

    def _apply_patiently(self, state: ProjectState, migration: Migration, fake_initial: bool) -> ProjectState:
        """Apply a migration, and repeat it if others hold the locks it needs.

        One that is not atomic cannot be rolled back, so it waits.
        """
        if self.connection.vendor != "postgresql" or not migration.atomic:
            return super().apply_migration(state, migration, False, fake_initial)
        for left in reversed(range(TRIES)):
            try:
                with _short_waits(self.connection, first_wait(TRIES - left - 1)):
                    return super().apply_migration(state, migration, False, fake_initial)
            except OperationalError as error:
                if not left or getattr(error.__cause__, "sqlstate", "") not in HELD_BY_OTHERS:
                    raise
            time.sleep(PAUSE_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
        raise AssertionError("the last try ends in an answer or an error")


def first_wait(tries: int) -> int:
    """How long a migration without locks waits for the first one after so many tries, in milliseconds."""
    return min(LONGEST_LOCK_TIMEOUT, round(LOCK_TIMEOUT * 1.5 ** max(0, min(tries, 50) - GENTLE_TRIES)))


@contextmanager
def _short_waits(connection: Any, first: int) -> Iterator[None]:
    """Each statement waits LOCK_TIMEOUT for its locks, or `first` until one has locked a table."""
    holds_nothing, made = True, set[str]()

    def execute(run: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal holds_nothing
        done = run(sql, params, many, context)
        if holds_nothing and _takes_a_table(str(sql), made):
            holds_nothing = False
            connection.connection.execute(f"SET lock_timeout = {LOCK_TIMEOUT}")
        return done

    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        [before] = cursor.fetchone()
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{first}ms"])
    try:
        with connection.execute_wrapper(execute):
            yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [before])


def _takes_a_table(sql: str, made: set[str]) -> bool:
    """Whether a statement locked a table that others may need. made: the new tables, to which it adds."""
    if found := NEW_TABLE.match(sql):
        made.add(found[1])
        return False
    if sql.startswith(("SELECT", "SHOW")):
        return False
    found = ON_TABLE.match(sql)
    return not (found and found[1] in made and "REFERENCES" not in sql)


def _states_of(state: ProjectState, migration: Migration) -> list[ProjectState]:
    """The states before the first operation and after each, with their models built."""
    states = [state]
    for operation in migration.operations:
        after = states[-1].clone()
        operation.state_forwards(migration.app_label, after)
        _ = after.apps
        states.append(after)
    return states


def _run(migration: Migration, states: list[ProjectState], editor: Any) -> ProjectState:
    """Migration.apply with states that are already built."""
    for operation, (before, after) in zip(migration.operations, pairwise(states), strict=True):
        is_atomic = operation.atomic or (migration.atomic and operation.atomic is not False)
        alone = (
            atomic(editor.connection.alias) if is_atomic and not editor.atomic_migration else nullcontext()
        )
        with alone:
            operation.database_forwards(migration.app_label, editor, before, after)
    # Django does this when the editor exits, where an error leaves the transaction open. It records the
    # migration afterwards, in a transaction of its own.
    while editor.deferred_sql:
        editor.execute(editor.deferred_sql.pop(0), None)
    return states[-1]
