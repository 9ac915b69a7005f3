"""The parts of a community that the host can switch on, such as birthdays and events (docs/decisions/0110).

A part that is off has no URLs, links or search results. CONTRIBUTING.md lists what it needs: "A new part".
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import Http404
from django.utils.module_loading import import_string

from core.models import SiteSettings


class PartIsOff(Http404):
    """A URL of a part that is switched off: there may still be links to it in comments and emails."""


@dataclass(frozen=True)
class Part:
    """A part.

    key: the name of its app and URL namespace. page: the URL name for the navigation; "" for none. on_home:
    the path of a function that takes the reader and returns the context of `key/_on_home.html`, shown beside
    the posts of the home page; {} shows nothing. "" for no function. stay: URL names that work while the part
    is off, because someone may depend on them.
    """

    key: str
    label: Any
    help_text: Any
    page: str = ""
    on_home: str = ""
    stay: frozenset[str] = frozenset()


@cache
def parts() -> dict[str, Part]:
    """All parts by key, in the order of settings.COMMUNITY_PARTS."""
    known: list[Part] = [import_string(path) for path in settings.COMMUNITY_PARTS]
    return {part.key: part for part in known}


def is_on(key: str) -> bool:
    return key in SiteSettings.current().parts


def parts_that_are_on() -> frozenset[str]:
    """The keys of enabled parts. What depends on them is cached for each set of them."""
    return frozenset(SiteSettings.current().parts)


def parts_in_navigation() -> list[Part]:
    """Enabled parts that have a page, in order."""
    switched_on = SiteSettings.current().parts
    return [part for part in parts().values() if part.page and part.key in switched_on] if switched_on else []


def blocks_on_home(reader: Any) -> list[tuple[str, dict[str, Any]]]:
    """Templates and contexts of what enabled parts show on the home page, in order."""
    switched_on = SiteSettings.current().parts
    found = [
        (f"{part.key}/_on_home.html", import_string(part.on_home)(reader))
        for part in parts().values()
        if part.on_home and part.key in switched_on
    ]
    return [(template, context) for template, context in found if context]
