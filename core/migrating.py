"""Migrations that hold their tables for as long as their statements take, and no longer.

Django makes the models that belong to each operation right before it runs, while the operations before it hold what they have
locked: a migration of twenty columns kept writers away from the posts for more than a second of processor time, on a busy
machine for more than five, after which they are answered 503. Here all of that is done before the first statement.
"""

from contextlib import nullcontext
from itertools import pairwise
from typing import Any

from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState
from django.db.transaction import atomic


class PromptExecutor(MigrationExecutor):
    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> ProjectState:
        if not fake:
            states = _states_of(state, migration)
            vars(migration)["apply"] = lambda _state, editor: _run(migration, states, editor)
        try:
            return super().apply_migration(state, migration, fake, fake_initial)
        finally:
            vars(migration).pop("apply", None)


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
    return states[-1]
