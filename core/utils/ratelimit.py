"""Rate limits.

Counted from stored rows, so they hold across processes and restarts. Actions without rows are counted in the
cache.
"""

import ipaddress
import math
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

Rate = tuple[int, int]
"""A number, and the seconds in which it is allowed."""


class TooFast(Exception):
    """A rate limit is exceeded. `wait_seconds`: when to try again (HTTP Retry-After)."""

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(f"wait {wait_seconds} seconds")
        self.wait_seconds = wait_seconds

    @property
    def wait_minutes(self) -> int:
        """The same in minutes, rounded up: after so many it is certainly over."""
        return math.ceil(self.wait_seconds / 60)

    @property
    def wait_hours(self) -> int:
        """The same in hours, rounded up."""
        return math.ceil(self.wait_seconds / 3600)


def check_rates(rows: models.QuerySet, rates: Iterable[Rate], field: str = "created_at") -> None:
    """Raise TooFast if one of the rates is used up by the given rows.

    rows: everything of this kind that the member did, in any order; field: its time.
    """
    rates = list(rates)
    if not rates or not settings.RATE_LIMITS:
        return
    since = timezone.now() - timedelta(seconds=max(seconds for _count, seconds in rates))
    stamps = rows.filter(**{f"{field}__gt": since}).order_by(f"-{field}").values_list(field, flat=True)
    check_stamps(list(stamps[: max(count for count, _seconds in rates)]), rates)


def check_stamps(stamps: Sequence[datetime], rates: Iterable[Rate]) -> None:
    """The same for times that were read already, newest first: as many as the largest rate counts."""
    if not settings.RATE_LIMITS:
        return
    now = timezone.now()
    for count, seconds in rates:
        since = now - timedelta(seconds=seconds)
        oldest_that_counts = stamps[count - 1] if len(stamps) >= count else since
        if oldest_that_counts > since:
            raise TooFast(max(1, math.ceil((oldest_that_counts - since).total_seconds())))


def check_hits(what: str, who: int | str, rates: Iterable[Rate]) -> None:
    """Count one more, and raise TooFast if it exceeds one of the rates. For actions that leave no row.

    The windows are fixed, so up to twice the number is possible across their border.
    """
    if not settings.RATE_LIMITS:
        return
    now = int(time.time())
    for count, seconds in rates:
        key = _window(what, who, seconds, now)
        cache.add(key, 0, timeout=seconds)
        try:
            hits = cache.incr(key)
        except ValueError:  # it expired between the two lines: a new window
            hits = 1
        if hits > count:
            raise TooFast(seconds - now % seconds)


def is_used_up(what: str, who: int | str, rates: Iterable[Rate]) -> bool:
    """Whether `check_hits` would refuse one more. Counts nothing."""
    now = int(time.time())
    return settings.RATE_LIMITS and any(
        cache.get(_window(what, who, seconds, now), 0) >= count for count, seconds in rates
    )


def _window(what: str, who: int | str, seconds: int, now: int) -> str:
    return f"hits:{what}:{who}:{seconds}:{now // seconds}"


def network_of(address: str) -> str:
    """What counts as one sender: an IPv4 address, or the /64 network of an IPv6 address. "" if invalid."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ipaddress.ip_network((ip, 32 if ip.version == 4 else 64), strict=False))


def sender_key(address: str) -> str:
    """A keyed hash of the sender (see network_of).

    All senders without an address count as one. Like the limits of sign-in, this needs a correct
    TRUSTED_PROXY_COUNT.
    """
    return salted_hmac("core.ratelimit", network_of(address), algorithm="sha256").hexdigest()[:32]
