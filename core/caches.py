"""A cache for values that nobody changes."""

import time
from collections import OrderedDict, defaultdict
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache


@dataclass
class _Store:
    lock: Lock = field(default_factory=Lock)
    # The value, and until when it is kept (None: always); the least recently used first.
    kept: OrderedDict[str, tuple[Any, float | None]] = field(default_factory=OrderedDict)


# One for each LOCATION: Django makes a cache for each thread, and they all look into it.
_stores: defaultdict[str, _Store] = defaultdict(_Store)


class ObjectCache(BaseCache):
    """In the memory of the process, and the objects themselves: nothing is pickled, so what is put in must never be changed.

    Over MAX_ENTRIES the least recently used one goes.
    """

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._store = _stores[name]

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        key = self.make_and_validate_key(key, version=version)
        with self._store.lock:
            value, until = self._store.kept.get(key, (default, None))
            if until is not None and until <= time.time():
                del self._store.kept[key]
                return default
            if key in self._store.kept:
                self._store.kept.move_to_end(key)
            return value

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        key = self.make_and_validate_key(key, version=version)
        with self._store.lock:
            self._store.kept[key] = (value, self.get_backend_timeout(timeout))
            self._store.kept.move_to_end(key)
            while len(self._store.kept) > self._max_entries:
                self._store.kept.popitem(last=False)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        if self.has_key(key, version=version):
            return False
        self.set(key, value, timeout, version)
        return True

    def delete(self, key: str, version: int | None = None) -> bool:
        key = self.make_and_validate_key(key, version=version)
        with self._store.lock:
            return self._store.kept.pop(key, None) is not None

    def clear(self) -> None:
        with self._store.lock:
            self._store.kept.clear()
