"""What other apps store about an email address without an account (settings.GUEST_DATA_PARTS)."""

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
    """An app's part of a guest's data.

    key: its name in the download; title: its heading on the page; erased: a sentence on what erasing does
    to it, "" if the sentence about comments covers it.

    rows: returns everything stored about an address in lowercase, oldest first, as plain values. The page
    shows "title", linked to "address", and "says". The app erases its data when it receives the signal
    guest_erased.
    """

    key: str
    title: str | Promise
    rows: Callable[[str], Iterable[Row]]
    erased: str | Promise


@cache
def guest_parts() -> list[GuestPart]:
    """What each app stores about people without an account, besides comments."""
    return [import_string(path) for path in settings.GUEST_DATA_PARTS]


def other_data(email: str) -> list[tuple[GuestPart, list[Row]]]:
    """The parts that store anything about this address, with their rows."""
    found = [(part, list(part.rows(email))) for part in guest_parts()]
    return [(part, rows) for part, rows in found if rows]
