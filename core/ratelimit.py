"""How often may somebody do that. Counted from the rows that were written, so it holds over processes and restarts."""

import math
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

Rate = tuple[int, int]
"""How many, in how many seconds."""


class TooFast(Exception):
    """Raised when a rate is used up. `wait_seconds` says when the next try is welcome (HTTP Retry-After)."""

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(f"wait {wait_seconds} seconds")
        self.wait_seconds = wait_seconds


def check_rates(rows: models.QuerySet, rates: Iterable[Rate], field: str = "created_at") -> None:
    """Raise TooFast if one of the rates is used up by the given rows.

    rows: everything this person did of the kind, in any order; field: their time stamp.
    """
    if not settings.RATE_LIMITS:
        return
    now = timezone.now()
    for count, seconds in rates:
        since = now - timedelta(seconds=seconds)
        stamps = rows.filter(**{f"{field}__gt": since}).order_by(f"-{field}").values_list(field, flat=True)
        oldest_that_counts = stamps[count - 1 : count].first()
        if oldest_that_counts is not None:
            raise TooFast(max(1, math.ceil((oldest_that_counts - since).total_seconds())))
