"""Prepared queries: compiled once by Django's ORM, then executed with different values.

Compiling takes the ORM several times as long as the database needs for a lookup by key. For the queries of
every request, and of every comment, that is most of their cost (docs/decisions/0008).
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property, lru_cache
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db import NotSupportedError, connection, connections, models
from django.db.models.query import get_related_populators
from django.db.models.sql import UpdateQuery
from django.utils.dateparse import parse_datetime

from core.replicas import PRIMARY, reading_alias

AnyModel = TypeVar("AnyModel", bound=models.Model)

# Kinds of values, each the first of the placeholders that stand for it during compilation. No real value
# equals one.
A_NUMBER = 9007199254740881
A_WORD = "a word that stands for another"
A_MOMENT = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
# Kinds of lists, for conditions with `__in`.
NUMBERS, WORDS = [A_NUMBER], [A_WORD]
# PostgreSQL's error code if the column types changed since the statement was planned.
NOT_AS_PLANNED = "0A000"
# Padding for lists, up to a length for which the query is compiled: no key and no word has this value.
NO_NUMBER, NO_WORD = -1, "\x1f"


class Prepared(Generic[AnyModel]):
    """A prepared query with parameters.

    make: called once, with a placeholder for each value, by name; returns a queryset, possibly with
    annotations, select_related or values_list. kinds: the kind of each value: A_NUMBER, A_WORD, A_MOMENT,
    NUMBERS or WORDS.

    Queries with lists are compiled for a few lengths: lists are padded to the next power of two.
    """

    def __init__(self, make: Callable[..., models.QuerySet[AnyModel, Any]], **kinds: Any) -> None:
        self.make, self.kinds = make, kinds
        self._compiled: dict[tuple[int, ...], _Compiled[AnyModel]] = {}

    @property
    def written(self) -> tuple[str, dict[str, Any]]:
        """The SQL, with %(name)s for values, and the constants, under names of their own."""
        compiled = self._for({})
        return compiled.sql, compiled.constants

    def first(self, **values: Any) -> AnyModel | None:
        """The first row as a model instance, or None."""
        compiled = self._for(values)
        row = fetch_one(compiled.sql, compiled.parameters(values))
        return compiled.instance(row) if row is not None else None

    def all(self, **values: Any) -> list[AnyModel]:
        """All rows as model instances."""
        compiled = self._for(values)
        return [compiled.instance(row) for row in fetch_all(compiled.sql, compiled.parameters(values))]

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query with values_list, as tuples."""
        compiled = self._for(values)
        return [
            tuple(compiled.converted(row)) for row in fetch_all(compiled.sql, compiled.parameters(values))
        ]

    def execute(self, **values: Any) -> None:
        """Run an UPDATE (see `setting`)."""
        compiled = self._for(values)
        execute(compiled.sql, compiled.parameters(values))

    def _for(self, values: dict[str, Any]) -> "_Compiled[AnyModel]":
        lengths = {
            name: _room_for(len(values.get(name, ())))
            for name, kind in self.kinds.items()
            if isinstance(kind, list)
        }
        key = tuple(lengths.values())
        if key not in self._compiled:
            self._compiled[key] = _Compiled(self.make, self.kinds, lengths)
        return self._compiled[key]


def setting(rows: models.QuerySet[AnyModel], **columns: Any) -> models.QuerySet[AnyModel]:
    """An UPDATE for `make`, like `rows.update(**columns)`. Its conditions must be on the table itself."""
    changed = rows.all()
    query: Any = rows.query.chain(UpdateQuery)
    query.add_update_values(columns)
    changed.query = query
    return changed


def prefetched(owner: models.Model, name: str, rows: list[Any]) -> None:
    """Set related rows like `prefetch_related(name)`: `owner.NAME.all()` then needs no query."""
    related: Any = owner._meta.get_field(name).related_model
    found = _evaluated(related, rows) if rows else _no_rows(related)
    vars(owner).setdefault("_prefetched_objects_cache", {})[name] = found


def related_rows(owner: models.Model, name: str) -> Iterable[Any]:
    """`owner.NAME.all()`, without creating a manager if the rows were set by `prefetched`."""
    known: dict[str, Any] = vars(owner).get("_prefetched_objects_cache", {})
    return known[name] if name in known else getattr(owner, name).all()


def _evaluated(model: Any, rows: list[Any]) -> Any:
    found = model._default_manager.get_queryset()
    found._result_cache, found._prefetch_done = rows, True
    return found


@cache
def _no_rows(model: Any) -> Any:
    return _evaluated(model, [])


