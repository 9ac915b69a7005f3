"""Sparse nested sets: django-mptt's columns and reading, without updating all rows to the right.

A root has the numbers 1 to ROOT_RIGHT. A reply takes a share of the free numbers at the end of its parent's
range, so it is one INSERT and no UPDATE. When a range is used up, the smallest ancestor with room is
renumbered. Reasons and measurements: docs/decisions/0002-sparse-nested-sets.md.

Replies to the same comment are in the order in which they were posted, which is the order of their keys; a
moved branch is placed among them by its key (docs/decisions/0009-moving-branches.md).

Only the services that write comments, comments/services/moving.py and the importer write through this module,
holding the lock of the post.
"""

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import connections
from django.db.models import F, Max
from mptt.exceptions import InvalidMove
from mptt.managers import TreeManager

from comments.tree.numbering import ROOM_FACTOR, ROOT_LEFT, ROOT_RIGHT, Numbers, number_branch, share_of

UNKNOWN = object()


class Branch(NamedTuple):
    """A comment and all its replies: the parent of each, by key, in reading order."""

    top: int
    parents: dict[int, int | None]

    def children(self) -> dict[int, list[int]]:
        """The keys of the replies to each comment, in order."""
        children: dict[int, list[int]] = defaultdict(list)
        for pk, parent in self.parents.items():
            if pk != self.top and parent is not None:
                children[parent].append(pk)
        return children


