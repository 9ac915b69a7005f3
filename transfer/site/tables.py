"""The tables in a site archive, and their rows as JSON Lines.

A line is the output of Django's serializer, `{"fields": {…}, "model": …, "pk": …}`, with three differences:
times keep their microseconds, permissions and content types are referred to by name (their ids differ between
databases), and a many-to-many table is a table of its own.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.core.serializers.base import DeserializationError
from django.core.serializers.json import DjangoJSONEncoder
from django.core.serializers.jsonl import Serializer
from django.core.serializers.python import Deserializer as rows_of
from django.db import connection, models
from django.db.models import Q

from transfer.site.errors import ArchiveError

BATCH = 500
# Tables that are left out, with the reason. A test compares the list with the existing tables.
LEFT_OUT = {
    "account.EmailConfirmation": "links in emails that end by themselves",
    "accounts.ChosenPicture": "a picture of a form that was not saved yet",
    "accounts.CodeTry": "counts for limits that end by themselves",
    "accounts.DataExport": "files that members asked for here",
    "accounts.EmailCode": "codes that end by themselves",
    "api.Delivery": "messages of this site, on their way or a month old",
    "api.Token": "keys for programs, of this site",
    "auth.Permission": "made by migrations",
    "contenttypes.ContentType": "made by migrations",
    "core.CacheEntry": "a cache",
    "core.Worker": "processes of this site",
    "dashboard.DayReader": "today’s readers, under a salt that is thrown away",
    "dashboard.DaySalt": "the salt that is thrown away",
    "dashboard.SetupLink": "the first start of this site",
    "django_tasks_database.DBTaskResult": "work of this site",
    "moderation.ReviewLock": "who is looking at what just now",
    "notifications.Push": "messages to devices, minutes old",
    "sessions.Session": "sign-ins at this site",
    "transfer.Backup": "files on this machine",
    "transfer.SiteExport": "files of this site, days old",
    "transfer.ImportRun": "what was imported into this site, and by whom",
    "usersessions.UserSession": "sign-ins at this site",
}
# Rows that are left out: outgoing messages would be sent twice, by this site and by the copy.
ON_THEIR_WAY = {
    "notifications.OutgoingEmail": Q(state__in=["ready", "open", "handed"]),
    "notifications.FanOut": Q(is_done=False),
    "webmention.SentMention": Q(state="waiting"),
}
# Columns that are false in the archive: a copy of the site would post to the same channels as this one.
SWITCHED_OFF = {"api.Webhook": "is_active"}
NAMED: tuple[type[models.Model], ...] = (ContentType, Permission)


def kept_models() -> list[type[models.Model]]:
    """The models in the archive, sorted by label."""
    found = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.label not in LEFT_OUT
    ]
    return sorted(found, key=lambda model: model._meta.label_lower)


class _ExactJSON(DjangoJSONEncoder):
    """Django's encoder truncates times to milliseconds; this one does not."""

    def default(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, datetime | date | time) else super().default(value)


class _RowSerializer(Serializer):
    """Refers by name to rows whose ids differ elsewhere.

    References to what is not in the archive are left out.
    """

    _current: dict[str, Any]

    def __init__(self, gone: dict[type[models.Model], set[Any]]) -> None:
        self.gone = gone

    def handle_fk_field(self, obj: models.Model, field: models.ForeignKey[Any, Any]) -> None:
        target = field.remote_field.model
        if target._meta.label in LEFT_OUT and target not in NAMED:
            self._current[field.name] = None
            return
        if getattr(obj, field.attname) in self.gone.get(target, ()):
            self._current[field.name] = None
            return
        self.use_natural_foreign_keys = target in NAMED
        super().handle_fk_field(obj, field)

    def handle_m2m_field(self, obj: models.Model, field: models.Field[Any, Any]) -> None:
        """Skip them: their rows are a table of their own."""


def rows_on_their_way() -> dict[type[models.Model], set[Any]]:
    """The ids of outgoing rows, which are left out."""
    found = {apps.get_model(label): which for label, which in ON_THEIR_WAY.items()}
    return {
        model: set(model._base_manager.filter(which).values_list("pk", flat=True))
        for model, which in found.items()
    }


def write_table(model: type[models.Model], file: TextIO, gone: dict[type[models.Model], set[Any]]) -> int:
    """Write all rows of a table in the order of their keys. Returns how many.

    gone: the result of rows_on_their_way.
    """
    rows = model._base_manager.order_by("pk")
    if left := gone.get(model):
        rows = rows.exclude(pk__in=left)
    count = 0
    switch = SWITCHED_OFF.get(model._meta.label)

    def counted() -> Iterator[models.Model]:
        nonlocal count
        for row in rows.iterator(BATCH):
            count += 1
            if switch:
                setattr(row, switch, False)
            yield row

    # Sorted, because PostgreSQL stores the keys of a JSON value in its own order.
    _RowSerializer(gone).serialize(counted(), stream=file, cls=_ExactJSON, sort_keys=True)
    return count


def read_table(model: type[models.Model], path: Path) -> int:
    """Insert the rows of a file unchanged: no signals, defaults or new times. Returns how many.

    Raises ArchiveError.
    """
    count = 0
    with path.open(encoding="utf-8") as file:
        numbered = enumerate(file, start=1)
        while lines := list(islice(numbered, BATCH)):
            objects = [_row(model, line, f"{path.name}, line {number}") for number, line in lines]
            model._base_manager.bulk_create(objects, batch_size=BATCH)
            count += len(objects)
    return count


def _row(model: type[models.Model], line: str, where: str) -> models.Model:
    try:
        values = json.loads(line)
        if values["model"] != model._meta.label_lower:
            raise ArchiveError(f"{where}: a row of another table.")
        [row] = rows_of([values])
    except (ValueError, KeyError, TypeError, DeserializationError) as error:
        raise ArchiveError(f"{where} can’t be read ({str(error)[:120] or type(error).__name__}).") from None
    found: models.Model = row.object
    return found


def empty_tables(kept: Iterable[type[models.Model]]) -> None:
    """Delete the rows created by migrations. Foreign keys are checked at the end of the transaction."""
    for model in kept:
        model._base_manager.all()._raw_delete(connection.alias)


def number_on(kept: Iterable[type[models.Model]]) -> None:
    """Continue the id sequences after the imported rows. SQLite does so automatically."""
    statements = connection.ops.sequence_reset_sql(no_style(), list(kept))
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
