"""Icons that are part of the page instead of a separate file."""

import re
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.utils.safestring import SafeString, mark_safe

SYMBOL = re.compile(r'<symbol id="([^"]+)" viewBox="0 0 24 24">(.+?)</symbol>', re.DOTALL)


@lru_cache(maxsize=1)
def drawn_icons() -> dict[str, SafeString]:
    """The icons of static/icons.svg by name.

    A page with many icons would be laid out again when that file arrives.
    """
    sprite = finders.find("icons.svg")
    drawings = SYMBOL.findall(Path(sprite).read_text(encoding="utf-8")) if sprite else []
    return {
        name: mark_safe(f'<svg class="i" viewBox="0 0 24 24" aria-hidden="true">{drawing}</svg>')  # noqa: S308 - our own file
        for name, drawing in drawings
    }
