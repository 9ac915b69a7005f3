"""A value that many requests need at the same time is computed by one of them."""

from threading import Barrier, Event, Thread

import pytest
from django.core.cache.backends.dummy import DummyCache

from core.pagecache import making
from core.pagecache.backend import ObjectCache
from core.pagecache.making import made_once


@pytest.fixture
def cache(request):
    cache = ObjectCache(request.node.name, {})
    yield cache
    cache.clear()


def test_one_makes_it_and_the_others_wait_for_it(cache):
    begun, may_end, made, got = Event(), Event(), [], []

    def make() -> str:
        begun.set()
        may_end.wait(60)
        made.append(1)
        return "a page"

    threads = [Thread(target=lambda: got.append(made_once(cache, "key", make))) for _ in range(4)]
    threads[0].start()
    begun.wait(60)
    for thread in threads[1:]:
        thread.start()
    may_end.set()
    for thread in threads:
        thread.join(5)
    assert (made, got, making._being_made) == ([1], ["a page"] * 4, {})


def test_what_fails_is_tried_by_the_next(cache):
    with pytest.raises(ZeroDivisionError):
        made_once(cache, "key", lambda: 1 // 0)
    assert made_once(cache, "key", lambda: "a page") == "a page"
    assert making._being_made == {}


def test_different_things_do_not_wait_for_each_other(cache):
    meeting = Barrier(2, timeout=60)
    got = []

    def make() -> int:
        return meeting.wait() + 1  # both are in here at the same time, or it fails

    threads = [Thread(target=lambda k=k: got.append(made_once(cache, k, make))) for k in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert sorted(got) == [1, 2]


def test_where_nothing_is_kept_each_makes_its_own():
    made = []
    for number in range(2):
        made_once(DummyCache("", {}), "key", lambda number=number: made.append(number) or "a page")
    assert made == [0, 1]
