"""What else is stored with the address of somebody without an account, from each later app (settings.GUEST_DATA_PARTS)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string

Row = dict[str, Any]


@dataclass(frozen=True)
class GuestPart:
    """key: its name in the download; title: its heading on the page; erased: a sentence on what becomes of it, "" where that
    is said of the comments.

    rows: everything stored with an address in lowercase, oldest first, as plain values. The page shows "title", which leads to
    "address", and "says". The app does what `erased` promises when it hears the signal guest_erased.
    """

    key: str
    title: str | Promise
    rows: Callable[[str], Iterable[Row]]
    erased: str | Promise


@cache
def guest_parts() -> list[GuestPart]:
    return [import_string(path) for path in settings.GUEST_DATA_PARTS]


def other_data(email: str) -> list[tuple[GuestPart, list[Row]]]:
    """The parts that have anything of this address."""
    found = [(part, list(part.rows(email))) for part in guest_parts()]
    return [(part, rows) for part, rows in found if rows]
