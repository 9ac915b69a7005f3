"""Protection against a cache stampede: of simultaneous requests, one makes the value."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from threading import Lock
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache.backends.base import BaseCache

Made = TypeVar("Made")

_registry = Lock()
# Keys that this process is computing: the lock, and the number of threads that hold it or wait for it.
_being_made: dict[str, tuple[Lock, int]] = {}


def made_once(cache: BaseCache, key: str, make: Callable[[], Made]) -> Made:
    """The cached value of the key, computed if it is missing.

    Other threads wait instead of computing it too.
    """
    value: Made | None = cache.get(key)
    if value is not None:
        return value
    with _alone(key):
        value = cache.get(key)
        if value is None:
            value = make()
            cache.set(key, value)
        return value


def digest(state: list[Any]) -> str:
    """A keyed hash of a state, 32 characters long.

    Without the site's secret, the state cannot be derived from it.
    """
    return blake2b(repr(state).encode(), digest_size=16, key=settings.SECRET_KEY.encode()[:64]).hexdigest()


@contextmanager
def _alone(key: str) -> Iterator[None]:
    with _registry:
        lock, count = _being_made.get(key, (Lock(), 0))
        _being_made[key] = (lock, count + 1)
    try:
        with lock:
            yield
    finally:
        with _registry:
            lock, count = _being_made[key]
            if count > 1:
                _being_made[key] = (lock, count - 1)
            else:
                del _being_made[key]
