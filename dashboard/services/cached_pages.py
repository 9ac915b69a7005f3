"""Counts views of pages that the reverse proxy served from its cache, from the proxy's log messages."""

import json
import time
from typing import Any
from urllib.parse import unquote

from django.urls import Resolver404, resolve

from core.models import SiteSettings
from core.utils.text import storable
from dashboard.services.views import PAGES, PageView, is_bot, note

ANSWERED = {200, 304}
# nginx logs at once, so older messages were delayed somewhere, and those from the future are wrong.
MAX_SECONDS = 3600


def note_line(line: bytes) -> bool:
    """Count a logged request if it is a view. Returns whether it is. Invalid input is ignored.

    The message has a syslog header (RFC 3164) and a JSON object: at (Unix time), status, method, uri
    (percent-encoded, as requested), address, forwarded, browser, referrer, purpose; part: not empty if a
    script requested a part of a page.
    """
    try:
        entry = json.loads(line[line.index(b"{") :].decode("utf-8", "replace"))
        at, path = float(entry["at"]), unquote(str(entry["uri"]).partition("?")[0])
        match = resolve(path)
        is_view = int(entry["status"]) in ANSWERED and entry["method"] == "GET" and match.view_name in PAGES
    except (ValueError, OverflowError, TypeError, KeyError, RecursionError, Resolver404):
        return False
    browser = _text(entry, "browser")
    is_ahead, is_now = "prefetch" in _text(entry, "purpose"), abs(time.time() - at) <= MAX_SECONDS
    if not is_view or is_ahead or not is_now or is_bot(browser) or _text(entry, "part"):
        return False
    if not SiteSettings.current().counts_views:
        return False
    sender = _text(entry, "address"), _text(entry, "forwarded")
    note(PageView(at, match.kwargs.get("slug", ""), sender, browser[:300], _text(entry, "referrer")[:500]))
    return True


def _text(entry: dict[str, Any], name: str) -> str:
    value = entry.get(name, "")
    return storable(value) if isinstance(value, str) and value != "-" else ""
