"""Separators for lists that are not part of a translated sentence, and their end."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.formats import number_format
from django.utils.translation import get_language


class Marks(NamedTuple):
    comma: str = ", "
    semicolon: str = "; "
    stop: str = "."
    space: str = " "


_MARKS = {
    "ar": Marks("، ", "؛ "),
    "fa": Marks("، ", "؛ "),
    "ja": Marks("、", "\uff1b", "。", ""),
    "zh": Marks("、", "\uff1b", "。", ""),
}


def marks() -> Marks:
    """Those of the current language."""
    return _MARKS.get((get_language() or "").partition("-")[0], Marks())


def with_commas(items: Iterable[object]) -> str:
    return marks().comma.join(map(str, items))


def with_semicolons(items: Iterable[object]) -> str:
    return marks().semicolon.join(map(str, items))


def grouped(number: int) -> str:
    """A number with digit grouping in the current language: 1,234 or 1.234."""
    return number_format(number, force_grouping=True)
