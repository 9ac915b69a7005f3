"""The parts of a community that the host switches on one by one: birthdays, events, rooms and others (docs/decisions/0110).

A part that is off has no address, no link and no search result. What it needs is listed in CONTRIBUTING.md, "A new part".
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import Http404
from django.utils.module_loading import import_string

from core.models import SiteSettings


class PartIsOff(Http404):
    """The address of a part that is switched off: links to it may still be in comments and emails."""


@dataclass(frozen=True)
class Part:
    """key: the name of its app and of its addresses. page: the name of the address in the navigation; "" for none.

    on_home: the path of a function that is given the reader and returns what the template `key/_on_home.html` shows beside
    the posts of the home page; nothing to be shown: {}. "" for no such place.
    stay: names of addresses that answer while the part is off too, since somebody may depend on them.
    """

    key: str
    label: Any
    help_text: Any
    page: str = ""
    on_home: str = ""
    stay: frozenset[str] = frozenset()


@cache
def parts() -> dict[str, Part]:
    """All there are, in the order of settings.COMMUNITY_PARTS."""
    known: list[Part] = [import_string(path) for path in settings.COMMUNITY_PARTS]
    return {part.key: part for part in known}


def is_on(key: str) -> bool:
    return key in SiteSettings.current().parts


def parts_that_are_on() -> frozenset[str]:
    """Their keys: what is kept and depends on them is kept for each set of them."""
    return frozenset(SiteSettings.current().parts)


def parts_in_navigation() -> list[Part]:
    """Those that are on and have a page, in their order."""
    switched_on = SiteSettings.current().parts
    return [part for part in parts().values() if part.page and part.key in switched_on] if switched_on else []


def blocks_on_home(reader: Any) -> list[tuple[str, dict[str, Any]]]:
    """Template and context of what the parts that are on have to say on the home page, in their order."""
    switched_on = SiteSettings.current().parts
    found = [
        (f"{part.key}/_on_home.html", import_string(part.on_home)(reader))
        for part in parts().values()
        if part.on_home and part.key in switched_on
    ]
    return [(template, context) for template, context in found if context]
