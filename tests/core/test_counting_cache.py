"""Rate limits counted in a database table, as without Redis: over a day, and with concurrent requests."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction

from core.utils.ratelimit import TooFast, check_hits
from tests.comments.test_concurrency import in_threads

pytestmark = pytest.mark.sql

TEN = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def counted_in_the_database(settings):
    settings.CACHES = settings.CACHES | {
        "default": {"BACKEND": "core.pagecache.backend.CountingCache", "LOCATION": "core_cacheentry"}
    }


@pytest.mark.django_db
def test_a_limit_for_an_hour_holds_for_the_hour():
    waits = {}
    with time_machine.travel(TEN, tick=False) as clock:
        for minute in (0, 1, 2, 3, 10, 30, 59, 60):
            clock.move_to(TEN + timedelta(minutes=minute))
            try:
                check_hits("anything", 1, [(3, 3600)])
            except TooFast as refusal:
                waits[minute] = refusal.wait_seconds
            else:
                waits[minute] = 0
    assert waits == {0: 0, 1: 0, 2: 0, 3: 57 * 60, 10: 50 * 60, 30: 30 * 60, 59: 60, 60: 0}


@pytest.mark.django_db
def test_counting_keeps_the_end_and_what_has_ended_or_never_was_is_not_counted():
    with time_machine.travel(TEN, tick=False) as clock:
        cache.add("an-hour", 5, timeout=3600)
        cache.set("always", 5, timeout=None)
        clock.shift(timedelta(minutes=59))
        assert [cache.incr("an-hour"), cache.incr("an-hour", 3), cache.decr("an-hour")] == [6, 9, 8]
        clock.shift(timedelta(minutes=2))
        assert [cache.get("an-hour"), cache.incr("always")] == [None, 6]
        for key in ("an-hour", "never"):
            with pytest.raises(ValueError, match=key):
                cache.incr(key)


@pytest.mark.django_db(transaction=True)
def test_none_of_those_who_count_at_the_same_time_is_lost():
    cache.add("all", 0, timeout=3600)
    counted: list[int] = []
    in_threads([lambda: counted.extend(cache.incr("all") for _ in range(25))] * 4)
    assert (sorted(counted), cache.get("all")) == (list(range(1, 101)), 100)


@pytest.mark.django_db(transaction=True)
def test_what_is_counted_in_a_transaction_that_fails_is_not_counted():
    cache.add("all", 0, timeout=3600)
    with transaction.atomic():
        cache.incr("all")
        transaction.set_rollback(True)
    assert cache.incr("all") == 1
