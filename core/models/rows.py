"""Rows of the tables of which pages read many."""

from collections.abc import Collection
from typing import Any, Self

from django.db.models.base import ModelState


class MadeOfColumns:
    """A mixin, before the model: a row that was read is its columns, and `__init__` is not run for it.

    Django's own way sets each column by itself, and asks of each other one whether it is deferred: half of what a row costs. For models
    that set nothing else in `__init__`, and no receiver of pre_init and post_init waits for (tests/core/test_rows.py).
    """

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any]) -> Self:
        made = cls.__new__(cls)
        state = ModelState()
        state.adding, state.db = False, db
        vars(made).update(zip(field_names, values, strict=True), _state=state)
        return made