class PreparedInsert(Generic[AnyModel]):
    """Inserts rows into a table by one statement, like `bulk_create`: without signals and without `save`.

    For tables in which the database fills no columns except the key and generated ones.
    """

    def __init__(self, model: type[AnyModel]) -> None:
        self.model = model
        self._statements: dict[int, str] = {}

    def __call__(self, *rows: AnyModel) -> None:
        if not rows:
            return
        line = connections[PRIMARY]  # the connection itself: its proxy would look it up for each field
        values = [
            field.get_db_prep_save(field.pre_save(row, add=True), line)
            for row in rows
            for field in self._fields
        ]
        with _executed(self._statement_for(len(rows)), values, PRIMARY) as cursor:
            found = cursor.fetchall()
        for row, made in zip(rows, found, strict=True):
            for field, value in zip(self._returned, made, strict=True):
                setattr(row, field.attname, value)
            row._state.adding, row._state.db = False, PRIMARY

    @cached_property
    def _fields(self) -> list[Any]:
        return [field for field in self.model._meta.concrete_fields if field not in self._returned]

    @cached_property
    def _returned(self) -> list[Any]:
        return [field for field in self.model._meta.concrete_fields if field.primary_key or field.generated]

    def _statement_for(self, count: int) -> str:
        if count not in self._statements:
            self._statements[count] = self._compose(count)
        return self._statements[count]

    def _compose(self, count: int) -> str:
        quoted: Callable[[Any], str] = connection.ops.quote_name
        meta = self.model._meta
        columns = ", ".join(quoted(field.column) for field in self._fields)
        row = f"({', '.join(['%s'] * len(self._fields))})"
        return (
            f"INSERT INTO {quoted(meta.db_table)} ({columns}) VALUES {', '.join([row] * count)}"  # noqa: S608 - our own names
            f" RETURNING {', '.join(quoted(field.column) for field in self._returned)}"
        )


def _room_for(count: int) -> int:
    return 1 << max(2, (count - 1).bit_length())


def _stand_in(kind: Any, number: int) -> Any:
    """The placeholder with this number, for a kind of value."""
    if kind == A_NUMBER:
        return A_NUMBER - number
    return f"{A_WORD} {number}" if kind == A_WORD else A_MOMENT + timedelta(minutes=number)


class _Compiled(Generic[AnyModel]):
    """A query compiled for lists of certain lengths, and how its rows are read."""

    def __init__(
        self,
        make: Callable[..., models.QuerySet[AnyModel, Any]],
        kinds: dict[str, Any],
        lengths: dict[str, int],
    ) -> None:
        self.kinds, self.lengths = kinds, lengths
        names: dict[Any, str] = {}

        def stand_in(kind: Any, name: str) -> Any:
            made = _stand_in(kind, len(names))
            names[_adapt(made)] = name
            return made

        given = {
            name: [stand_in(kind[0], f"{name}_{place}") for place in range(lengths[name])]
            if isinstance(kind, list)
            else stand_in(kind, name)
            for name, kind in kinds.items()
        }
        self.compiler: Any = make(**given).query.get_compiler(connection=connection)
        sql, params = self.compiler.as_sql()
        self.constants = {
            f"constant_{number}": value for number, value in enumerate(params) if value not in names
        }
        places = [f"%({names.get(value, f'constant_{number}')})s" for number, value in enumerate(params)]
        self.sql = sql.replace("%%", "%%%%") % tuple(places)

    def parameters(self, values: dict[str, Any]) -> dict[str, Any]:
        found = dict(self.constants)
        for name, value in values.items():
            if name in self.lengths:
                found |= {f"{name}_{place}": one for place, one in enumerate(self._filled(name, value))}
            else:
                found[name] = value
        return found

    def _filled(self, name: str, values: Iterable[Any]) -> list[Any]:
        given = list(values)
        nothing = NO_NUMBER if self.kinds[name] == NUMBERS else NO_WORD
        return given + [nothing] * (self.lengths[name] - len(given))

    @cached_property
    def columns(self) -> tuple[slice, dict[str, None], dict[str, int], list[Any]]:
        """The model's columns and their fields; positions of annotations; populators of related rows."""
        select, related = self.compiler.select, self.compiler.klass_info
        places = related["select_fields"]
        # By name: for a row with deferred columns, Django looks each of the others up.
        fields = dict.fromkeys(select[place][0].target.attname for place in places)
        readers = get_related_populators(related, select, connection.alias)  # type: ignore[call-arg]  # the stubs are of Django 6
        return slice(places[0], places[-1] + 1), fields, self.compiler.annotation_col_map or {}, readers

    @cached_property
    def converters(self) -> list[tuple[int, Callable[..., Any], Any]]:
        """Functions that convert the database's values, with the position and the column."""
        select = [expression for expression, _sql, _alias in self.compiler.select]
        # SQLite has no type for times. Django's function for them takes seven times as long as ours.
        of_times = getattr(connection.ops, "convert_datetimefield_value", None)
        return [
            (place, _read_moment if convert == of_times else convert, column)
            for place, (converts, column) in self.compiler.get_converters(select).items()
            for convert in converts
        ]

    def converted(self, found: Iterable[Any]) -> list[Any]:
        row = list(found)
        for place, convert, column in self.converters:
            # NULL is None in every column; most times of a comment and its author are NULL.
            if row[place] is not None:
                row[place] = convert(row[place], column, connection)
        return row

    def instance(self, found: Iterable[Any]) -> AnyModel:
        row = self.converted(found)
        own, fields, annotations, readers = self.columns
        made: AnyModel = self.compiler.query.model.from_db(PRIMARY, fields, row[own])
        for reader in readers:
            reader.populate(row, made)
        vars(made).update((name, row[place]) for name, place in annotations.items())
        return made


