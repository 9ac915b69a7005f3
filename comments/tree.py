"""Nested sets with gaps: django-mptt's columns and reading methods, without its rewriting of every row to the right.

A root owns the numbers 1 to ROOT_RIGHT. A reply takes a share of the free numbers at the end of its parent's range,
so it is one INSERT and no UPDATE. When a range is used up, the smallest ancestor with room is numbered anew.
Why, and what was measured: docs/decisions/0002-sparse-nested-sets.md.

Answers to the same comment stand in the order in which they came, which is the order of their keys; a branch that is
moved takes its place among them by that (docs/decisions/0009-moving-branches.md).

Only comments/services.py, comments/branches.py and the importer write through this module, each inside the lock of the
post.
"""

from bisect import insort
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from django.db import connections, models
from django.db.models import F, Max
from mptt.exceptions import InvalidMove
from mptt.managers import TreeManager

ROOT_LEFT, ROOT_RIGHT = 1, 2**62
# A reply takes free ** SHARE of the free numbers: thousands of siblings and some twenty levels fit before a respread.
SHARE = 0.85
# A range of n nodes has room when each of them would own at least ROOMY * n numbers.
ROOMY = 256

Key = TypeVar("Key", bound=Hashable)


class Numbers(NamedTuple):
    left: int
    right: int
    level: int


def share_of(free: int) -> int:
    """How many of the free numbers a new last child takes: at least 2, never more than there are."""
    return min(free, max(2, 1 << int(free.bit_length() * SHARE)))


