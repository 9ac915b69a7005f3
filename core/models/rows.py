"""Faster loading of rows, for tables of which pages read many."""

from collections.abc import Collection
from typing import Any, Self

from django.db.models.base import ModelState


class RowConstructorMixin:
    """Creates instances from the columns of a row, without calling `__init__`. A mixin, before the model.

    Django sets each column separately, and checks for each whether it is deferred: half of the cost of a row.
    For models that set nothing else in `__init__`, without receivers of pre_init and post_init
    (tests/core/test_rows.py).
    """

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any]) -> Self:
        """The object of a row, without Model.__init__."""
        made = cls.__new__(cls)
        state = ModelState()
        state.adding, state.db = False, db
        vars(made).update(zip(field_names, values, strict=True), _state=state)
        return made
