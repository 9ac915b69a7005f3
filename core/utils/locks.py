"""One writer at a time."""

import hashlib
from functools import cache
from typing import Any, TypeVar

from django.db import models, transaction

from core.prepared import A_NUMBER, Prepared

AnyModel = TypeVar("AnyModel", bound=models.Model)


def lock_row(queryset: models.QuerySet[AnyModel] | models.Manager[AnyModel], pk: object) -> AnyModel:
    """Return the row as it is now, and keep every other writer of it waiting until the transaction ends.

    On PostgreSQL it takes FOR NO KEY UPDATE, which lets rows that point here be inserted by others. On SQLite the
    transaction itself is the lock: it began with IMMEDIATE (settings), so there is only one writer at all.

    Raises TransactionManagementError outside a transaction, and the model's DoesNotExist.
    """
    if not transaction.get_connection(queryset.db).in_atomic_block:
        raise transaction.TransactionManagementError("lock_row needs a transaction.")
    if isinstance(queryset, models.Manager) and isinstance(pk, int):  # nearly always
        row: AnyModel | None = _prepared_lock(queryset).first(pk=pk)
        if row is None:
            model: Any = queryset.model
            raise model.DoesNotExist
        return row
    return queryset.select_for_update(no_key=True, of=("self",)).get(pk=pk)


@cache
def _prepared_lock(rows: models.Manager[Any]) -> Prepared[Any]:
    return Prepared(
        lambda pk: rows.select_for_update(no_key=True, of=("self",)).order_by().filter(pk=pk), pk=A_NUMBER
    )


def keep_rows(queryset: models.QuerySet[Any]) -> list[Any]:
    """Return the keys of the rows that exist, and keep others from deleting these until the transaction ends.

    On PostgreSQL it takes FOR KEY SHARE, as a foreign key does when it is checked: it keeps nobody waiting but who deletes.
    On SQLite the transaction itself is the lock. Raises TransactionManagementError outside a transaction.
    """
    connection = transaction.get_connection(queryset.db)
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("keep_rows needs a transaction.")
    sql, params = queryset.order_by("pk").values_list("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} FOR KEY SHARE" if connection.vendor == "postgresql" else sql, params)
        return [pk for (pk,) in cursor.fetchall()]


def lock_word(word: str) -> None:
    """Keep others who would lock the same word waiting until the transaction ends, though no row has it yet.

    On PostgreSQL it is an advisory lock of the word's hash; on SQLite the transaction itself is the lock, as in lock_row.
    Raises TransactionManagementError outside a transaction.
    """
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("lock_word needs a transaction.")
    if connection.vendor == "postgresql":
        number = int.from_bytes(
            hashlib.sha256(word.encode("utf-8", "replace")).digest()[:8], "big", signed=True
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
