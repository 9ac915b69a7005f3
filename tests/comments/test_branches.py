"""Moving branches: what moves with them, what stays, and where they may not be moved."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.color import no_style
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments.models import Comment
from comments.models.discussion import Discussion
from comments.services.moving import move_branch, posts_to_move_to, split_branch
from comments.services.writing import delete_comment, edit_comment, lock_comment, publish_comment, recount
from comments.tree.numbering import Numbers, number_branch
from comments.tree.repair import find_faults
from posts.models import Post
from tests.factories import make_member, make_post, put_comment
from tests.shared_rows import made_once

pytestmark = [pytest.mark.sql, pytest.mark.django_db]


@pytest.fixture(scope="module")
def made(request):
    """top > (first > (deep, hidden), second), other"""

    def make() -> dict[str, Comment]:
        top = put_comment(body="top")
        first = put_comment(parent=top, body="first")
        deep = put_comment(parent=first, body="deep")
        hidden = put_comment(parent=first, body="hidden", status="removed")
        second = put_comment(parent=top, body="second")
        other = put_comment(top.post, body="other")
        return {"top": top, "first": first, "deep": deep, "hidden": hidden, "second": second, "other": other}

    yield from made_once(make, request)


@pytest.fixture
def talk(db, made) -> dict[str, Comment]:
    return made()


@pytest.fixture
def post(talk) -> Post:
    return talk["top"].post


def outline(post: Post) -> list[tuple[int, str]]:
    return list(Comment.objects.for_post(post).in_reading_order().values_list("level", "body"))


def state_of(post: Post) -> tuple[int, Any]:
    return Post.objects.values_list("comment_count", "last_comment_at").get(pk=post.pk)


@pytest.fixture(autouse=True)
def sound_trees(db):
    yield
    assert list(find_faults(Comment.objects.tree_rows())) == []


def test_a_branch_goes_under_another_post_and_all_below_it_goes_along(post, moderator, talk):
    elsewhere = make_post()
    there = put_comment(elsewhere, body="there")
    moved = move_branch(talk["first"], to_post=elsewhere, by=moderator)
    assert (moved.post, moved.parent, moved.level) == (elsewhere, None, 0)
    assert outline(post) == [(0, "top"), (1, "second"), (0, "other")]
    # It is older than what is there.
    assert outline(elsewhere) == [(0, "first"), (1, "deep"), (1, "hidden"), (0, "there")]
    assert state_of(post) == (3, talk["other"].created_at)
    assert state_of(elsewhere) == (3, there.created_at)


def test_a_branch_goes_under_a_comment_among_the_answers_by_their_age(post, moderator, talk):
    elsewhere = make_post()
    there = put_comment(elsewhere, body="there")
    put_comment(parent=there, body="answer")
    late = put_comment(post, body="late")
    move_branch(talk["first"], to_post=elsewhere, to_parent=there, by=moderator)
    move_branch(late, to_post=elsewhere, to_parent=there, by=moderator)
    assert outline(elsewhere) == [
        (0, "there"),
        (1, "first"),
        (2, "deep"),
        (2, "hidden"),
        (1, "answer"),
        (1, "late"),
    ]
    assert dict(Comment.objects.filter(parent=None).values_list("body", "branch_size")) == {
        "top": 2,
        "other": 1,
        "there": 6,
    }


def test_a_whole_discussion_is_moved_under_a_comment_and_back(post, moderator, talk):
    before = list(Comment.objects.order_by("pk").values("pk", "parent_id", "post_id", "level", "branch_size"))
    elsewhere = make_post()
    there = put_comment(elsewhere, body="there")
    move_branch(talk["top"], to_post=elsewhere, to_parent=there, by=moderator)
    assert outline(elsewhere) == [
        (0, "there"),
        (1, "top"),
        (2, "first"),
        (3, "deep"),
        (3, "hidden"),
        (2, "second"),
    ]
    move_branch(talk["top"], to_post=post, by=moderator)
    assert outline(post) == [
        (0, "top"),
        (1, "first"),
        (2, "deep"),
        (2, "hidden"),
        (1, "second"),
        (0, "other"),
    ]
    assert (
        list(
            Comment.objects.exclude(pk=there.pk)
            .order_by("pk")
            .values("pk", "parent_id", "post_id", "level", "branch_size")
        )
        == before
    )


def test_a_branch_moves_within_its_own_post(post, moderator, talk):
    move_branch(talk["first"], to_post=post, to_parent=talk["second"], by=moderator)
    assert outline(post) == [
        (0, "top"),
        (1, "second"),
        (2, "first"),
        (3, "deep"),
        (3, "hidden"),
        (0, "other"),
    ]
    move_branch(talk["deep"], to_post=post, by=moderator)
    assert outline(post) == [
        (0, "top"),
        (1, "second"),
        (2, "first"),
        (3, "hidden"),
        (0, "deep"),
        (0, "other"),
    ]
    assert state_of(post) == (5, talk["other"].created_at)


def test_everything_but_the_place_stays(post, moderator, talk):
    edit_comment(talk["deep"], body="deep", by=talk["deep"].author)
    place = {"post_id", "parent_id", "tree_id", "lft", "rght", "level", "branch_size"}
    fields = [field.attname for field in Comment._meta.concrete_fields if field.attname not in place]
    before = list(Comment.objects.order_by("pk").values(*fields))
    move_branch(talk["top"], to_post=make_post(), by=moderator)
    assert list(Comment.objects.order_by("pk").values(*fields)) == before


def test_the_threads_of_both_posts_count_as_changed(post, moderator, talk):
    elsewhere = make_post()
    before = dict(Post.objects.values_list("pk", "thread_version"))
    move_branch(talk["first"], to_post=elsewhere, by=moderator)
    assert [Post.objects.get(pk=pk).thread_version > before[pk] for pk in (post.pk, elsewhere.pk)] == [
        True,
        True,
    ]


def refused(**where: Any) -> str:
    before = list(Comment.objects.order_by("pk").values())
    with pytest.raises(ValidationError) as refusal:
        move_branch(**where)
    assert list(Comment.objects.order_by("pk").values()) == before
    return str(refusal.value.code)


def test_invalid_places_are_refused_with_a_message(post, moderator, talk):
    elsewhere = make_post()
    first, top, deep = talk["first"], talk["top"], talk["deep"]
    assert refused(comment=first, to_post=post, to_parent=top, by=moderator) == "same_place"
    assert refused(comment=top, to_post=post, by=moderator) == "same_place"
    assert refused(comment=first, to_post=post, to_parent=first, by=moderator) == "inside_itself"
    assert refused(comment=first, to_post=post, to_parent=deep, by=moderator) == "inside_itself"
    assert refused(comment=first, to_post=post, to_parent=deep, by=moderator, back=True) == "inside_itself"
    assert refused(comment=first, to_post=elsewhere, to_parent=talk["other"], by=moderator) == "parent_gone"
    assert (
        refused(comment=talk["other"], to_post=post, to_parent=talk["hidden"], by=moderator) == "parent_gone"
    )
    gone = make_post()
    Post.objects.filter(pk=gone.pk).delete()
    assert refused(comment=first, to_post=gone, by=moderator) == "post_gone"


def test_back_where_it_stood_it_may_go_though_that_is_gone(post, moderator, talk):
    delete_comment(talk["first"], by=talk["first"].author)
    move_branch(talk["deep"], to_post=make_post(), by=moderator)
    assert refused(comment=talk["deep"], to_post=post, to_parent=talk["first"], by=moderator) == "parent_gone"
    move_branch(talk["deep"], to_post=post, to_parent=talk["first"], by=moderator, back=True)
    assert outline(post)[:3] == [(0, "top"), (1, "first"), (2, "deep")]


def test_what_was_read_before_a_colleagues_move_is_read_again(post, moderator, talk):
    """The objects in memory are stale: the branch and its new parent have been moved in between."""
    elsewhere, third = make_post(), make_post()
    move_branch(Comment.objects.get(pk=talk["first"].pk), to_post=elsewhere, by=moderator)
    moved = move_branch(talk["deep"], to_post=third, by=moderator)
    assert (moved.post, moved.parent) == (third, None)
    assert (
        refused(comment=talk["first"], to_post=elsewhere, to_parent=talk["deep"], by=moderator)
        == "parent_gone"
    )


def test_drafts_are_for_those_who_write_posts(moderator, host, talk):
    draft = Post.objects.create(title="Draft", author=host)
    later = make_post(published_at=timezone.now() + timedelta(days=1))
    for post in (draft, later):
        with pytest.raises(PermissionDenied, match="Only people who can edit posts"):
            move_branch(talk["first"], to_post=post, by=moderator)
    assert set(posts_to_move_to(moderator)) == {talk["top"].post}
    assert set(posts_to_move_to(host)) == {talk["top"].post, draft, later}
    assert move_branch(talk["first"], to_post=draft, by=host).post == draft


def test_a_branch_can_be_moved_to_a_closed_discussion(moderator, talk):
    closed = make_post(comments_open=False)
    assert move_branch(talk["first"], to_post=closed, by=moderator).post == closed


def test_a_reply_goes_on_after_a_move(post, moderator, talk):
    elsewhere = make_post()
    move_branch(talk["first"], to_post=elsewhere, by=moderator)
    put_comment(parent=Comment.objects.get(pk=talk["deep"].pk), body="deeper")
    put_comment(elsewhere, body="after")
    assert outline(elsewhere) == [(0, "first"), (1, "deep"), (2, "deeper"), (1, "hidden"), (0, "after")]


def test_a_new_tree_never_gets_the_number_of_a_moved_one(moderator, post):
    """Reply, detach, reply, detach: tree numbers come from the keys, and each belongs to one comment."""
    numbers = set()
    for _ in range(4):
        top = put_comment(post)
        freed = move_branch(put_comment(parent=top), to_post=post, by=moderator)
        numbers |= {top.tree_id, freed.tree_id}
    assert len(numbers) == 8


def test_a_number_that_somebody_has_already_is_not_taken_twice(moderator, post, talk):
    Comment.objects.filter(pk=talk["other"].pk).update(tree_id=talk["deep"].pk)
    move_branch(talk["deep"], to_post=post, by=moderator)
    assert sorted(outline(post)) == sorted(
        [(0, "top"), (1, "first"), (2, "hidden"), (1, "second"), (0, "other"), (0, "deep")]
    )


def make_large(post: Post, size: int) -> Comment:
    """Create a branch of that many comments: chains of three under the first."""
    top = put_comment(post)
    parents = {number: 0 if number % 3 == 1 else number - 1 for number in range(1, size)}
    children: dict[int, list[int]] = {}
    for number, parent in parents.items():
        children.setdefault(parent, []).append(number)
    Comment.objects.bulk_create(
        Comment(
            pk=top.pk + number,
            parent_id=top.pk + parents[number],
            post=post,
            author=post.author,
            body="x",
            html="x",
            tree_id=top.tree_id,
            lft=numbers.left,
            rght=numbers.right,
            level=numbers.level,
        )
        for number, numbers in number_branch(children, 0, Numbers(top.lft, top.rght, 0))
    )
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Comment]):
            cursor.execute(statement)
    recount(post.pk)
    return Comment.objects.get(pk=top.pk)


@pytest.mark.parametrize("size", [3, 300])
def test_a_move_asks_as_many_questions_however_large_the_branch_is(post, moderator, size):
    large, elsewhere = make_large(post, size), make_post()
    there = put_comment(elsewhere)
    with CaptureQueriesContext(connection) as queries:
        move_branch(large, to_post=elsewhere, to_parent=there, by=moderator)
    singles = [
        query["sql"] for query in queries if "UPDATE" not in query["sql"] or "WHERE id =" not in query["sql"]
    ]
    assert len(singles) <= 31
    assert Comment.objects.for_post(elsewhere).count() == size + 1


def test_a_large_branch_finds_room_in_a_narrow_place(post, moderator):
    large, elsewhere = make_large(post, 200), make_post()
    there = put_comment(elsewhere, body="there")
    last = put_comment(parent=there, body="last")
    # Only a few numbers are left after the last reply.
    Comment.objects.filter(pk=last.pk).update(rght=there.rght - 100)
    move_branch(large, to_post=elsewhere, to_parent=there, by=moderator)
    assert Comment.objects.for_post(elsewhere).filter(parent=there).count() == 2
    put_comment(parent=Comment.objects.get(pk=large.pk))


def test_locks_need_a_transaction(talk, monkeypatch):
    monkeypatch.setattr(transaction.get_connection(), "in_atomic_block", False)
    with pytest.raises(transaction.TransactionManagementError):
        lock_comment(talk["top"])
    monkeypatch.undo()


# --- branches as posts ------------------------------------------------------------


def test_a_branch_becomes_a_post_of_its_own(post, moderator, talk):
    new = split_branch(talk["first"], title="  Wooden   spoons ", by=moderator)
    assert outline(new) == [(0, "first"), (1, "deep"), (1, "hidden")]
    assert outline(post) == [(0, "top"), (1, "second"), (0, "other")]
    new.refresh_from_db()
    assert (new.title, new.slug, new.author, new.published_at) == (
        "Wooden spoons",
        "wooden-spoons",
        post.author,
        talk["first"].created_at,
    )
    assert (new.comment_count, new.last_comment_at) == (2, talk["deep"].created_at)
    assert f'<a href="http://testserver{post.get_absolute_url()}"' in new.body
    assert f'<a href="http://testserver{talk["top"].get_absolute_url()}"' in new.body


def test_the_new_post_says_where_it_comes_from_whatever_the_old_one_is_called(post, moderator, talk):
    Post.objects.filter(pk=post.pk).update(title='<script>alert("x")</script> & co')
    new = split_branch(talk["top"], title="Spoons", by=moderator)
    link = f'<a href="http://testserver{post.get_absolute_url()}" rel="noopener">&lt;script&gt;alert("x")&lt;/script&gt; &amp; co</a>'
    assert new.body == f"<p>This discussion started under {link} and now has its own page.</p>"


def test_a_branch_under_a_draft_becomes_a_draft_and_a_closed_discussion_stays_closed(post, host, talk):
    Post.objects.filter(pk=post.pk).update(published_at=None, comments_open=False)
    new = split_branch(talk["first"], title="Spoons", by=host)
    assert (new.published_at, new.comments_open) == (None, False)


@pytest.mark.parametrize("visibility", ["public", "members", "unlisted"])
def test_a_branch_is_read_and_answered_by_the_same_people_as_before(visibility, post, moderator, talk):
    Post.objects.filter(pk=post.pk).update(visibility=visibility, language="fr")
    Discussion.objects.create(post=post, policy="members", slow_minutes=5)
    new = Post.objects.get(pk=split_branch(talk["first"], title="Spoons", by=moderator).pk)
    assert (new.visibility, new.language) == (visibility, "fr")
    assert new.discussion.choice == post.discussion.choice


def test_a_branch_under_an_event_becomes_a_post_of_the_host(post, host, moderator, member, talk):
    Post.objects.filter(pk=post.pk).update(kind="event", author=member)
    own = make_post(host)
    assert split_branch(talk["first"], title="Spoons", by=moderator).author == own.author == host


@pytest.mark.parametrize("title", ["", "   ", "x" * 201])
def test_a_post_needs_a_title_that_fits(title, moderator, talk):
    with pytest.raises(ValidationError):
        split_branch(talk["first"], title=title, by=moderator)
    assert (Post.objects.count(), Comment.objects.get(pk=talk["first"].pk).post) == (1, talk["top"].post)


def test_two_posts_with_the_same_title_get_two_addresses(moderator, talk, monkeypatch):
    """Also if both looked for a free slug at the same moment."""
    answers, free_slug = iter(["spoons", "spoons"]), Post.free_slug
    monkeypatch.setattr(Post, "free_slug", lambda post: next(answers, None) or free_slug(post))
    slugs = [split_branch(talk[name], title="Spoons", by=moderator).slug for name in ("first", "other")]
    assert slugs == ["spoons", "spoons-2"]


# --- old URLs ---------------------------------------------------------------------


@pytest.mark.parametrize("query", ["comment={}", "branch={}", "sort=newest&branch={}", "reply={}"])
def test_old_addresses_of_the_posts_page_lead_on(query, client, post, moderator, talk):
    elsewhere = make_post()
    move_branch(talk["first"], to_post=elsewhere, by=moderator)
    response = client.get(f"{post.get_absolute_url()}?{query.format(talk['deep'].pk)}")
    assert response.status_code == 302
    assert response["Location"].startswith(elsewhere.get_absolute_url())
    assert response["Location"].endswith(f"#comment-{talk['deep'].pk}")


def test_old_addresses_tell_nothing_of_what_the_reader_may_not_see(client, post, moderator, signed_in, talk):
    elsewhere = make_post()
    move_branch(talk["first"], to_post=elsewhere, by=moderator)
    page, hidden = post.get_absolute_url(), {"comment": talk["hidden"].pk}
    assert (client.get(page, hidden).status_code, signed_in(moderator).get(page, hidden).status_code) == (
        200,
        302,
    )
    Post.objects.filter(pk=elsewhere.pk).update(published_at=None)
    assert client.get(page, {"comment": talk["deep"].pk}).status_code == 200


def test_both_pages_show_at_once_what_moved(client, post, moderator, talk):
    elsewhere = make_post()
    pages = [post.get_absolute_url(), elsewhere.get_absolute_url()]
    deep = f'id="comment-{talk["deep"].pk}"'
    assert [deep in client.get(page).content.decode() for page in pages] == [True, False]
    move_branch(talk["first"], to_post=elsewhere, by=moderator)
    assert [deep in client.get(page).content.decode() for page in pages] == [False, True]


def test_permalinks_follow(client, post, moderator, talk):
    elsewhere = make_post()
    move_branch(talk["first"], to_post=elsewhere, by=moderator)
    response = client.get(talk["deep"].get_absolute_url())
    assert response["Location"].startswith(elsewhere.get_absolute_url())
    assert response["Location"].endswith(f"#comment-{talk['deep'].pk}")


def test_a_reply_to_a_branch_moved_in_the_meantime_is_not_lost(moderator, talk):
    move_branch(Comment.objects.get(pk=talk["first"].pk), to_post=make_post(), by=moderator)
    with pytest.raises(ValidationError) as refusal:
        publish_comment(post=talk["top"].post, author=make_member(), body="Answer.", parent=talk["deep"])
    assert refusal.value.code == "parent_gone"
