"""Allocation of the numbers of sparse nested sets."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

ROOT_LEFT, ROOT_RIGHT = 1, 2**62
# A reply takes free ** SHARE of the free numbers: thousands of siblings and some twenty levels fit before
# renumbering.
SHARE = 0.85
# A range of n nodes has room if each of them gets at least ROOM_FACTOR * n numbers.
ROOM_FACTOR = 256

Key = TypeVar("Key", bound=Hashable)


class Numbers(NamedTuple):
    left: int
    right: int
    level: int


def share_of(free: int) -> int:
    """How many of the free numbers a new last child takes: at least 2, but not more than there are."""
    return min(free, max(2, 1 << int(free.bit_length() * SHARE)))


def number_branch(
    children: Mapping[Key, Sequence[Key]], top: Key, numbers: Numbers
) -> Iterator[tuple[Key, Numbers]]:
    """Yield (key, numbers) for everything below `top`, in reading order, with equal room behind each node.

    children: keys of the children in order, by key of the parent. Without recursion.
    """
    order: list[Key] = []
    parents: dict[Key, Key] = {}
    stack = [top]
    while stack:
        key = stack.pop()
        order.append(key)
        some = children.get(key, ())
        parents.update(dict.fromkeys(some, key))
        stack.extend(reversed(some))
    sizes: dict[Key, int] = dict.fromkeys(order, 1)
    for key in reversed(order[1:]):
        sizes[parents[key]] += sizes[key]
    unit = (numbers.right - numbers.left + 1) // sizes[top]
    if unit < 4:
        raise OverflowError("a branch has outgrown its numbers")
    cursor = {top: numbers.left + 1}
    levels = {top: numbers.level}
    for key in order[1:]:
        parent = parents[key]
        left = cursor[parent]
        right = left + unit * sizes[key] - 1
        cursor[parent], cursor[key] = right + 1, left + 1
        levels[key] = levels[parent] + 1
        yield key, Numbers(left, right, levels[key])
