"""What many ask for at the same time is made by one of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TypeVar

from django.core.cache.backends.base import BaseCache

Made = TypeVar("Made")

_registry = Lock()
# What is being made in this process: its lock, and how many hold it or wait for it.
_being_made: dict[str, tuple[Lock, int]] = {}


def made_once(cache: BaseCache, key: str, make: Callable[[], Made]) -> Made:
    """The value of the key, made if it is not there. Whoever comes meanwhile waits for it instead of making it too."""
    value: Made | None = cache.get(key)
    if value is not None:
        return value
    with _alone(key):
        value = cache.get(key)
        if value is None:
            value = make()
            cache.set(key, value)
        return value


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