class SparseTreeManager(TreeManager):
    """django-mptt's manager with its three writing hooks replaced. Moving is left to our own service."""

    def insert_node(
        self,
        node: Any,
        target: Any,
        position: str = "last-child",
        save: bool = False,
        allow_existing_pk: bool = False,
        refresh_target: bool = True,
    ) -> Any:
        """Set the position of an unsaved node: a tree of its own, or the last child of `target`."""
        if target is None:
            node.tree_id, node.level, node.parent = self._get_next_tree_id(), 0, None
            node.lft, node.rght = ROOT_LEFT, ROOT_RIGHT
        else:
            if position != "last-child":
                raise InvalidMove("Comments are only ever added at the end.")
            if refresh_target:
                target._mptt_refresh()
            node.tree_id, node.level, node.parent = target.tree_id, target.level + 1, target
            node.lft, node.rght = self._place_at_end(target)
        if save:
            node.save()
        return node

    def _place_at_end(self, parent: Any) -> tuple[int, int]:
        for _attempt in range(2):
            # Set if the parent was read with it (comments.services.parents).
            last = vars(parent).pop("last_right", UNKNOWN)
            if last is UNKNOWN:
                last = self.filter(parent_id=parent.pk).aggregate(last=Max("rght"))["last"]
            last = last or parent.lft
            free = parent.rght - 1 - last
            if free >= 2:
                return last + 1, last + share_of(free)
            self._spread(parent)
            parent._mptt_refresh()
        raise OverflowError("a branch has outgrown its numbers")

    def _spread(self, crowded: Any, joining: Branch | None = None) -> dict[int, Numbers]:
        """Renumber the smallest ancestor of `crowded` (or itself) with room, with equal gaps between nodes.

        joining: a branch to be placed under `crowded`, among its replies by key. Its numbers are returned,
        not written. Without it, there is room for one more reply afterwards.
        """
        branch, more = crowded, len(joining.parents) if joining else 1
        while True:
            inside = self.filter(tree_id=branch.tree_id, lft__gte=branch.lft, lft__lte=branch.rght)
            size = inside.count() + more
            if branch.parent_id is None or (branch.rght - branch.lft + 1) // size >= ROOM_FACTOR * size:
                break
            branch = self.get(pk=branch.parent_id)
        children = defaultdict(list)
        for pk, parent_id in inside.exclude(pk=branch.pk).order_by("lft").values_list("pk", "parent_id"):
            children[parent_id].append(pk)
        if joining:
            insort(children[crowded.pk], joining.top)
            children.update(joining.children())
        numbers = dict(number_branch(children, branch.pk, Numbers(branch.lft, branch.rght, branch.level)))
        joined = {pk: numbers.pop(pk) for pk in joining.parents} if joining else {}
        self.write_numbers(branch.tree_id, numbers.items(), below=branch)
        return joined

    def graft(self, top: Any, *, parent: Any | None, post_id: int) -> int:
        """Move a branch under `parent`, among its replies by key, or make it a tree.

        Returns its number of rows.

        top, parent: current rows; `parent` is not inside the branch. Needs the locks of both posts.
        """
        inside = self.filter(tree_id=top.tree_id, lft__gte=top.lft, lft__lte=top.rght)
        if parent is None and top.parent_id is None:
            return inside.update(post_id=post_id)
        branch = Branch(top.pk, dict(inside.order_by("lft").values_list("pk", "parent_id")))
        branch.parents[top.pk] = parent and parent.pk
        place: Numbers | None
        if parent is None:
            tree_id, place = self.tree_ids_after([top.pk])[top.pk], Numbers(ROOT_LEFT, ROOT_RIGHT, 0)
        else:
            tree_id, place = parent.tree_id, self._place_at_end_for(branch, parent)
            if tree_id == top.tree_id:  # out of the way, so that no two rows ever share a left edge
                inside.update(lft=F("lft") - ROOT_RIGHT - 1, rght=F("rght") - ROOT_RIGHT - 1)
        numbers = (
            {top.pk: place} | dict(number_branch(branch.children(), top.pk, place))
            if place
            else self._spread(parent, branch)
        )
        connection = connections[self.db]
        table = connection.ops.quote_name(self.model._meta.db_table)
        rows = [
            (tree_id, left, right, level, branch.parents[pk], post_id, pk)
            for pk, (left, right, level) in numbers.items()
        ]
        with connection.cursor() as cursor:
            cursor.executemany(
                f"UPDATE {table} SET tree_id = %s, lft = %s, rght = %s, level = %s, parent_id = %s,"  # noqa: S608 - our own table name
                " post_id = %s WHERE id = %s",
                rows,
            )
        return len(rows)

    def _place_at_end_for(self, branch: Branch, parent: Any) -> Numbers | None:
        """Numbers after the last reply to `parent`; None if the branch belongs before it, or there is no
        room."""
        answers = self.filter(parent_id=parent.pk).exclude(pk=branch.top)
        if answers.filter(pk__gt=branch.top).exists():
            return None
        last = answers.aggregate(last=Max("rght"))["last"] or parent.lft
        size, share = len(branch.parents), share_of(parent.rght - 1 - last)
        return (
            Numbers(last + 1, last + share, parent.level + 1) if share // size >= ROOM_FACTOR * size else None
        )

    def write_numbers(self, tree_id: int, numbers: Iterable[tuple[int, Numbers]], below: Any) -> None:
        """Write new numbers for all nodes below one.

        In two steps, so that no two rows ever share a left edge.
        """
        self.filter(tree_id=tree_id, lft__gt=below.lft, lft__lt=below.rght).update(
            lft=F("lft") - ROOT_RIGHT - 1, rght=F("rght") - ROOT_RIGHT - 1
        )
        connection = connections[self.db]
        table = connection.ops.quote_name(self.model._meta.db_table)
        rows = [(left, right, level, pk) for pk, (left, right, level) in numbers]
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {table} SET lft = %s, rght = %s, level = %s WHERE id = %s", rows)  # noqa: S608 - our own table name

    def new_tree_ids(self, count: int) -> list[int]:
        """Rising ids for new trees that no other writer gets.

        On PostgreSQL from the sequence of the primary key, so that writers on different posts never wait for
        each other. On SQLite the next keys: there is only one writer at a time (settings: IMMEDIATE).
        """
        connection = connections[self.db]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                    [self.model._meta.db_table, count],
                )
                return sorted(row[0] for row in cursor.fetchall())
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = %s), 0)",
                [self.model._meta.db_table],
            )
            last = max(cursor.fetchone()[0], self.aggregate(last=Max("tree_id"))["last"] or 0)
        return list(range(last + 1, last + 1 + count))

    def tree_ids_after(self, keys: Iterable[int]) -> dict[int, int]:
        """Tree ids for existing roots: their own keys, so that the trees of a post stay in order.

        A key is never another tree's id: on PostgreSQL both come from one sequence, on SQLite a new tree gets
        the key that its root will have. If an older version used it anyway, a new id is taken.
        """
        keys = list(keys)
        around = self.filter(tree_id__range=(min(keys, default=0), max(keys, default=0)))
        taken = set(keys).intersection(around.order_by().values_list("tree_id", flat=True).distinct())
        return {key: key for key in keys if key not in taken} | dict(
            zip(sorted(taken), self.new_tree_ids(len(taken)), strict=True)
        )

    def _get_next_tree_id(self) -> int:
        return self.new_tree_ids(1)[0]

    def _move_node(
        self,
        node: Any,
        target: Any,
        position: str = "last-child",
        save: bool = True,
        refresh_target: bool = True,
    ) -> None:
        raise InvalidMove("Comments are not moved by setting their parent.")

    def _create_tree_space(self, target_tree_id: int, num_trees: int = 1) -> None:
        """Does nothing: tree ids are never shifted."""

    def _close_gap(self, size: int, target: int, tree_id: int) -> None:
        """Does nothing: gaps in the numbers are harmless."""