def number_branch(children: Mapping[Key, Sequence[Key]], top: Key, numbers: Numbers) -> Iterator[tuple[Key, Numbers]]:
    """Yield (key, numbers) for everything below `top`, in reading order, with equal room behind each node.

    children: keys of the children in order, by key of the parent. Flat passes, so depth costs no stack.
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


class Branch(NamedTuple):
    """A comment and all below it: what each of them answers, by key, in reading order."""

    top: int
    parents: dict[int, int | None]

    def children(self) -> dict[int, list[int]]:
        """The keys of the answers to each, in order."""
        children: dict[int, list[int]] = defaultdict(list)
        for pk, parent in self.parents.items():
            if pk != self.top and parent is not None:
                children[parent].append(pk)
        return children


class SparseTreeManager(TreeManager):
    """django-mptt's manager with the three hooks that write replaced, and moving left to our own service."""

    def insert_node(
        self,
        node: Any,
        target: Any,
        position: str = "last-child",
        save: bool = False,
        allow_existing_pk: bool = False,
        refresh_target: bool = True,
    ) -> Any:
        """Give an unsaved node its place: a tree of its own, or the last child of `target`."""
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
            last = self.filter(parent_id=parent.pk).aggregate(last=Max("rght"))["last"] or parent.lft
            free = parent.rght - 1 - last
            if free >= 2:
                return last + 1, last + share_of(free)
            self._spread(parent)
            parent._mptt_refresh()
        raise OverflowError("a branch has outgrown its numbers")

    def _spread(self, crowded: Any, joining: Branch | None = None) -> dict[int, Numbers]:
        """Number the smallest ancestor of `crowded` (or itself) that has room anew, gaps evenly between its nodes.

        joining: a branch that is to stand under `crowded`, among its answers by key. Its numbers are given back, not
        written. Without it there is room for one answer more afterwards.
        """
        branch, more = crowded, len(joining.parents) if joining else 1
        while True:
            inside = self.filter(tree_id=branch.tree_id, lft__gte=branch.lft, lft__lte=branch.rght)
            size = inside.count() + more
            if branch.parent_id is None or (branch.rght - branch.lft + 1) // size >= ROOMY * size:
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
        """Put a branch under `parent`, among its answers by key, or make it a tree of its own. Returns its number of rows.

        top, parent: rows as they are now; `parent` does not stand inside the branch. Needs the locks of both posts.
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
        numbers = {top.pk: place} | dict(number_branch(branch.children(), top.pk, place)) if place else self._spread(parent, branch)
        connection = connections[self.db]
        table = connection.ops.quote_name(self.model._meta.db_table)
        rows = [(tree_id, left, right, level, branch.parents[pk], post_id, pk) for pk, (left, right, level) in numbers.items()]
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {table} SET tree_id = %s, lft = %s, rght = %s, level = %s, parent_id = %s, post_id = %s WHERE id = %s", rows)  # noqa: S608
        return len(rows)

    def _place_at_end_for(self, branch: Branch, parent: Any) -> Numbers | None:
        """Numbers behind the last answer to `parent`; None if the branch has its place before that, or there is no room."""
        answers = self.filter(parent_id=parent.pk).exclude(pk=branch.top)
        if answers.filter(pk__gt=branch.top).exists():
            return None
        last = answers.aggregate(last=Max("rght"))["last"] or parent.lft
        size, share = len(branch.parents), share_of(parent.rght - 1 - last)
        return Numbers(last + 1, last + share, parent.level + 1) if share // size >= ROOMY * size else None

    def write_numbers(self, tree_id: int, numbers: Iterable[tuple[int, Numbers]], below: Any) -> None:
        """Write new numbers for all nodes below one. In two steps, so that no two rows ever share a left edge."""
        self.filter(tree_id=tree_id, lft__gt=below.lft, lft__lt=below.rght).update(lft=F("lft") - ROOT_RIGHT - 1, rght=F("rght") - ROOT_RIGHT - 1)
        connection = connections[self.db]
        table = connection.ops.quote_name(self.model._meta.db_table)
        rows = [(left, right, level, pk) for pk, (left, right, level) in numbers]
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {table} SET lft = %s, rght = %s, level = %s WHERE id = %s", rows)  # noqa: S608 - our own table name

    def new_tree_ids(self, count: int) -> list[int]:
        """Numbers for new trees, rising, that no other writer gets.

        On PostgreSQL from the sequence of the primary key, so that writers under different posts never meet. On
        SQLite the keys that come next: there is one writer at a time (settings: IMMEDIATE).
        """
        connection = connections[self.db]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [self.model._meta.db_table, count])
                return sorted(row[0] for row in cursor.fetchall())
        with connection.cursor() as cursor:
            cursor.execute("SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = %s), 0)", [self.model._meta.db_table])
            last = max(cursor.fetchone()[0], self.aggregate(last=Max("tree_id"))["last"] or 0)
        return list(range(last + 1, last + 1 + count))

    def tree_ids_after(self, keys: Iterable[int]) -> dict[int, int]:
        """Numbers for trees whose roots are rows already: their own keys, so that the trees of a post stay in order.

        A key is nobody else's number: on PostgreSQL both come from one sequence, on SQLite a new tree gets the key that
        its root will have. Where an older version gave it away all the same, a new number takes its place.
        """
        keys = list(keys)
        around = self.filter(tree_id__range=(min(keys, default=0), max(keys, default=0)))
        taken = set(keys).intersection(around.order_by().values_list("tree_id", flat=True).distinct())
        return {key: key for key in keys if key not in taken} | dict(zip(sorted(taken), self.new_tree_ids(len(taken)), strict=True))

    def _get_next_tree_id(self) -> int:
        return self.new_tree_ids(1)[0]

    def _move_node(self, node: Any, target: Any, position: str = "last-child", save: bool = True, refresh_target: bool = True) -> None:
        raise InvalidMove("Comments are not moved by setting their parent.")

    def _create_tree_space(self, target_tree_id: int, num_trees: int = 1) -> None:
        """Tree ids are never shifted."""

    def _close_gap(self, size: int, target: int, tree_id: int) -> None:
        """Gaps cost nothing."""


class Fault(NamedTuple):
    """One broken rule of the nested sets. `kind` is one of the words of FAULT_KINDS."""

    tree_id: int
    comment_id: int
    kind: str


FAULT_KINDS = {
    "range": "its left edge is not smaller than its right one, or not above zero",
    "left": "two comments have the same left edge",
    "overlap": "its range overlaps another one's",
    "roots": "its tree has no root, or more than one",
    "parent": "it does not stand inside its parent",
    "level": "its level is not the number of comments around it",
    "order": "it does not stand where it came among the answers to the same comment",
    "post": "its tree is spread over several posts",
    "size": "its tree has another number of comments than it says",
    "count": "the post's number of comments is wrong",
    "newest": "the time of the post's last comment is wrong",
    "thanks": "its number of thanks is wrong",
}

Row = tuple[int, int | None, int, int, int, int, int, int]


def find_faults(rows: Iterable[Row]) -> Iterator[Fault]:
    """Check rows as CommentQuerySet.tree_rows gives them: ordered by (tree_id, lft), each of
    (id, parent_id, tree_id, lft, rght, level, post_id, branch_size).

    One pass; memory is that of the deepest branch.
    """
    for tree_id, tree in groupby(rows, key=itemgetter(2)):
        around: list[list[int]] = []  # [id, right, newest answer so far] of the comments the pass stands inside of
        roots: list[tuple[int, int]] = []
        first, post, last_left, size = 0, None, None, 0
        for pk, parent_id, _tree_id, left, right, level, post_id, branch_size in tree:
            size += 1
            if size == 1:
                first, post = pk, post_id
            if parent_id is None:
                roots.append((pk, branch_size))
            if post_id != post:
                yield Fault(tree_id, pk, "post")
            if not 1 <= left < right:
                yield Fault(tree_id, pk, "range")
            if left == last_left:
                yield Fault(tree_id, pk, "left")
            last_left = left
            while around and around[-1][1] < left:
                around.pop()
            if around and right >= around[-1][1]:
                yield Fault(tree_id, pk, "overlap")
            if (around[-1][0] if around else None) != parent_id:
                yield Fault(tree_id, pk, "parent")
            if level != len(around):
                yield Fault(tree_id, pk, "level")
            if around:
                if pk < around[-1][2]:
                    yield Fault(tree_id, pk, "order")
                around[-1][2] = pk
            around.append([pk, right, 0])
        if len(roots) != 1:
            yield Fault(tree_id, first, "roots")
        elif roots[0][1] != size:
            yield Fault(tree_id, roots[0][0], "size")


def repair_post(comments: models.Manager, post_id: int) -> None:
    """Number all trees under a post anew from the parent links, which are the truth. Needs the post's lock.

    Answers to the same comment stand by their keys afterwards. A comment whose parent links run in a circle, or leave
    the post, becomes a comment of its own.
    """
    rows = list(comments.filter(post_id=post_id).order_by("pk").values_list("pk", "parent_id", "tree_id"))
    own = {pk for pk, _parent, _tree in rows}
    parents = {pk: parent if parent in own else None for pk, parent, _tree in rows}
    cut = {pk for pk, parent, _tree in rows if parent is not None and parent not in own}
    settled: set[int] = set()
    for pk in sorted(own):
        path: set[int] = set()
        here: int | None = pk
        while here is not None and here not in settled and here not in path:
            path.add(here)
            here = parents[here]
        if here is not None and here in path:
            parents[here] = None
            cut.add(here)
        settled.update(path)
    children: dict[int, list[int]] = defaultdict(list)
    for pk, _parent, _tree in rows:
        if parents[pk] is not None:
            children[parents[pk]].append(pk)  # type: ignore[index]
    roots = [pk for pk, _parent, _tree in rows if parents[pk] is None]
    old_trees = {pk: tree for pk, _parent, tree in rows}
    taken = set(comments.exclude(post_id=post_id).filter(tree_id__in={old_trees[pk] for pk in roots}).values_list("tree_id", flat=True))
    tree_of: dict[int, int] = {}
    for root in roots:
        if old_trees[root] not in taken:
            tree_of[root] = old_trees[root]
            taken.add(old_trees[root])
    tree_of.update(comments.tree_ids_after(root for root in roots if root not in tree_of))  # type: ignore[attr-defined]
    numbers: list[tuple[int, int, int, int, int]] = []
    for root in roots:
        numbers.append((ROOT_LEFT, ROOT_RIGHT, 0, tree_of[root], root))
        numbers += [(n.left, n.right, n.level, tree_of[root], pk) for pk, n in number_branch(children, root, Numbers(ROOT_LEFT, ROOT_RIGHT, 0))]
    connection = connections[comments.db]
    table = connection.ops.quote_name(comments.model._meta.db_table)
    with connection.cursor() as cursor:
        # Step aside first: below zero, in a tree per row, no two rows can collide on the way.
        cursor.execute(f"UPDATE {table} SET tree_id = -id, lft = -2, rght = -1 WHERE post_id = %s", [post_id])  # noqa: S608
        if cut:
            cursor.executemany(f"UPDATE {table} SET parent_id = NULL, level = 0 WHERE id = %s", [(pk,) for pk in cut])  # noqa: S608
        cursor.executemany(f"UPDATE {table} SET lft = %s, rght = %s, level = %s, tree_id = %s WHERE id = %s", numbers)  # noqa: S608
