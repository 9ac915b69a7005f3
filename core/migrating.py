"""Migrations that keep nobody waiting: they hold tables for as long as their statements take, and step back from others.

Django makes the models that belong to each operation right before it runs, while the operations before it hold what they have
locked: a migration of twenty columns kept writers away from the posts for more than a second of processor time, on a busy
machine for more than five, after which they are answered 503. Here all of that is done before the first statement.

On PostgreSQL a statement that waits for a table also keeps away all who come after it. So at first it waits for a moment only, and
tries again; after some tries longer each time, or under many writers it would never get a table that is not free for an
instant. Once it holds one, it may wait for somebody who waits for what it holds: then it waits for less than the second after
which the database looks for such a circle and ends one of the two, and all of the migration is undone and tried again.
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

# For each statement, in milliseconds. Once a table is held, all waits together should stay below PostgreSQL's deadlock_timeout of
# a second. For the first table it grows after some tries, to less than half of what writers wait (WRITE_WAIT_SECONDS).
LOCK_TIMEOUT = 100
LONGEST_LOCK_TIMEOUT = 2000
GENTLE_TRIES = 10
TRIES = 150
PAUSE_SECONDS = 0.5
# A table made by this migration is nobody else's yet; but to refer to another one locks that.
NEW_TABLE = re.compile(r'CREATE TABLE "(\w+)"')
ON_TABLE = re.compile(r'(?:ALTER TABLE|CREATE (?:UNIQUE )?INDEX "\w+" ON) "(\w+)"')
# What PostgreSQL says of a lock that was not to be had in time, and of a circle (https://www.postgresql.org/docs/current/errcodes-appendix.html).
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
        """Tried again where others hold what it needs. One that is no transaction can't be undone, so it waits."""
        if self.connection.vendor != "postgresql" or not migration.atomic:
            return super().apply_migration(state, migration, False, fake_initial)
        for left in reversed(range(TRIES)):
            try:
                with _short_waits(self.connection, first_wait(TRIES - left - 1)):
                    return super().apply_migration(state, migration, False, fake_initial)
            except OperationalError as error:
                if not left or getattr(error.__cause__, "sqlstate", "") not in HELD_BY_OTHERS:
                    raise
            time.sleep(PAUSE_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - so that it meets others at another moment
        raise AssertionError("the last try ends in an answer or an error")


def first_wait(tries: int) -> int:
    """How long a migration that holds nothing yet waits for a lock, in milliseconds, after so many tries."""
    return min(LONGEST_LOCK_TIMEOUT, round(LOCK_TIMEOUT * 1.5 ** max(0, min(tries, 50) - GENTLE_TRIES)))


@contextmanager
def _short_waits(connection: Any, first: int) -> Iterator[None]:
    """Each statement waits LOCK_TIMEOUT for its locks, and until one has taken a table, as long as `first` says."""
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
    """Whether others may wait for what a statement took. made: the new tables, which it adds to."""
    if found := NEW_TABLE.match(sql):
        made.add(found[1])
        return False
    if sql.startswith(("SELECT", "SHOW")):
        return False
    found = ON_TABLE.match(sql)
    return not (found and found[1] in made and "REFERENCES" not in sql)


def _states_of(state: ProjectState, migration: Migration) -> list[ProjectState]:
    """Before the first operation and after each, with their models made."""
    states = [state]
    for operation in migration.operations:
        after = states[-1].clone()
        operation.state_forwards(migration.app_label, after)
        _ = after.apps
        states.append(after)
    return states


def _run(migration: Migration, states: list[ProjectState], editor: Any) -> ProjectState:
    """Migration.apply with states that are made already."""
    for operation, (before, after) in zip(migration.operations, pairwise(states), strict=True):
        is_atomic = operation.atomic or (migration.atomic and operation.atomic is not False)
        alone = (
            atomic(editor.connection.alias) if is_atomic and not editor.atomic_migration else nullcontext()
        )
        with alone:
            operation.database_forwards(migration.app_label, editor, before, after)
    # Django does this at the end of the editor, where an error leaves the transaction open; and notes afterwards, on its own, that
    # the migration is done.
    while editor.deferred_sql:
        editor.execute(editor.deferred_sql.pop(0), None)
    return states[-1]
