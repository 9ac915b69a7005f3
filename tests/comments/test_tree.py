"""Nested sets with gaps, compared with a simple model of a thread."""

from collections import defaultdict

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from mptt.exceptions import InvalidMove

from comments.models import Comment
from comments.services.writing import publish_comment
from comments.tree import manager as tree
from comments.tree.numbering import ROOT_LEFT, ROOT_RIGHT, Numbers, number_branch, share_of
from comments.tree.repair import find_faults
from tests.factories import make_comment, make_host, make_post, put_comment
from tests.figures import figure

pytestmark = pytest.mark.sql

WHOLE = Numbers(ROOT_LEFT, ROOT_RIGHT, 0)

# A thread as a list of replies: each number is the comment that is answered (modulo the existing ones), 0
# none.
threads = st.lists(st.integers(0, 10_000), min_size=1, max_size=25)


def reading_order(parents: dict[int, int | None]) -> list[tuple[int, int]]:
    """Return (level, key) in reading order: a comment, then its replies, each with their own."""
    children = defaultdict(list)
    for key, parent in parents.items():
        children[parent].append(key)
    order: list[tuple[int, int]] = []

    def visit(key: int, level: int) -> None:
        order.append((level, key))
        for child in children[key]:
            visit(child, level + 1)

    for root in children[None]:
        visit(root, 0)
    return order


@given(threads)
def test_a_numbered_branch_reads_like_the_thread(answers):
    parents: dict[int, int | None] = {0: None} | {
        key: answered % key for key, answered in enumerate(answers, start=1)
    }
    children = defaultdict(list)
    for key, parent in parents.items():
        children[parent].append(key)
    numbers = {0: WHOLE} | dict(number_branch(children, 0, WHOLE))
    assert [
        (numbers[key].level, key) for key in sorted(numbers, key=lambda key: numbers[key].left)
    ] == reading_order(parents)
    rows = sorted(
        ((key, parents[key], 1, *numbers[key], 1, len(parents)) for key in numbers), key=lambda row: row[3]
    )
    assert list(find_faults(rows)) == []
    for key, parent in parents.items():
        if parent is not None:
            assert numbers[parent].left < numbers[key].left < numbers[key].right < numbers[parent].right


@given(threads)
def test_a_numbered_branch_leaves_room_behind_every_comment(answers):
    children = defaultdict(list)
    for key, answered in enumerate(answers, start=1):
        children[answered % key].append(key)
    numbers = {0: WHOLE} | dict(number_branch(children, 0, WHOLE))
    for key, (left, right, _level) in numbers.items():
        last = max((numbers[child].right for child in children[key]), default=left)
        assert right - 1 - last >= ROOT_RIGHT // (len(numbers) + 1) // 2


def test_a_branch_of_100_000_levels_is_numbered_without_a_stack():
    children = {key: [key + 1] for key in range(100_000)}
    assert sum(1 for _each in number_branch(children, 0, WHOLE)) == 100_000


def test_a_branch_that_has_outgrown_its_numbers_says_so():
    with pytest.raises(OverflowError):
        list(number_branch({0: [1, 2, 3]}, 0, Numbers(1, 8, 0)))


@given(st.integers(2, ROOT_RIGHT))
def test_a_share_is_never_more_than_there_is(free):
    assert 2 <= share_of(free) <= free