def fetch_one(sql: str, values: dict[str, Any]) -> tuple[Any, ...] | None:
    """The first row of a query with %(name)s for values, as returned by the database.

    PostgreSQL plans it once per connection, not each time: for a complex query that is most of the work.
    """
    with _executed(sql, values) as cursor:
        found: tuple[Any, ...] | None = cursor.fetchone()
        return found


def fetch_all(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """All rows of such a query."""
    with _executed(sql, values) as cursor:
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def execute(sql: str, values: dict[str, Any] | list[Any]) -> None:
    """Run such a statement that returns nothing, on the primary database. Its values may also be a list, for %s."""
    with _executed(sql, values, PRIMARY):
        pass


@contextmanager
def _executed(sql: str, values: dict[str, Any] | list[Any], alias: str = "") -> Iterator[Any]:
    database = connections[alias or reading_alias()]
    with database.cursor() as cursor:
        # Not if queries are logged: a prepared statement has no text to log.
        if database.vendor == "postgresql" and settings.DATABASE_PREPARE and not database.queries_logged:
            cursor.cursor.close()
            cursor.cursor = _preparing_cursor()(database.connection)
        given = values
        if isinstance(values, dict):
            adapt = database.ops.adapt_datetimefield_value
            adapted = {name: adapt(value) for name, value in values.items() if isinstance(value, datetime)}
            given = values | adapted if adapted else values
        try:
            cursor.execute(sql, given)
        except NotSupportedError as error:
            # A migration changed the type of a column since the statement was planned. It cannot be repeated
            # within a transaction, whose end discards the plans, too.
            if database.in_atomic_block or getattr(error.__cause__, "sqlstate", "") != NOT_AS_PLANNED:
                raise
            _forget_plans(database.connection)
            cursor.execute(sql, given)
        yield cursor


def _forget_plans(line: Any) -> None:
    # psycopg only notices this statement if it may prepare some.
    forbidden, line.prepare_threshold = line.prepare_threshold, 1
    try:
        line.execute("DEALLOCATE ALL", prepare=False)
    finally:
        line.prepare_threshold = forbidden


@cache
def _preparing_cursor() -> Any:
    from psycopg import RawCursor  # noqa: PLC0415 - not installed on SQLite sites
    from psycopg.types.numeric import Int8  # noqa: PLC0415 - as above

    class PreparingCursor(RawCursor[Any]):
        """Sends statements with numbered parameters, as PostgreSQL reads them.

        psycopg's other cursors look for the parameters in the text: in one of more than 4,096 bytes or 50
        parameters each time, in others if they are not among the last 128.
        """

        def execute(self, query: Any, params: Any = None) -> Any:  # type: ignore[override]  # Django calls it with these two
            text, places = _numbered(query)
            # psycopg sends each number in the smallest type that holds it, and PostgreSQL plans a statement
            # for each combination.
            values = [
                Int8(value) if type(value) is int else value for value in map(params.__getitem__, places)
            ]
            # Django turns it off for the whole connection, because its own queries contain their values.
            forbidden, self.connection.prepare_threshold = self.connection.prepare_threshold, 0
            try:
                return super().execute(text, values, prepare=True)
            finally:
                self.connection.prepare_threshold = forbidden

    return PreparingCursor


@lru_cache(maxsize=1024)
def _numbered(sql: str) -> tuple[bytes, list[str | int]]:
    """The statement with $1, $2, …, and the name or place of the value of each."""
    numbers: dict[str | int, int] = {}

    def number(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        return f"${numbers.setdefault(found['name'] or len(numbers), len(numbers) + 1)}"

    text = re.sub(r"%(?:%|s|\((?P<name>\w+)\)s)", number, sql)
    return text.encode(), list(numbers)


def _adapt(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def _read_moment(value: datetime | str, _column: Any, _line: Any) -> datetime | None:
    return read_moment(value)


def read_moment(value: datetime | str | None) -> datetime | None:
    """Parse a time from the database. SQLite stores times as text, in UTC."""
    if isinstance(value, str):
        value = parse_datetime(value)
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value
