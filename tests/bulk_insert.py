"""Fast bulk inserts, for large sites."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import connection, models, transaction

BATCH = 5_000


@dataclass(frozen=True)
class Size:
    scale: float

    def of(self, full: int) -> int:
        return max(10, round(full * self.scale))

    posts = property(lambda self: self.of(20_000))
    discussed = property(lambda self: self.of(5_000))
    members = property(lambda self: self.of(100_000))
    comments = property(lambda self: self.of(1_000_000))
    longest = property(lambda self: self.of(100_000))
    held = property(lambda self: self.of(20_000))
    by_busiest = property(lambda self: self.of(20_000))


def insert(model: type[models.Model], rows: Iterable[dict[str, Any]]) -> int:
    """Insert rows as fast as the database allows. Columns that they do not name get the model's defaults."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    quote = connection.ops.quote_name
    table, columns = quote(model._meta.db_table), ", ".join(quote(field.column) for field in fields)
    blank = model()
    default = {
        field.attname: getattr(blank, field.attname)
        if field.has_default() or not field.has_db_default()
        else field.db_default
        for field in fields
    }
    adapt = {field.attname: _adapter(field) for field in fields}
    lines = ([adapt[name](row.get(name, value)) for name, value in default.items()] for row in rows)
    count = 0
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for line in lines:
                    copy.write_row(line)
                    count += 1
            if isinstance(model._meta.pk, models.AutoField):
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('{model._meta.db_table}', 'id'), (SELECT MAX(id) FROM {table}))"  # noqa: S608 - our own table
                )
            return count
        marks = ", ".join(["%s"] * len(fields))
        while batch := list(islice(lines, BATCH)):
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", batch)  # noqa: S608
            count += len(batch)
    return count


def _adapter(field: models.Field) -> Callable[[Any], Any]:
    if isinstance(field, models.ForeignKey):
        return _adapter(field.target_field)
    if isinstance(field, models.JSONField):
        return json.dumps
    if isinstance(field, models.DateTimeField):
        return connection.ops.adapt_datetimefield_value
    if isinstance(field, models.FileField):
        return str
    if isinstance(field, models.DateField | models.UUIDField):
        return lambda value: field.get_db_prep_value(value, connection)
    return lambda value: value
