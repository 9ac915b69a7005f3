"""Counts readers without cookies, third parties or stored IP addresses (docs/decisions/0080).

Each request notes the page in the memory of the process, which takes microseconds. Every FLUSH_SECONDS a
thread hashes the notes and passes them to the worker, which counts. The hash is of IP address, browser and
the day's salt. Hashes and salts are deleted after the day, so that no one can be recognised on another day.
"""

import logging
import re
import secrets
import threading
from collections import Counter, deque
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.http import HttpRequest
from django.utils import timezone

from core.tasks.periodic import periodic
from core.utils.locks import lock_word
from dashboard.models import DayReader, DaySalt, PageDay, ReferrerDay
from dashboard.services.searches import SearchCount, first_counted_day
from posts.models import Post

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 10.0
# If the notes cannot be passed on, the oldest are dropped.
MAX_NOTED = 20_000
# URL names of the pages whose views are counted.
PAGES = {"posts:post-detail", "posts:home", "posts:post-list"}
# Programs that identify themselves. Those that claim to be a browser are counted as one.
BOTS = re.compile(
    r"bot|crawl|spider|slurp|fetch|preview|monitor|scan|check|curl|wget|python|java/|go-http|httpclient|feed|rss|"
    r"headless|lighthouse|facebookexternalhit|embed|archive|okhttp|axios|node|ruby|perl|php",
    re.IGNORECASE,
)


class PageView(NamedTuple):
    """A page view. Anything that takes time is done when the notes are passed on.

    at: Unix time; slug: of a post, "" for any other page; search: of the search page, which does not count as
    a view; sender: REMOTE_ADDR and X-Forwarded-For.
    """

    at: float
    slug: str
    sender: tuple[str, str]
    browser: str
    referrer: str = ""
    search: SearchCount | None = None


_noted: deque[PageView] = deque(maxlen=MAX_NOTED)
_thread_lock = threading.Lock()
_thread: threading.Thread | None = None


@lru_cache(maxsize=2000)
def is_bot(browser: str) -> bool:
    """Whether the User-Agent header is that of a program, or missing."""
    return not browser or bool(BOTS.search(browser))


def note(noted: PageView) -> None:
    """Remember a view until a thread of this process passes it on."""
    _noted.append(noted)
    if _thread is None:
        _start()


def _start() -> None:
    global _thread
    with _thread_lock:
        if _thread is None and settings.COUNT_VIEWS_IN_BACKGROUND:
            _thread = threading.Thread(target=_go_on, name="views", daemon=True)
            _thread.start()


def _go_on() -> None:
    pause = threading.Event()
    while not pause.wait(FLUSH_SECONDS):
        try:
            flush()
        except Exception:
            logger.warning("Views could not be counted.", exc_info=True)
        finally:
            connection.close()


def flush() -> None:
    """Hash the notes of this process and enqueue them for the worker."""
    from dashboard.tasks import count_searches, count_views  # noqa: PLC0415 - tasks import this

    batch = []
    while _noted:
        batch.append(_noted.popleft())
    if not batch:
        return
    salts: dict[date, bytes] = {}
    rows: Counter[tuple[str, str, str, str]] = Counter()
    searches: Counter[tuple[str, str, str, bool]] = Counter()
    for noted in batch:
        day = timezone.localdate(datetime.fromtimestamp(noted.at, tz=UTC))
        if day not in salts:
            salts[day] = salt_of(day)
        address = address_of(noted.sender)
        if noted.search is not None:
            words, is_found = noted.search
            # Different from the hash for views, and different for each query, so that they cannot be linked.
            reader = reader_of(salts[day], address, f"{noted.browser}\0{words}")
            searches[day.isoformat(), words, reader, is_found] += 1
            continue
        reader = reader_of(salts[day], address, noted.browser)
        rows[day.isoformat(), noted.slug, reader, host_of(noted.referrer)] += 1
    if rows:
        count_views.enqueue([[*row, count] for row, count in rows.items()])
    if searches:
        count_searches.enqueue([[*row, count] for row, count in searches.items()])


def address_of(sender: tuple[str, str]) -> str:
    """The reader's IP address according to the trusted proxies; "" if there is none."""
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": sender[0], **({"HTTP_X_FORWARDED_FOR": sender[1]} if sender[1] else {})}
    try:
        return str(get_adapter(request).get_client_ip(request))
    except (PermissionDenied, ImproperlyConfigured):  # the request bypassed the proxies
        return ""


def salt_of(day: date) -> bytes:
    """The salt of a day, shared by all processes."""
    DaySalt.objects.get_or_create(day=day, defaults={"salt": secrets.token_hex(16)})
    return bytes.fromhex(DaySalt.objects.values_list("salt", flat=True).get(day=day))


def reader_of(salt: bytes, address: str, browser: str) -> str:
    """A hash that is the same for one browser at one IP address on one day."""
    return blake2b(f"{address}\0{browser}".encode("utf-8", "replace"), key=salt, digest_size=8).hexdigest()


def host_of(referrer: str) -> str:
    """The host name of an external referrer; "" for this site, none, or an invalid one."""
    try:
        host = (urlsplit(referrer).hostname or "").lower().removeprefix("www.")
    except ValueError:
        return ""
    own = (urlsplit(settings.SITE_URL).hostname or "").removeprefix("www.")
    return "" if host == own or "." not in host else host[:100]


def count_batch(rows: list[list]) -> None:
    """Add a batch of [day, slug, reader, referrer, count] in the worker."""
    posts = dict(Post.objects.filter(slug__in={row[1] for row in rows}).values_list("slug", "pk"))
    views: Counter[tuple[str, int]] = Counter()
    readers: set[tuple[str, int, str]] = set()
    referrers: Counter[tuple[str, str]] = Counter()
    for day, slug, reader, referrer, count in rows:
        for page in {0, posts.get(slug, 0)}:
            views[day, page] += count
            readers.add((day, page, reader))
        if referrer:
            referrers[day, referrer] += count
    with transaction.atomic():
        lock_word("views")
        first = first_counted_day()
        DayReader.objects.bulk_create(
            [
                DayReader(day=day, page=page, reader=reader)
                for day, page, reader in sorted(readers)
                if day >= first
            ],
            ignore_conflicts=True,
            batch_size=500,
        )
        for (day, page), count in sorted(views.items()):
            seen = DayReader.objects.filter(day=day, page=page).count()
            row, _is_new = PageDay.objects.get_or_create(day=day, page=page)
            # Readers of a day whose hashes are deleted cannot be distinguished, so late views count as views
            # only.
            PageDay.objects.filter(pk=row.pk).update(
                views=F("views") + count, readers=Greatest(F("readers"), seen)
            )
        for (day, host), count in sorted(referrers.items()):
            came, _is_new = ReferrerDay.objects.get_or_create(day=day, host=host)
            ReferrerDay.objects.filter(pk=came.pk).update(views=F("views") + count)


@periodic(every=timedelta(hours=1))
def forget_readers() -> int:
    """Delete hashes and salts of days that are over in every time zone. Returns how many hashes."""
    first = first_counted_day()
    deleted, _by_model = DayReader.objects.filter(day__lt=first).delete()
    DaySalt.objects.filter(day__lt=first).delete()
    return deleted
