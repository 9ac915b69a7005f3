"""What was searched for: counted like views, without anything that says who (docs/decisions/0080)."""

from collections import Counter
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, Max, Sum
from django.utils import timezone

from core.tasks.periodic import periodic
from core.utils.locks import lock_word
from dashboard.models import DayReader, SearchDay

# What fewer readers have searched for on one day is shown to nobody, and forgotten: it may say who they are. Days cannot be added
# up: nobody knows whether it was one reader on three of them.
READERS_TO_SHOW = 3
# So many different ones are kept of one day. Whoever sends more does not fill the disk; they are counted, without their words.
MOST_A_DAY = 2_000
FORGOTTEN_AFTER = timedelta(days=60)
LONGEST = 60
# Where DayReader holds those of the searches, so that one browser counts once a day.
PAGE_OF_SEARCHES = 2**62
SHOWN = 10
IN_FILE = 1000


class Searched(NamedTuple):
    words: str
    is_found: bool


def tidy(typed: str) -> str:
    """As it is counted: the same whatever the case and the blanks. "" for what may be a secret: addresses, long numbers."""
    words = " ".join(typed.casefold().split())
    is_secret = "@" in words or sum(char.isdigit() for char in words) > MOST_DIGITS
    return "" if is_secret else words[:LONGEST].strip()


# A year or a date is no phone number.
MOST_DIGITS = 8


def first_day_kept() -> str:
    """Of earlier days, which are over everywhere, nothing is kept by which a reader could be recognised."""
    return (timezone.localdate() - timedelta(days=1)).isoformat()


def count_batch(rows: list[list]) -> None:
    """Add a batch of [day, words, reader, is_found, count] to the days. Run by the worker."""
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
        kept: dict[str, set[str]] = {}
        for day, pairs in seen.items():
            kept[day] = _kept_of(day, {words for words, _reader in pairs})
            # Of a day that is over nobody knows who was counted already: the words would look like those of several.
            here = {pair for pair in pairs if pair[0] in kept[day]}
            new = _new_today(day, here) if day >= first_day_kept() else []
            readers.update((day, words) for words in new)
        for (day, words), count in sorted(times.items()):
            if words not in kept[day]:
                continue
            row, _is_new = SearchDay.objects.get_or_create(day=day, words=words)
            SearchDay.objects.filter(pk=row.pk).update(
                times=F("times") + count,
                fruitless=F("fruitless") + fruitless[day, words],
                readers=F("readers") + readers[day, words],
            )


def _kept_of(day: str, asked: set[str]) -> set[str]:
    """Those that are counted by their words: known today, or new while there is room. And "", which counts all."""
    today = SearchDay.objects.filter(day=day)
    known = set(today.filter(words__in=asked).values_list("words", flat=True))
    room = max(0, MOST_A_DAY - today.exclude(words="").count())
    return {"", *known, *sorted(asked - known - {""})[:room]}


def _new_today(day: str, pairs: set[tuple[str, str]]) -> list[str]:
    """The words of those whose reader has not searched for them before on that day."""
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
    """What several readers searched for: {words, total, without_result}, the most frequent first."""
    rows = SearchDay.objects.filter(day__gte=since).exclude(words="").values("words")
    rows = rows.annotate(total=Sum("times"), by=Max("readers"), without_result=Sum("fruitless"))
    shown = rows.filter(by__gte=READERS_TO_SHOW).order_by("-total", "words")
    return list(shown.values("words", "total", "without_result")[:limit])


@periodic(every=timedelta(days=1))
def forget_rare_searches() -> int:
    """Delete what fewer than READERS_TO_SHOW have searched for in FORGOTTEN_AFTER. Returns how many rows."""
    over = timezone.localdate() - FORGOTTEN_AFTER
    words = SearchDay.objects.exclude(words="").order_by().values("words")
    often = words.annotate(by=Max("readers")).filter(by__gte=READERS_TO_SHOW).values("words")
    old = SearchDay.objects.filter(day__lt=over).exclude(words="").exclude(words__in=often)
    deleted, _by_model = old.delete()
    return deleted
