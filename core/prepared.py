"""Queries that Django's ORM compiles once, and that are then executed with different values.

Compiling a statement takes the ORM several times as long as the database needs for a lookup by key. For
the queries of every request that is most of their cost (docs/decisions/0008).
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db import connection, models
from django.utils.dateparse import parse_datetime

AnyModel = TypeVar("AnyModel", bound=models.Model)

# Placeholders in the query while it is compiled; no real value is ever one of them.
A_NUMBER = 9007199254740881
A_WORD = "a word that stands for another"
A_MOMENT = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)


class Prepared(Generic[AnyModel]):
    """A prepared query with parameters.

    make: called once with a stand-in for each value, by name; returns the query, of whole rows of one table, annotated or not.
    stand_ins: the names of the values, each with A_NUMBER, A_WORD or A_MOMENT (at most one of each).
    """

    def __init__(self, make: Callable[..., models.QuerySet[AnyModel, Any]], **stand_ins: Any) -> None:
        self.make, self.stand_ins = make, stand_ins

    @cached_property
    def _compiler(self) -> Any:
        return self.make(**self.stand_ins).query.get_compiler(connection=connection)

    @cached_property
    def written(self) -> tuple[str, dict[str, Any]]:
        """The statement, with %(name)s for values; and the constant values, by names of their own."""
        names = {_adapt(stand_in): name for name, stand_in in self.stand_ins.items()}
        sql, params = self._compiler.as_sql()
        constants = {f"constant_{number}": value for number, value in enumerate(params) if value not in names}
        places = [f"%({names.get(value, f'constant_{number}')})s" for number, value in enumerate(params)]
        return sql % tuple(places), constants

    @cached_property
    def _columns(self) -> tuple[list[str], list[str], dict[int, tuple[list[Any], Any]]]:
        """The fields in the order of the columns, the annotations behind them, and the converters of database values."""
        _ = self.written
        selected = [column for column, _sql, _alias in self._compiler.select]
        fields = [column.target.attname for column in selected if hasattr(column, "target")]
        return fields, [*self._compiler.annotation_col_map], self._compiler.get_converters(selected)

    def first(self, **values: Any) -> AnyModel | None:
        """The first row of the result, as a model instance."""
        sql, constants = self.written
        found = fetch_one(sql, constants | values)
        if found is None:
            return None
        names, annotations, converters = self._columns
        row = list(found)
        for place, (converts, column) in converters.items():
            for convert in converts:
                row[place] = convert(row[place], column, connection)
        instance: AnyModel = self._compiler.query.model.from_db(connection.alias, names, row[: len(names)])
        vars(instance).update(zip(annotations, row[len(names) :], strict=True))
        return instance


def fetch_one(sql: str, values: dict[str, Any]) -> tuple[Any, ...] | None:
    """The first row of the result of a statement with %(name)s for values, as returned by the database.

    PostgreSQL plans it once for each connection, not each time: for a statement of many parts that is most of the work.
    """
    with connection.cursor() as cursor:
        # Not where statements are logged: a prepared statement has no text to log.
        if connection.vendor == "postgresql" and settings.DATABASE_PREPARE and not connection.queries_logged:
            cursor.cursor.close()
            cursor.cursor = _preparing_cursor()(connection.connection)
        cursor.execute(sql, {name: _adapt(value) for name, value in values.items()})
        found: tuple[Any, ...] | None = cursor.fetchone()
        return found


@cache
def _preparing_cursor() -> Any:
    from psycopg import Cursor  # noqa: PLC0415 - a site on SQLite does without

    class PreparingCursor(Cursor[Any]):
        def execute(self, query: Any, params: Any = None) -> Any:  # type: ignore[override]  # Django calls it with these two
            # Django forbids it for the whole connection, as the statements that it composes bring their values with them.
            forbidden, self.connection.prepare_threshold = self.connection.prepare_threshold, 0
            try:
                return super().execute(query, params, prepare=True)
            finally:
                self.connection.prepare_threshold = forbidden

    return PreparingCursor


def _adapt(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def read_moment(value: datetime | str | None) -> datetime | None:
    """SQLite keeps times as text, in UTC."""
    if isinstance(value, str):
        value = parse_datetime(value)
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value
