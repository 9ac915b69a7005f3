"""The parts of a community that the host switches on one by one: birthdays, events, party mode (docs/decisions/0110).

A part that is off has no address, no link and no search result. What it needs is listed in CONTRIBUTING.md, "A new part".
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from core.models import SiteSettings


@dataclass(frozen=True)
class Part:
    """key: the name of its app and of its addresses. page: the name of the address in the navigation; "" for none."""

    key: str
    label: Any
    help_text: Any
    page: str = ""


@cache
def parts() -> dict[str, Part]:
    """All there are, in the order of settings.COMMUNITY_PARTS."""
    known: list[Part] = [import_string(path) for path in settings.COMMUNITY_PARTS]
    return {part.key: part for part in known}


def is_on(key: str) -> bool:
    return key in SiteSettings.current().parts


def parts_in_navigation() -> list[Part]:
    """Those that are on and have a page, in their order."""
    switched_on = SiteSettings.current().parts
    return [part for part in parts().values() if part.page and part.key in switched_on] if switched_on else []
