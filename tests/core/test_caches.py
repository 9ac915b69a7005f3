"""The cache that stores objects without copying them."""

from datetime import timedelta
from threading import Thread

import pytest
import time_machine
from django.utils import timezone

from core.pagecache.backend import ObjectCache


@pytest.fixture
def cache():
    cache = ObjectCache("for tests", {"OPTIONS": {"MAX_ENTRIES": 3}, "TIMEOUT": 60})
    yield cache
    cache.clear()


def test_what_was_put_in_comes_out_itself(cache):
    thing = object()
    cache.set("thing", thing)
    assert (cache.get("thing"), cache.get("nothing"), cache.get("nothing", 7)) == (thing, None, 7)


def test_all_threads_look_into_the_same_place(cache):
    other = Thread(target=lambda: ObjectCache("for tests", {}).set("said", "elsewhere"))
    other.start()
    other.join()
    assert cache.get("said") == "elsewhere"


def test_the_least_recently_used_goes_first(cache):
    for number in range(3):
        cache.set(f"{number}", number)
    cache.get("0")
    cache.set("3", 3)
    assert [cache.get(f"{number}") for number in range(4)] == [0, None, 2, 3]


def test_nothing_is_kept_longer_than_it_was_said(cache):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        cache.set("a-minute", 1)
        cache.set("an-hour", 2, 3600)
        cache.set("always", 3, None)
        clock.shift(timedelta(seconds=61))
        assert cache.get_many(["a-minute", "an-hour", "always"]) == {"an-hour": 2, "always": 3}


def test_it_does_what_every_cache_does(cache):
    assert [cache.add("one", 1), cache.add("one", 2), cache.get("one")] == [True, False, 1]
    assert [cache.delete("one"), cache.delete("one"), cache.get("one")] == [True, False, None]
