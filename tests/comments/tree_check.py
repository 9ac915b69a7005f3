"""The rules of the trees, implemented again as simply as possible, without shared code. Slow."""

from itertools import combinations

from comments.tree.repair import Row


def is_sound(rows: list[Row]) -> bool:
    """Return whether rows (id, parent_id, tree_id, lft, rght, level, post_id, branch_size) are valid trees."""
    return all(is_sound_tree([row for row in rows if row[2] == tree]) for tree in {row[2] for row in rows})


def is_sound_tree(rows: list[Row]) -> bool:
    spans = {pk: (left, right) for pk, _parent, _tree, left, right, *_rest in rows}
    edges = [edge for span in spans.values() for edge in span]
    if not all(1 <= left < right for left, right in spans.values()) or len(set(edges)) < len(edges):
        return False
    for (left, right), (other_left, other_right) in combinations(spans.values(), 2):
        if left < other_left < right < other_right or other_left < left < other_right < right:
            return False
    around = {
        pk: sorted(
            (key for key, (left, right) in spans.items() if left < spans[pk][0] < right),
            key=lambda key: spans[key][0],
        )
        for pk in spans
    }
    for pk, parent, _tree, _left, _right, level, _post, _size in rows:
        if parent != (around[pk][-1] if around[pk] else None) or level != len(around[pk]):
            return False
    roots = [row for row in rows if row[1] is None]
    if len(roots) != 1 or roots[0][7] != len(rows) or len({row[6] for row in rows}) != 1:
        return False
    for parent in spans:
        answers = sorted((row for row in rows if row[1] == parent), key=lambda row: row[3])
        if [row[0] for row in answers] != sorted(row[0] for row in answers):
            return False
    return True
