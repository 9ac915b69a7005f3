"""Cache backends: for immutable objects, for counting in the database, and one with a fallback for Redis."""

import base64
import logging
import pickle
import sys
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from threading import Lock
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.redis import RedisCache
from django.db import OperationalError, router, transaction
from django.utils import timezone

logger = logging.getLogger(__name__)


@dataclass
class _Store:
    lock: Lock = field(default_factory=Lock)
    # The value, when it expires (None: never), and its weight; the least recently used first.
    kept: OrderedDict[str, tuple[Any, float | None, int]] = field(default_factory=OrderedDict)
    weight: int = 0

    def drop(self, key: str) -> bool:
        _value, _until, weight = self.kept.pop(key, (None, None, -1))
        self.weight -= max(weight, 0)
        return weight >= 0


# One for each LOCATION, shared by the cache objects that Django creates for each thread.
_stores: defaultdict[str, _Store] = defaultdict(_Store)


def weight_of(value: Any) -> int:
    """The approximate size of an object in bytes: its own estimate (`weight`), or that of its text."""
    own = getattr(value, "weight", None)
    return int(own) if own is not None else sys.getsizeof(value)


class ObjectCache(BaseCache):
    """In the memory of the process, without pickling: stored objects must never be changed.

    Above MAX_ENTRIES, or MAX_BYTES in total, the least recently used are dropped.
    """

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._store = _stores[name]
        self._max_bytes = int((params.get("OPTIONS") or {}).get("MAX_BYTES", 32_000_000))

    def validate_key(self, key: str) -> None:
        """Any text is a key: memcached's rules, which Django checks character by character, don't apply."""

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        key = self.make_and_validate_key(key, version=version)
        with self._store.lock:
            value, until, _weight = self._store.kept.get(key, (default, None, 0))
            if until is not None and until <= time.time():
                self._store.drop(key)
                return default
            if key in self._store.kept:
                self._store.kept.move_to_end(key)
            return value

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        key = self.make_and_validate_key(key, version=version)
        with self._store.lock:
            self._store.drop(key)
            weight = weight_of(value)
            self._store.kept[key] = (value, self.get_backend_timeout(timeout), weight)
            self._store.weight += weight
            while len(self._store.kept) > self._max_entries or self._store.weight > self._max_bytes:
                self._store.drop(next(iter(self._store.kept)))

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        if self.has_key(key, version=version):
            return False
        self.set(key, value, timeout, version)
        return True

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        missing = object()
        value = self.get(key, missing, version)
        if value is missing:
            return False
        self.set(key, value, timeout, version)
        return True

    def delete(self, key: str, version: int | None = None) -> bool:
        key = self.make_and_validate_key(key, version=version)
        with self._store.lock:
            return self._store.drop(key)

    def clear(self) -> None:
        with self._store.lock:
            self._store.kept.clear()
            self._store.weight = 0


class CountingCache(DatabaseCache):
    """The table for rate limits. A count that cannot be written is an error, not an exceeded limit.

    Django's own add() returns False when the database is read-only, just as for an existing key, and
    django-allauth takes that for "too many attempts".
    """

    TRIES, SECONDS = 3, 0.5

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Raises OperationalError if the row could not be written; the text of a form is kept then."""
        began = time.monotonic()
        for _try in range(self.TRIES):
            if super().add(key, value, timeout, version):
                return True
            if self.has_key(key, version):
                return False
            # Deleted by another request in between: try again. But after waiting for the lock once, don't
            # wait again.
            if time.monotonic() - began > self.SECONDS:
                break
        raise OperationalError("The table of the cache takes no writes.")

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Increment under a lock and keep the expiry. Django's own reads, then writes for five minutes.

        Raises ValueError if there is no such key (any more), and OperationalError if it could not be written.
        """
        from core.models.machinery import CacheEntry  # noqa: PLC0415 - caches exist before models

        row_key = self.make_and_validate_key(key, version=version)
        alias = router.db_for_write(self.cache_model_class)
        with transaction.atomic(using=alias):
            row = CacheEntry.objects.using(alias).select_for_update().filter(cache_key=row_key).first()
            if row is None or row.expires < timezone.now():
                raise ValueError(f"There is no {key!r} to count.")
            count: int = pickle.loads(base64.b64decode(row.value)) + delta  # noqa: S301 - our own value
            row.value = base64.b64encode(pickle.dumps(count, self.pickle_protocol)).decode("ascii")
            row.save(update_fields=["value"], using=alias)
        return count


REDIS_SECONDS = 0.3
"""How long a request waits for Redis."""
ASK_AGAIN_SECONDS = 5.0
"""How long an unavailable Redis is not tried again. Then one request tries, and the others do without it."""

# For caches that are unavailable: the time of the next attempt, by LOCATION.
_away: dict[str, float] = {}


def _else_without_redis(name: str) -> Any:
    """The method of RedisCache or, while Redis is unavailable, of the other cache."""
    with_redis: Callable[..., Any] = getattr(RedisCache, name)

    @wraps(with_redis)
    def method(self: "RedisWithFallback", *args: Any, **kwargs: Any) -> Any:
        now = time.monotonic()
        again = _away.get(self.location)
        if again is None or again <= now:
            if again is not None:
                _away[self.location] = now + ASK_AGAIN_SECONDS
            try:
                answer = with_redis(self, *args, **kwargs)
            except self.errors as error:
                if self.location not in _away:
                    logger.warning(
                        "Redis is unavailable; the cache %r is used instead: %s", self.otherwise, error
                    )
                _away[self.location] = time.monotonic() + ASK_AGAIN_SECONDS
            else:
                if _away.pop(self.location, None) is not None:
                    logger.warning("Redis is available again.")
                return answer
        return getattr(caches[self.otherwise], name)(*args, **kwargs)

    return method


class RedisWithFallback(RedisCache):
    """Redis or, while it is unavailable, loading, full or read-only, the cache named by OPTIONS["OTHERWISE"].

    Limits are then counted there, from zero: never stricter than without Redis, never without a limit.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        from redis.exceptions import RedisError  # noqa: PLC0415 - not loaded by sites without Redis

        options = {
            "socket_timeout": REDIS_SECONDS,
            "socket_connect_timeout": REDIS_SECONDS,
            **params.get("OPTIONS", {}),
        }
        self.location, self.otherwise, self.errors = server, options.pop("OTHERWISE"), (RedisError, OSError)
        super().__init__(server, params | {"OPTIONS": options})

    def ask(self) -> None:
        """Check that Redis itself responds and accepts writes. Raises its errors."""
        RedisCache.set(self, "ready", 1, 60)

    add = _else_without_redis("add")
    get = _else_without_redis("get")
    set = _else_without_redis("set")
    touch = _else_without_redis("touch")
    delete = _else_without_redis("delete")
    get_many = _else_without_redis("get_many")
    has_key = _else_without_redis("has_key")
    incr = _else_without_redis("incr")
    set_many = _else_without_redis("set_many")
    delete_many = _else_without_redis("delete_many")
    clear = _else_without_redis("clear")
