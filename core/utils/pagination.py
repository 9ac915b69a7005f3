"""Keyset pagination: the address contains the last row of the previous page, so nothing is skipped or shown twice."""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Self

from django.db.models import Q

WRITTEN = re.compile(r"(-?[0-9]{1,17})-([0-9]{1,18})", re.ASCII)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Cursor(NamedTuple):
    """The place behind a row, in a list ordered by a time stamp and then the primary key."""

    at: datetime
    pk: int

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}-{self.pk}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """What __str__ wrote. None for anything else: a mistyped address opens the first page."""
        found = WRITTEN.fullmatch(text)
        if found is None:
            return None
        try:
            return cls(EPOCH + timedelta(microseconds=int(found[1])), int(found[2]))
        except OverflowError:  # a date before the year 1
            return None

    def rows_after(self, field: str) -> Q:
        return Q(**{f"{field}__gt": self.at}) | Q(**{field: self.at, "pk__gt": self.pk})

    def rows_before(self, field: str) -> Q:
        return Q(**{f"{field}__lt": self.at}) | Q(**{field: self.at, "pk__lt": self.pk})
