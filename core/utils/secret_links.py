"""URLs that give access by themselves, such as the link in an email to a guest.

Their secret parts must not get into logs or to other services.
"""

import re
import sys
from collections.abc import Iterator
from functools import lru_cache

from django.conf import settings
from django.urls import URLResolver, get_resolver

SECRET = ("token", "secret")
"""The names of URL parameters that give access (`<str:token>`)."""
HIDDEN = "…"


def without_secrets(text: str) -> str:
    """The text without the secret parts of this site's URLs, even of truncated ones."""
    pattern = _pattern() if "/" in text and _are_addresses_known() else None
    return pattern.sub(rf"\g<before>{HIDDEN}", text) if pattern else text


def addresses_with_secrets() -> list[str]:
    """The patterns of such URLs, like "events/guests/%(pk)s/%(token)s/"."""
    return sorted({made for made in _addresses(get_resolver()) if _first_secret(made)})


def _are_addresses_known() -> bool:
    """False while the URL configuration is being loaded; what is logged then is about no request."""
    return hasattr(sys.modules.get(settings.ROOT_URLCONF), "urlpatterns")


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str] | None:
    befores = {made.partition(f"%({_first_secret(made)})s")[0] for made in addresses_with_secrets()}
    if not befores:
        return None
    each = "|".join(
        r"[^/\s]+".join(map(re.escape, re.split(r"%\(\w+\)s", before))) for before in sorted(befores)
    )
    return re.compile(rf"(?P<before>/(?:{each}))[^/?#\s]+")


def _first_secret(made: str) -> str:
    return next((name for name in re.findall(r"%\((\w+)\)s", made) if name in SECRET), "")


def _addresses(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for _name, found in resolver.reverse_dict.lists():
        for possibilities, *_rest in found:
            yield from (before + made for made, _names in possibilities)
    for prefix, inner in resolver.namespace_dict.values():
        yield from _addresses(inner, before + prefix)
