"""A condition for rows with one of many keys."""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Func, Value


class Among(Func):
    """Whether a key is in a list, which is a single parameter (`key_list`).

    With `__in`, each key is a parameter: the ORM, the driver and the database process hundreds of them one by
    one, and a prepared query is compiled for each length.
    """

    output_field = BooleanField()

    def __init__(self, field: str, keys: str) -> None:
        super().__init__(field, Value(keys))

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s::bigint[])", arg_joiner=" = ANY(")

    def as_sqlite(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        joiner = " IN (SELECT value FROM json_each("
        return self.as_sql(compiler, connection, template="%(expressions)s))", arg_joiner=joiner)


def key_list(keys: Iterable[int]) -> str:
    """Keys as text: an array of PostgreSQL's, or JSON."""
    written = ",".join(map(str, keys))
    return f"{{{written}}}" if connection.vendor == "postgresql" else f"[{written}]"
