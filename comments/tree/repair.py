"""Checks trees for faults, and repairs them from the parent links."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from django.db import connections, models

from comments.tree.numbering import ROOT_LEFT, ROOT_RIGHT, Numbers, number_branch


class Fault(NamedTuple):
    """A violated rule of the nested sets. `kind` is a key of FAULT_KINDS."""

    tree_id: int
    comment_id: int
    kind: str


FAULT_KINDS = {
    "range": "its left edge is not less than its right edge, or not greater than zero",
    "left": "two comments have the same left edge",
    "overlap": "its range overlaps that of another comment",
    "roots": "its tree has no root or several",
    "parent": "its range is not inside its parent's",
    "level": "its level is not the number of its ancestors",
    "order": "it is out of order among the replies to the same comment",
    "post": "its tree is spread over several posts",
    "size": "the stored size of its tree is wrong",
    "count": "the stored number of comments is wrong",
    "newest": "the stored time of the last comment is wrong",
    "thanks": "the stored number of thanks is wrong",
}

Row = tuple[int, int | None, int, int, int, int, int, int]


def find_faults(rows: Iterable[Row]) -> Iterator[Fault]:
    """Check rows from CommentQuerySet.tree_rows.

    They are ordered by (tree_id, lft), each (id, parent_id, tree_id, lft, rght, level, post_id, branch_size).
    One pass; memory use depends on the depth of the deepest branch.
    """
    for tree_id, tree in groupby(rows, key=itemgetter(2)):
        around: list[list[int]] = []  # [id, right, newest reply so far] of the current comment's ancestors
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
    """Renumber all trees of a post from the parent links, the source of truth. Needs the lock of the post.

    Afterwards replies to the same comment are ordered by key. A comment whose parent links are circular or
    leave the post becomes a top-level comment.
    """
    rows = list(comments.filter(post_id=post_id).order_by("pk").values_list("pk", "parent_id", "tree_id"))
    parents, cut = _sound_parents({pk: parent for pk, parent, _tree in rows})
    children: dict[int, list[int]] = defaultdict(list)
    for pk, parent in parents.items():
        if parent is not None:
            children[parent].append(pk)
    trees = _trees_of_roots(
        comments, post_id, {pk: tree for pk, _parent, tree in rows if parents[pk] is None}
    )
    numbers: list[tuple[int, int, int, int, int]] = []
    for root, tree in trees.items():
        numbers.append((ROOT_LEFT, ROOT_RIGHT, 0, tree, root))
        numbers += [
            (n.left, n.right, n.level, tree, pk)
            for pk, n in number_branch(children, root, Numbers(ROOT_LEFT, ROOT_RIGHT, 0))
        ]
    _write_numbers(comments, post_id, cut, numbers)


def _sound_parents(parents: dict[int, int | None]) -> tuple[dict[int, int | None], set[int]]:
    """The parents without links that leave the post or are circular, and the comments whose link was cut."""
    sound = {pk: parent if parent in parents else None for pk, parent in parents.items()}
    cut = {pk for pk, parent in parents.items() if parent != sound[pk]}
    settled: set[int] = set()
    for pk in sorted(sound):
        path: set[int] = set()
        here: int | None = pk
        while here is not None and here not in settled and here not in path:
            path.add(here)
            here = sound[here]
        if here is not None and here in path:
            sound[here] = None
            cut.add(here)
        settled.update(path)
    return sound, cut


def _trees_of_roots(comments: models.Manager, post_id: int, old_trees: dict[int, int]) -> dict[int, int]:
    """A tree for each top-level comment: its old one, unless another post or an earlier comment has it."""
    taken = set(
        comments.exclude(post_id=post_id)
        .filter(tree_id__in=set(old_trees.values()))
        .values_list("tree_id", flat=True)
    )
    tree_of: dict[int, int] = {}
    for root, tree in old_trees.items():
        if tree not in taken:
            tree_of[root] = tree
            taken.add(tree)
    new = [root for root in old_trees if root not in tree_of]
    tree_of.update(comments.tree_ids_after(new))  # type: ignore[attr-defined]  # mptt's manager, made of a queryset
    return {root: tree_of[root] for root in old_trees}


def _write_numbers(
    comments: models.Manager, post_id: int, cut: set[int], numbers: list[tuple[int, int, int, int, int]]
) -> None:
    """Write the numbers of all comments of the post: lft, rght, level, tree_id and key."""
    connection = connections[comments.db]
    table = connection.ops.quote_name(comments.model._meta.db_table)
    with connection.cursor() as cursor:
        # Moved aside first: negative and in a tree per row, so that no two rows can conflict.
        cursor.execute(f"UPDATE {table} SET tree_id = -id, lft = -2, rght = -1 WHERE post_id = %s", [post_id])  # noqa: S608
        if cut:
            cursor.executemany(
                f"UPDATE {table} SET parent_id = NULL, level = 0 WHERE id = %s",  # noqa: S608
                [(pk,) for pk in cut],
            )
        cursor.executemany(
            f"UPDATE {table} SET lft = %s, rght = %s, level = %s, tree_id = %s WHERE id = %s",  # noqa: S608
            numbers,
        )
