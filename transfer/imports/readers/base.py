"""The interface of a reader."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from transfer.imports.bundle import Bundle
from transfer.imports.stream import Thing


@dataclass(frozen=True)
class Format:
    """matches: whether an export is of this system, by its contents.

    read: yields everything in it, in any order; raises ImportRefused.
    """

    name: str
    label: str
    matches: Callable[[Bundle], bool]
    read: Callable[[Bundle], Iterator[Thing]]


def only_name(bundle: Bundle, *endings: str) -> str:
    """The main file of an export: its only file, or the only one with this extension; else ""."""
    names = bundle.names if bundle.is_single else list(bundle.matching(*endings))
    return names[0] if len(names) == 1 else ""