@pytest.mark.django_db
@hypothesis_settings(
    max_examples=figure(8, 15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(answers=threads, roots=st.sampled_from([2**62, 300]))
def test_any_thread_is_kept_in_reading_order(monkeypatch, answers, roots):
    """Also if the range of numbers is so small that they are respaced again and again."""
    with monkeypatch.context() as patch:
        patch.setattr(tree, "ROOT_RIGHT", roots)
        patch.setattr(tree, "ROOM_FACTOR", 1 if roots < 2**62 else 256)
        post = make_post()
        written: list[Comment] = []
        parents: dict[int, int | None] = {}
        for answered in answers:
            number = answered % (len(written) + 1)
            comment = Comment(
                post=post,
                author=post.author,
                parent=Comment.objects.get(pk=written[number - 1].pk) if number else None,
                body="x",
                html="x",
            )
            comment.save()
            written.append(comment)
            parents[comment.pk] = written[number - 1].pk if number else None
        # The services maintain the sizes.
        assert [
            fault for fault in find_faults(Comment.objects.for_post(post).tree_rows()) if fault.kind != "size"
        ] == []
        assert list(
            Comment.objects.for_post(post).in_reading_order().values_list("level", "pk")
        ) == reading_order(parents)


@pytest.fixture
def spreads(monkeypatch) -> list[int]:
    """Return the comments for which numbers were respaced."""
    seen: list[int] = []
    spread = tree.SparseTreeManager._spread

    def seen_spread(manager, crowded):
        seen.append(crowded.pk)
        spread(manager, crowded)

    monkeypatch.setattr(tree.SparseTreeManager, "_spread", seen_spread)
    return seen


@pytest.mark.slow
def test_a_long_chain_of_replies_is_shown(post, member, spreads):
    last, length = None, figure(120, 400)
    for number in range(length):
        last = put_comment(post, member, last, f"Answer {number}.")
    assert list(Comment.objects.in_reading_order().values_list("level", "body")) == [
        (n, f"Answer {n}.") for n in range(length)
    ]
    assert list(find_faults(Comment.objects.tree_rows())) == []
    assert 0 < len(spreads) < 60
    assert Comment.objects.get(level=0).get_descendant_count() == length - 1
    assert last.get_ancestors().count() == length - 1


def test_a_reply_is_one_insert_and_no_update_of_the_tree(post, member, django_assert_num_queries, spreads):
    parent = make_comment(post, member)
    for number in range(20):
        before = list(Comment.objects.order_by("pk").values_list("pk", "lft", "rght", "tree_id"))
        publish_comment(post=post, author=post.author, body=f"Answer {number}.", parent=parent)
        assert list(Comment.objects.order_by("pk").values_list("pk", "lft", "rght", "tree_id"))[:-1] == before
    assert spreads == []


def test_many_siblings_fit_before_anything_is_spread(post, member, spreads):
    parent, length = make_comment(post, member), figure(80, 300)
    for number in range(length):
        put_comment(post, member, parent, f"Answer {number}.")
    assert spreads == []
    assert list(parent.get_children().values_list("body", flat=True)) == [
        f"Answer {n}." for n in range(length)
    ]


def test_new_trees_get_rising_numbers(db):
    first = make_comment()
    numbers = Comment.objects.new_tree_ids(3)
    assert numbers == sorted(set(numbers))
    assert numbers[0] > first.tree_id


def test_mptts_reading_methods_know_the_gaps(post, member):
    root = make_comment(post, member)
    child = make_comment(parent=root)
    leaf = make_comment(parent=child)
    assert [c.get_descendant_count() for c in (root, child, leaf)] == [2, 1, 0]
    assert [c.is_leaf_node() for c in (root, child, leaf)] == [False, False, True]
    assert list(root.get_leafnodes()) == [leaf]
    assert list(leaf.get_leafnodes(include_self=True)) == [leaf]
    assert list(leaf.get_ancestors()) == [root, child]
    assert (leaf.get_root(), leaf.is_child_node(), root.is_root_node()) == (root, True, True)


def test_comments_are_not_moved_and_not_squeezed_in(post, member):
    root, other = make_comment(post, member), make_comment(post, make_host())
    with pytest.raises(InvalidMove):
        other.move_to(root)
    other.parent = root
    with pytest.raises(InvalidMove):
        other.save()
    with pytest.raises(InvalidMove):
        Comment(post=post, author=member, body="x").insert_at(root, position="first-child", save=True)
    assert list(find_faults(Comment.objects.tree_rows())) == []
