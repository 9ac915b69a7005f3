"""Checks for a newer version of this software, if the host allows it (UPDATE_URL)."""

import json
import re
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache

from core.tasks.periodic import periodic
from core.utils.http_client import FetchError, Rules, fetch, public_web

KEPT, KEPT_SECONDS = "newest-version", 8 * 86_400
VERSION = re.compile(r"v?(\d{1,6}(?:\.\d{1,6}){0,3})")
MAX_BYTES = 200_000


def parts_of(version: str) -> tuple[int, ...]:
    """For comparison. Empty if it is not a version, or a pre-release ("1.0rc1")."""
    found = VERSION.fullmatch(version.strip())
    numbers = [int(part) for part in found[1].split(".")] if found else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def read_version(text: str) -> str:
    """The version in a response: plain text, or JSON with `version` or (GitHub, Forgejo)

    `tag_name`; else "".
    """
    with suppress(ValueError, AttributeError):
        found = json.loads(text)
        text = str(found.get("version") or found.get("tag_name") or "")
    return text.strip().removeprefix("v") if parts_of(text) else ""


@periodic(every=timedelta(hours=24))
def fetch_newest_version(rules: Rules | None = None) -> None:
    """One request per day, which reveals nothing but this server's IP address."""
    if not settings.UPDATE_URL:
        return
    rules = replace(rules or public_web(), max_bytes=MAX_BYTES, accept="application/json, text/plain")
    with suppress(FetchError):  # retried tomorrow
        page = fetch(settings.UPDATE_URL, rules)
        if page.status == 200 and (version := read_version(page.text)):
            cache.set(KEPT, version, KEPT_SECONDS)


def newer_than(own: str) -> str:
    """The newest known version, if it is newer; else ""."""
    newest = cache.get(KEPT) or ""
    return newest if settings.UPDATE_URL and parts_of(newest) > parts_of(own) else ""
