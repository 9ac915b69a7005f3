"""Counts search queries like views, without anything that identifies users (docs/decisions/0080)."""

from collections import Counter
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, Max, Sum
from django.utils import timezone

from core.tasks.periodic import periodic
from core.utils.locks import lock_word
from dashboard.models import DayReader, SearchDay

# Queries of fewer readers on one day are never shown, and deleted, because they may identify someone. Days
# are not added up: one reader on three days cannot be told from three.
READERS_TO_SHOW = 3
# How many different queries of one day are stored, so that no one can fill the disk. Further ones are counted
# without their text.
MAX_PER_DAY = 2_000
FORGOTTEN_AFTER = timedelta(days=60)
LONGEST = 60
# The `page` of searches in DayReader, by which each browser counts once a day.
PAGE_OF_SEARCHES = 2**62
SHOWN = 10
IN_FILE = 1000


class SearchCount(NamedTuple):
    """A query as it is counted: normalised, and whether anything was found."""

    words: str
    is_found: bool


def tidy(typed: str) -> str:
    """The normalised query, ignoring case and spaces. "" for possible secrets: addresses, long numbers."""
    words = " ".join(typed.casefold().split())
    is_secret = "@" in words or sum(char.isdigit() for char in words) > MAX_DIGITS
    return "" if is_secret else words[:LONGEST].strip()


# A year or a date has fewer digits than a phone number.
MAX_DIGITS = 8


def first_counted_day() -> str:
    """The first day that is not over everywhere. Hashes of earlier days are deleted."""
    return (timezone.localdate() - timedelta(days=1)).isoformat()


def count_batch(rows: list[list]) -> None:
    """Add a batch of [day, words, reader, is_found, count] in the worker."""
    times: Counter[tuple[str, str]] = Counter()
    fruitless: Counter[tuple[str, str]] = Counter()
    seen: dict[str, set[tuple[str, str]]] = {}
    for day, words, reader, is_found, count in rows:
        for shown_as in {words, ""}:
            times[day, shown_as] += count
            fruitless[day, shown_as] += 0 if is_found else count
        seen.setdefault(day, set()).add((words, reader))
    with transaction.atomic():
        lock_word("views")
        readers = Counter[tuple[str, str]]()
        queries: dict[str, set[str]] = {}
        for day, pairs in seen.items():
            queries[day] = _stored_queries(day, {words for words, _reader in pairs})
            # For a past day, it is unknown who was counted already: one reader could look like several.
            here = {pair for pair in pairs if pair[0] in queries[day]}
            new = _new_today(day, here) if day >= first_counted_day() else []
            readers.update((day, words) for words in new)
        for (day, words), count in sorted(times.items()):
            if words not in queries[day]:
                continue
            row, _is_new = SearchDay.objects.get_or_create(day=day, words=words)
            SearchDay.objects.filter(pk=row.pk).update(
                times=F("times") + count,
                fruitless=F("fruitless") + fruitless[day, words],
                readers=F("readers") + readers[day, words],
            )


def _stored_queries(day: str, queries: set[str]) -> set[str]:
    """The queries to store: those known today, new ones while there is room, and "", which counts all."""
    today = SearchDay.objects.filter(day=day)
    known = set(today.filter(words__in=queries).values_list("words", flat=True))
    room = max(0, MAX_PER_DAY - today.exclude(words="").count())
    return {"", *known, *sorted(queries - known - {""})[:room]}


def _new_today(day: str, pairs: set[tuple[str, str]]) -> list[str]:
    """The queries whose reader has not searched for them earlier that day."""
    today = DayReader.objects.filter(day=day, page=PAGE_OF_SEARCHES)
    known = set(
        today.filter(reader__in={reader for _words, reader in pairs}).values_list("reader", flat=True)
    )
    new = [(words, reader) for words, reader in sorted(pairs) if reader not in known]
    DayReader.objects.bulk_create(
        [DayReader(day=day, page=PAGE_OF_SEARCHES, reader=reader) for _words, reader in new],
        ignore_conflicts=True,
        batch_size=500,
    )
    return [words for words, _reader in new]


def top_searches(since: date, limit: int = SHOWN) -> list[Any]:
    """The most frequent queries of several readers: {words, total, without_result}."""
    rows = SearchDay.objects.filter(day__gte=since).exclude(words="").values("words")
    rows = rows.annotate(total=Sum("times"), by=Max("readers"), without_result=Sum("fruitless"))
    shown = rows.filter(by__gte=READERS_TO_SHOW).order_by("-total", "words")
    return list(shown.values("words", "total", "without_result")[:limit])


@periodic(every=timedelta(days=1))
def forget_rare_searches() -> int:
    """Delete queries that fewer than READERS_TO_SHOW searched for, after FORGOTTEN_AFTER.

    Returns how many.
    """
    over = timezone.localdate() - FORGOTTEN_AFTER
    words = SearchDay.objects.exclude(words="").order_by().values("words")
    often = words.annotate(by=Max("readers")).filter(by__gte=READERS_TO_SHOW).values("words")
    old = SearchDay.objects.filter(day__lt=over).exclude(words="").exclude(words__in=often)
    deleted, _by_model = old.delete()
    return deleted
