"""Keyset pagination: the URL contains the last row of the previous page, so no row is skipped or repeated."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Generic, NamedTuple, Self, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

Row = TypeVar("Row", bound=Model)

WRITTEN = re.compile(r"(-?[0-9]{1,17})-([0-9]{1,18})", re.ASCII)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Cursor(NamedTuple):
    """The position after a row, in a list ordered by a time and then the primary key."""

    at: datetime
    pk: int

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}-{self.pk}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Parse the result of __str__. None for anything else: a mistyped URL opens the first page."""
        found = WRITTEN.fullmatch(text)
        if found is None:
            return None
        try:
            return cls(EPOCH + timedelta(microseconds=int(found[1])), int(found[2]))
        except OverflowError:  # a date before the year 1
            return None

    # The redundant first condition lets the database use an index. Without it, all rows on the other side are
    # read.
    def rows_after(self, field: str) -> Q:
        same = Q(**{field: self.at, "pk__gt": self.pk})
        return Q(**{f"{field}__gte": self.at}) & (Q(**{f"{field}__gt": self.at}) | same)

    def rows_before(self, field: str) -> Q:
        same = Q(**{field: self.at, "pk__lt": self.pk})
        return Q(**{f"{field}__lte": self.at}) & (Q(**{f"{field}__lt": self.at}) | same)


def now_or_before(at: datetime | None) -> datetime:
    """The upper bound for the times of what is published, in a list that continues at this time.

    One bound instead of two: SQLite looks up only the first in an index, so with "until now" before it, it would
    read everything newer than the page.
    """
    now = timezone.now()
    return min(now, at) if at else now


class KeysetPage(Generic[Row]):
    """A page of a list ordered by `field` and the primary key, without counting or skipping rows.

    cursor: from the URL, or "". newest_first: the order, which the page applies. related: for select_related. These
    tables are joined to the rows of the page only, not to all rows among which they are found.
    """

    def __init__(
        self,
        rows: QuerySet[Row],
        cursor: str,
        size: int,
        *,
        field: str = "created_at",
        newest_first: bool = True,
        related: Sequence[str] = (),
    ) -> None:
        after = Cursor.read(cursor)
        self.is_first = after is None
        if after is not None:
            rows = rows.filter(after.rows_before(field) if newest_first else after.rows_after(field))
        sign = "-" if newest_first else ""
        rows = rows.order_by(f"{sign}{field}", f"{sign}pk")
        if related:
            keys = rows.values("pk")[: size + 1]
            every = rows.model._default_manager.filter(pk__in=keys).select_related(*related)
            found = list(every.order_by(f"{sign}{field}", f"{sign}pk"))
        else:
            found = list(rows[: size + 1])
        self.rows = found[:size]
        self.next = Cursor(getattr(self.rows[-1], field), self.rows[-1].pk) if len(found) > size else None

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)
