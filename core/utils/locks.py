"""Locks: one writer at a time."""

import hashlib
from functools import cache
from typing import Any, TypeVar

from django.db import models, transaction

from core.prepared import A_NUMBER, Prepared

AnyModel = TypeVar("AnyModel", bound=models.Model)


def lock_row(queryset: models.QuerySet[AnyModel] | models.Manager[AnyModel], pk: object) -> AnyModel:
    """Return the current row, and block other writers of it until the transaction ends.

    On PostgreSQL it uses FOR NO KEY UPDATE, which lets others insert rows that refer to this one. On SQLite
    the transaction itself is the lock: it began with IMMEDIATE (settings), so there is only one writer.

    Raises TransactionManagementError outside a transaction, and the model's DoesNotExist.
    """
    if not transaction.get_connection(queryset.db).in_atomic_block:
        raise transaction.TransactionManagementError("lock_row needs a transaction.")
    if isinstance(queryset, models.Manager) and isinstance(pk, int):  # the usual case
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
    """Return the keys of the existing rows, and prevent their deletion until the transaction ends.

    On PostgreSQL it uses FOR KEY SHARE, like the check of a foreign key: only deletions wait. On SQLite the
    transaction itself is the lock. Raises TransactionManagementError outside a transaction.
    """
    connection = transaction.get_connection(queryset.db)
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("keep_rows needs a transaction.")
    sql, params = queryset.order_by("pk").values_list("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} FOR KEY SHARE" if connection.vendor == "postgresql" else sql, params)
        return [pk for (pk,) in cursor.fetchall()]


def lock_word(word: str) -> None:
    """Lock a name for which there is no row: others who lock the same name wait until the transaction ends.

    On PostgreSQL it is an advisory lock of the name's hash; on SQLite the transaction itself is the lock, as
    in lock_row. Raises TransactionManagementError outside a transaction.
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
