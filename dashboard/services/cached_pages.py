"""Views that never reach the site: pages that the reverse proxy sent out of its own cache. It logs them here, line by line."""

import json
import time
from typing import Any
from urllib.parse import unquote

from django.urls import Resolver404, resolve

from core.models import SiteSettings
from core.utils.text import storable
from dashboard.services.views import PAGES, Noted, is_bot, note

ANSWERED = {200, 304}
# nginx waits for nobody: what comes later than this was held up somewhere, and what says to come from the future is wrong.
MOST_SECONDS = 3600


def note_line(line: bytes) -> bool:
    """Note a line that the proxy logged, if it is a view. Returns whether it is. Anything may be sent here: it is never wrong.

    Behind the head of a syslog line (RFC 3164) there is a JSON object: at (seconds since 1970), status, method, uri (as it was
    asked for, in percent signs), address, forwarded, browser, referrer, purpose; part: not empty where a script asked for a
    part of a page.
    """
    try:
        said = json.loads(line[line.index(b"{") :].decode("utf-8", "replace"))
        at, path = float(said["at"]), unquote(str(said["uri"]).partition("?")[0])
        match = resolve(path)
        is_view = int(said["status"]) in ANSWERED and said["method"] == "GET" and match.view_name in PAGES
    except (ValueError, OverflowError, TypeError, KeyError, RecursionError, Resolver404):
        return False
    browser = _text(said, "browser")
    is_ahead, is_now = "prefetch" in _text(said, "purpose"), abs(time.time() - at) <= MOST_SECONDS
    if not is_view or is_ahead or not is_now or is_bot(browser) or _text(said, "part"):
        return False
    if not SiteSettings.current().counts_views:
        return False
    sender = _text(said, "address"), _text(said, "forwarded")
    note(Noted(at, match.kwargs.get("slug", ""), sender, browser[:300], _text(said, "referrer")[:500]))
    return True


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name, "")
    return storable(value) if isinstance(value, str) and value != "-" else ""
