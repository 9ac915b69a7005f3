"""Computes the parents, keys and tree numbers of imported comments before any of them is written.

A comment is identified by a number: its own in the file, or one assigned by the importer.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, models
from django.utils.translation import gettext as _

from comments.models import Comment
from comments.tree.numbering import ROOT_LEFT, ROOT_RIGHT, Numbers, number_branch

BATCH = 500

Progress = Callable[[str, int, int], None]


def quiet(_step: str, _done: int, _total: int) -> None:
    """Progress without output."""


@dataclass(slots=True)
class Mark:
    """What is kept of a comment between the two passes. `status` is empty if it is left out."""

    parent: int
    written_at: datetime | None
    status: str


class PlannedPosition(NamedTuple):
    """The position of a new comment, computed before it is read in the second pass."""

    pk: int
    parent: int | None
    tree: int
    numbers: Numbers


class PlannedPositions(NamedTuple):
    """seats: new comments in trees of their own.

    late: new replies to existing comments, in the order of writing.
    """

    seats: dict[int, PlannedPosition]
    late: list[int]


def places_for(
    marks: dict[int, Mark],
    known: Mapping[int, object],
    here: Mapping[int, int],
    reserve: Callable[[int], list[int]],
    *,
    is_dry_run: bool,
) -> PlannedPositions:
    """The positions of the comments of one post.

    known: those of earlier imports; here: those of them that are still under the post.
    """
    kept = (number for number, mark in marks.items() if mark.status)
    new = sorted((number for number in kept if number not in known), key=lambda number: age(marks, number))
    children: dict[int, list[int]] = defaultdict(list)
    roots, late_tops = [], []
    for number in new:
        parent = marks[number].parent
        if parent in here:
            late_tops.append(number)
        elif not parent or parent in known:  # known, but now under another post
            roots.append(number)
        else:
            children[parent].append(number)
    late = [number for top in late_tops for number in _in_reading_order(children, top)]
    in_time = sorted(set(new).difference(late), key=lambda number: age(marks, number))
    keys = dict(zip(in_time, reserve(len(in_time)), strict=True))
    seats = {}
    trees = (
        dict.fromkeys(keys.values(), 0)
        if is_dry_run
        else Comment.objects.tree_ids_after(keys[root] for root in roots)
    )
    whole = Numbers(ROOT_LEFT, ROOT_RIGHT, 0)
    for root in roots:
        tree = trees[keys[root]]
        seats[root] = PlannedPosition(keys[root], None, tree, whole)
        for number, numbers in number_branch(children, root, whole):
            seats[number] = PlannedPosition(keys[number], keys[marks[number].parent], tree, numbers)
    return PlannedPositions(seats, late)


def known_comments(keys: Mapping[int, str]) -> dict[int, tuple[int, int]]:
    """(pk, post) of comments from earlier imports, by number. keys: the source keys by number."""
    known = {}
    numbers = list(keys)
    for start in range(0, len(numbers), BATCH):
        by_key = {keys[number]: number for number in numbers[start : start + BATCH]}
        rows = Comment.objects.filter(source_key__in=by_key).values_list("source_key", "pk", "post_id")
        for key, pk, post_id in rows:
            known[by_key[key]] = (pk, post_id)
    return known


def new_keys(model: type[models.Model], count: int, *, above: int = 0) -> list[int]:
    """Reserve primary keys, so that replies can refer to parents that are not written yet."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [table, count],
            )
            return sorted(row[0] for row in cursor.fetchall())
        # SQLite has one writer at a time and does not reuse the ids of deleted rows.
        cursor.execute("SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = %s), 0)", [table])
        last = max(cursor.fetchone()[0], above)
    return list(range(last + 1, last + 1 + count))


def number_above(model: type[models.Model], highest: int) -> None:
    """Start ids above the old ones, so that "#comment-917" of an old link is no other comment's anchor.

    SQLite continues from the highest id (new_keys); PostgreSQL's sequence is set.
    """
    if connection.vendor != "postgresql" or not highest:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])
        sequence = cursor.fetchone()[0]
        cursor.execute(
            "SELECT setval(%s, %s) FROM pg_sequences WHERE schemaname || '.' || sequencename = %s AND COALESCE(last_value, 0) < %s",
            [sequence, highest, sequence.replace('"', ""), highest],
        )


def _in_reading_order(children: dict[int, list[int]], top: int) -> Iterator[int]:
    stack = [top]
    while stack:
        number = stack.pop()
        yield number
        stack.extend(reversed(children.get(number, ())))


def settle_parents(marks: dict[int, Mark]) -> list[tuple[int, str]]:
    """Make every comment's parent one that is kept, or 0, without cycles. Returns the changes."""
    return [*_lift_above_left_out(marks), *_break_circles(marks)]


def _lift_above_left_out(marks: dict[int, Mark]) -> Iterator[tuple[int, str]]:
    # Of comments that are left out: the nearest kept ancestor, 0 or a missing one.
    kept_above: dict[int, int] = {}
    for number, mark in marks.items():
        if not mark.status or not mark.parent:
            continue
        path: list[int] = []
        passed: set[int] = set()
        above = mark.parent
        while above in marks and not marks[above].status and above not in kept_above and above not in passed:
            path.append(above)
            passed.add(above)
            above = marks[above].parent
        above = 0 if above in passed else kept_above.get(above, above)
        kept_above.update(dict.fromkeys(path, above))
        if above and above not in marks:
            yield (
                number,
                _("it replied to a comment that is not in the file, and becomes a top-level comment"),
            )
            above = 0
        elif above != mark.parent:
            yield number, _("it replied to a comment that is left out, and moves up")
        mark.parent = above


def _break_circles(marks: dict[int, Mark]) -> Iterator[tuple[int, str]]:
    """Needs every parent to be kept, or 0."""
    settled: set[int] = {0}
    for start in marks:
        here, passed = start, set()
        while here not in settled and here not in passed:
            passed.add(here)
            here = marks[here].parent if here in marks and marks[here].status else 0
        if here in passed and here not in settled:
            circle = [here]
            while (here := marks[here].parent) != circle[0]:
                circle.append(here)
            first = min(circle, key=lambda number: age(marks, number))
            marks[first].parent = 0
            yield first, _("it replied to itself in a loop, and becomes a top-level comment")
        settled |= passed


def age(marks: dict[int, Mark], number: int) -> tuple[Any, bool, int]:
    return marks[number].written_at, number < 0, number
