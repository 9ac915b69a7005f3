import operator
from collections import Counter
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from comments.models import Comment
from comments.services.reactions import thank
from comments.services.writing import recount
from comments.tree.numbering import ROOT_RIGHT, Numbers, number_branch
from comments.tree.repair import FAULT_KINDS, Row, find_faults, repair_post
from posts.models import Post
from tests.comments.tree_check import is_sound
from tests.factories import make_member, make_post, put_comment

pytestmark = [pytest.mark.sql, pytest.mark.django_db]


def check(**options: object) -> tuple[int, list[str]]:
    """Return the exit status and the output."""
    out = StringIO()
    try:
        call_command("check_threads", stdout=out, **options)
    except SystemExit as stop:
        return int(stop.code or 0), out.getvalue().splitlines()
    return 0, out.getvalue().splitlines()


def plant(pk: int, **columns: object) -> None:
    """Corrupt a row past the model and the constraints, as a bug or manual SQL would."""
    pairs = ", ".join(f"{name} = %s" for name in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # pending constraint checks would be in the way
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            for name in ("left_edge_before_right_edge", "root_has_level_zero"):
                cursor.execute(f"ALTER TABLE comments_comment DROP CONSTRAINT IF EXISTS {name}")
        cursor.execute(f"UPDATE comments_comment SET {pairs} WHERE id = %s", [*columns.values(), pk])  # noqa: S608 - our own names
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = OFF")


def outline() -> list[tuple[int, str]]:
    return list(Comment.objects.in_reading_order().values_list("level", "body"))


@pytest.fixture
def thread(post, member) -> dict[str, Comment]:
    """Two threads under one post, one of them with replies."""
    root = put_comment(post, member, body="root")
    first = put_comment(parent=root, body="first")
    deep = put_comment(parent=first, body="deep")
    second = put_comment(parent=root, body="second")
    other = put_comment(post, body="other")
    return {"root": root, "first": first, "deep": deep, "second": second, "other": other}


SOUND = [(0, "root"), (1, "first"), (2, "deep"), (1, "second"), (0, "other")]


def test_sound_threads_are_praised(thread):
    assert outline() == SOUND
    assert check() == (0, ["5 comments in 2 trees; 0 faults."])


def test_no_comments_at_all_are_sound(db):
    assert check() == (0, ["0 comments in 0 trees; 0 faults."])


# The change to each comment, the message that reports it, and the thread after the repair. "@x.y" is column y
# of comment x.
SELF_ANSWER = [(0, "root"), (1, "first"), (1, "second"), (0, "other"), (0, "deep")]
CIRCLE = [(0, "root"), (1, "second"), (0, "other"), (0, "first"), (1, "deep")]
ONE_TREE = [(0, "root"), (1, "first"), (2, "deep"), (1, "second"), (1, "other")]


@pytest.mark.parametrize(("on", "columns", "kind", "mended"), [
    ("second", {"lft": ROOT_RIGHT - 5, "rght": ROOT_RIGHT - 9}, "range", SOUND),
    ("root", {"lft": -3}, "range", SOUND),
    ("deep", {"rght": ROOT_RIGHT + 7}, "overlap", SOUND),
    ("second", {"rght": ROOT_RIGHT}, "overlap", SOUND),
    ("deep", {"lft": ROOT_RIGHT + 5, "rght": ROOT_RIGHT + 9}, "parent", SOUND),
    ("deep", {"tree_id": "@other.tree_id", "lft": 5, "rght": 9}, "parent", SOUND),
    ("second", {"level": 7}, "level", SOUND),
    ("root", {"level": 3}, "level", SOUND),
    ("other", {"parent_id": "@root.pk", "level": 1}, "roots", ONE_TREE),
    ("deep", {"parent_id": "@deep.pk"}, "parent", SELF_ANSWER),
    ("first", {"parent_id": "@deep.pk"}, "parent", CIRCLE),
    ("first", {"parent_id": "@second.pk"}, "parent", [(0, "root"), (1, "second"), (2, "first"), (3, "deep"), (0, "other")]),
    ("first", {"lft": ROOT_RIGHT - 9, "rght": ROOT_RIGHT - 5}, "order", SOUND),
    ("root", {"branch_size": 3}, "size", SOUND),
    ("root", {"branch_size": 0}, "size", SOUND),
    ("other", {"branch_size": 2}, "size", SOUND),
])  # fmt: skip
def test_each_fault_is_found_and_mended_from_the_parent_links(thread, on, columns, kind, mended):
    slug = thread["root"].post.slug
    plant(
        thread[on].pk,
        **{
            name: operator.attrgetter(value[1:])(SimpleNamespace(**thread))
            if isinstance(value, str)
            else value
            for name, value in columns.items()
        },
    )
    code, lines = check()
    assert (code, "broken" in lines[-1]) == (1, True)
    assert any(line.startswith(f"post {slug}, tree ") and FAULT_KINDS[kind] in line for line in lines), lines
    assert check(repair=True)[0] == 0
    assert check()[0] == 0
    assert Counter(outline()) == Counter(mended)
    put_comment(parent=thread["deep"], body="one more")
    assert check()[0] == 0


def test_two_roots_cannot_be_written_at_all(thread):
    rows = list(Comment.objects.tree_rows())
    pk = thread["second"].pk
    broken = [row if row[0] != pk else (pk, None, *row[2:5], 0, *row[6:]) for row in rows]
    assert {fault.kind for fault in find_faults(broken)} == {"roots", "parent", "level"}


def test_two_equal_left_edges_are_found():
    rows = [(1, None, 1, 1, 100, 0, 7, 3), (2, 1, 1, 10, 20, 1, 7, 1), (3, 1, 1, 10, 15, 1, 7, 1)]
    assert {fault.kind for fault in find_faults(rows)} == {"left", "parent", "level"}


def test_faults_of_every_tree_are_distinguished():
    rows = [
        (1, None, 1, 1, 9, 0, 7, 2),
        (2, 1, 1, 2, 3, 5, 7, 1),
        (3, None, 2, 1, 9, 0, 7, 1),
        (4, None, 3, 1, 9, 1, 7, 4),
    ]
    assert [tuple(fault) for fault in find_faults(rows)] == [(1, 2, "level"), (3, 4, "level"), (3, 4, "size")]


@st.composite
def planted(draw) -> list[Row]:
    """A few small trees, with or without some of their numbers changed."""
    rows: list[list[int | None]] = []
    for tree in range(1, draw(st.integers(1, 2)) + 1):
        size, parents = draw(st.integers(1, 7)), {}
        for key in range(1, size):
            parents[key] = draw(st.integers(0, key - 1))
        children = {key: [child for child, parent in parents.items() if parent == key] for key in range(size)}
        numbers = {0: Numbers(1, 60, 0)} | dict(number_branch(children, 0, Numbers(1, 60, 0)))
        for key in range(size):
            parent = tree * 10 + parents[key] if key else None
            rows.append([tree * 10 + key, parent, tree, *numbers[key], 5, size if key == 0 else 1])
    for _ in range(draw(st.integers(0, 2))):
        row, column = draw(st.sampled_from(rows)), draw(st.integers(1, 7))
        same_column = sorted({other[column] for other in rows if other[column] is not None} | {1})
        row[column] = (
            draw(st.sampled_from(same_column) | st.integers(0, 64))
            if column != 1
            else draw(st.sampled_from([None, *same_column, 99]))
        )
    return sorted((tuple(row) for row in rows), key=lambda row: (row[2], row[3], row[0]))


@given(planted())
def test_what_is_found_is_what_a_plain_second_look_finds(rows):
    assert (list(find_faults(rows)) == []) == is_sound(rows)


def test_a_tree_over_two_posts_is_found_and_parted(thread):
    elsewhere = make_post()
    plant(thread["deep"].pk, post_id=elsewhere.pk)
    code, lines = check()
    assert code == 1
    assert any(
        FAULT_KINDS["post"] in line and elsewhere.slug in line and thread["root"].post.slug in line
        for line in lines
    )
    assert check(repair=True)[0] == 0
    assert list(Comment.objects.for_post(elsewhere).values_list("level", "body")) == [(0, "deep")]
    assert list(Post.objects.order_by("pk").values_list("comment_count", flat=True)) == [4, 1]


def test_wrong_counters_are_found_and_counted_again(thread):
    post, newest = thread["root"].post, thread["other"].created_at
    Post.objects.filter(pk=post.pk).update(comment_count=99)
    assert check() == (
        1,
        [
            f"post {post.slug}: {FAULT_KINDS['count']} (stored: 99, actual: 5).",
            "5 comments in 2 trees; 1 fault.",
        ],
    )
    assert check(repair=True)[0] == 0
    Post.objects.filter(pk=post.pk).update(last_comment_at=None)
    told = f"post {post.slug}: {FAULT_KINDS['newest']} (stored: None, actual: {newest})."
    assert check() == (1, [told, "5 comments in 2 trees; 1 fault."])
    Post.objects.filter(pk=post.pk).update(last_comment_at=thread["root"].created_at)
    assert check()[0] == 1
    assert check(repair=True)[0] == 0
    assert check()[0] == 0
    post.refresh_from_db()
    assert (post.comment_count, post.last_comment_at) == (5, thread["other"].created_at)


def test_wrong_numbers_of_thanks_are_found_and_counted_again(thread):
    first, deep = thread["first"], thread["deep"]
    thank(first, by=make_member())
    Comment.objects.filter(pk=first.pk).update(thanks_count=0)
    Comment.objects.filter(pk=deep.pk).update(thanks_count=2)
    told = [
        f"post {first.post.slug}, comment {comment.pk}: {FAULT_KINDS['thanks']}." for comment in (first, deep)
    ]
    assert check() == (1, [*told, "5 comments in 2 trees; 2 faults."])
    assert check(repair=True)[0] == 0
    assert list(
        Comment.objects.filter(pk__in=[first.pk, deep.pk])
        .order_by("pk")
        .values_list("thanks_count", flat=True)
    ) == [1, 0]


def test_a_post_without_comments_has_no_last_one(post):
    Post.objects.filter(pk=post.pk).update(last_comment_at=post.published_at)
    assert check()[0] == 1
    assert check(repair=True)[0] == 0
    post.refresh_from_db()
    assert (post.comment_count, post.last_comment_at) == (0, None)


def test_a_whole_tree_that_says_another_post_is_no_fault_of_the_tree(thread):
    """A tree's position is authoritative; the counters of both posts show that it was not moved."""
    elsewhere = make_post()
    plant(thread["other"].pk, post_id=elsewhere.pk)
    code, lines = check()
    assert (code, lines[-1]) == (1, "5 comments in 2 trees; 4 faults.")
    assert check(repair=True)[0] == 0
    assert list(Post.objects.order_by("pk").values_list("comment_count", flat=True)) == [4, 1]


def test_hidden_comments_do_not_count(thread):
    put_comment(thread["root"].post, status="held")
    assert check() == (0, ["6 comments in 3 trees; 0 faults."])


def test_repairing_what_is_sound_changes_nothing(thread):
    before = list(Comment.objects.order_by("pk").values())
    assert check(repair=True) == (0, ["5 comments in 2 trees; 0 faults."])
    assert list(Comment.objects.order_by("pk").values()) == before


def test_one_post_can_be_looked_at_alone(thread):
    broken = put_comment(body="elsewhere")
    plant(broken.pk, level=4)
    assert check(post=thread["root"].post.slug) == (0, ["5 comments in 2 trees; 0 faults."])
    assert check(post=broken.post.slug)[0] == 1
    assert check(post=thread["root"].post.slug, repair=True)[0] == 0
    assert check()[0] == 1
    assert check(post=broken.post.slug, repair=True)[0] == 0
    assert check()[0] == 0


def test_an_unknown_post_is_said(db):
    with pytest.raises(CommandError, match=r"^--post: there is no post nowhere\.$"):
        check(post="nowhere")


def test_a_repair_keeps_the_trees_in_their_order(post):
    roots = [put_comment(post, body=str(number)) for number in range(4)]
    plant(roots[1].pk, level=2)
    assert check(repair=True)[0] == 0
    assert outline() == [(0, "0"), (0, "1"), (0, "2"), (0, "3")]


def test_a_repair_of_a_deep_tree_needs_no_recursion(post, member):
    top = put_comment(post, member)
    chain = [
        Comment(
            pk=top.pk + n,
            post=post,
            author=member,
            body="x",
            html="x",
            tree_id=top.tree_id,
            lft=n + 1,
            rght=n + 2,
            level=1,
        )
        for n in range(1, 3001)
    ]
    for before, comment in zip([top, *chain], chain, strict=False):
        comment.parent_id = before.pk
    Comment.objects.bulk_create(chain)
    repair_post(Comment.objects, post.pk)
    recount(post.pk)
    assert list(find_faults(Comment.objects.tree_rows())) == []
    assert Comment.objects.order_by("-level").first().level == 3000
