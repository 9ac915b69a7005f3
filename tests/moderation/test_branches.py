"""Moving branches over HTTP: choosing a place, preview, move, undo."""

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import User
from comments.models import Comment
from comments.services.moving import move_branch
from comments.services.writing import delete_comment, edit_comment
from comments.tree.repair import find_faults
from moderation.models import Decision
from moderation.services.branches import Branch, BranchAuthor, look_at
from moderation.services.decisions import decide, move, split, undo
from moderation.services.queue import seen_now
from posts.models import Post
from tests.factories import make_host, make_member, make_moderator, make_post, put_comment
from tests.figures import figure
from tests.shared_rows import made_once


@pytest.fixture
def moderator_client(moderator, signed_in):
    return signed_in(moderator)


@pytest.fixture(scope="module")
def made(request):
    """top > first > deep"""

    def make() -> dict[str, Comment]:
        top = put_comment(make_post(make_host("nora")), body="top")
        first = put_comment(parent=top, author=make_member("ada", display_name="Ada"), body="first")
        deep = put_comment(parent=first, author=make_member("ben", display_name="Ben"), body="deep")
        return {"top": top, "first": first, "deep": deep}

    yield from made_once(make, request)


@pytest.fixture
def talk(db, made) -> dict[str, Comment]:
    return made()


@pytest.fixture
def post(talk) -> Post:
    return talk["top"].post


@pytest.fixture
def host(post) -> User:
    return post.author


@pytest.fixture
def spoons(host) -> Post:
    return make_post(author=host, title="Wooden spoons")


@pytest.fixture(autouse=True)
def sound_trees(db):
    yield
    assert list(find_faults(Comment.objects.tree_rows())) == []


def move_page(comment: Comment) -> str:
    return reverse("moderation:branch-move", args=[comment.pk])


def split_page(comment: Comment) -> str:
    return reverse("moderation:branch-split", args=[comment.pk])


def review_page(comment: Comment) -> str:
    return reverse("moderation:comment-review", args=[comment.pk])


def place(comment: Comment) -> tuple[int, int | None]:
    return Comment.objects.values_list("post", "parent").get(pk=comment.pk)


def log() -> list[tuple]:
    columns = (
        "comment",
        "moderator__username",
        "action",
        "from_post",
        "from_parent",
        "to_post",
        "to_parent",
        "note",
    )
    return list(Decision.objects.order_by("pk").values_list(*columns))


def test_the_review_of_a_comment_leads_to_both_ways_out(moderator_client, talk):
    page = moderator_client.get(review_page(talk["first"]))
    assertContains(page, f'href="{move_page(talk["first"])}"')
    assertContains(page, f'href="{split_page(talk["first"])}"')


def test_a_branch_is_moved_step_by_step_and_back(moderator_client, post, talk, spoons):
    there = put_comment(spoons, author=make_member("eve", display_name="Eve"), body="Which wood?")
    page = moderator_client.get(move_page(talk["first"]))
    assertContains(page, "2 comments will be moved: Ada (1), Ben (1).")
    assertContains(page, f'href="?post={spoons.pk}&amp;under="')
    page = moderator_client.get(move_page(talk["first"]), {"q": "SPOONS wood"})
    assert list(page.context["found"]) == [spoons]
    page = moderator_client.get(move_page(talk["first"]), {"post": spoons.pk, "under": ""})
    assertContains(page, "2 comments move to “Wooden spoons”, as a top-level comment.")
    link = f"http://testserver{there.get_absolute_url()}"
    page = moderator_client.get(move_page(talk["first"]), {"post": spoons.pk, "under": link})
    assertContains(page, "2 comments move to “Wooden spoons”, in reply to Eve: “Which wood?”")
    assert place(talk["first"]) == (post.pk, talk["top"].pk)
    data = {"post": spoons.pk, "under": link, "seen": str(page.context["seen"]), "note": "It is about wood."}
    response = moderator_client.post(move_page(talk["first"]), data, follow=True)
    decision = Decision.objects.get()
    assertRedirects(response, f"{review_page(talk['first'])}?done={decision.pk}")
    assertContains(response, "Moved the comment by Ada, with its replies.")
    assert [place(talk[name]) for name in ("first", "deep")] == [
        (spoons.pk, there.pk),
        (spoons.pk, talk["first"].pk),
    ]
    assert log() == [
        (talk["first"].pk, "carol", "move", post.pk, talk["top"].pk, spoons.pk, there.pk, "It is about wood.")
    ]
    response = moderator_client.post("/moderation/undo/", {"decisions": decision.pk}, follow=True)
    assertContains(response, "Undone.")
    assert place(talk["first"]) == (post.pk, talk["top"].pk)
    assert log()[1:] == [
        (talk["first"].pk, "carol", "undo", spoons.pk, there.pk, post.pk, talk["top"].pk, "")
    ]


@pytest.mark.parametrize(
    "name",
    [
        "{0}",
        " #{0} ",
        "/comments/{0}/",
        "http://testserver/comments/{0}/",
        "/posts/x/?page=3#comment-{0}",
        "#comment-{0}",
    ],
)
def test_a_comment_is_named_by_its_number_or_any_of_its_links(name, moderator_client, talk, spoons):
    there = put_comment(spoons)
    moderator_client.post(move_page(talk["first"]), {"post": spoons.pk, "under": name.format(there.pk)})
    assert place(talk["first"]) == (spoons.pk, there.pk)


# Places where nothing can be moved, and the page's message.
NO_PLACES = [
    ({"post": "", "under": ""}, "This post doesn’t exist."),
    ({"post": "x", "under": ""}, "This post doesn’t exist."),
    ({"post": "99999999999999999999999", "under": ""}, "This post doesn’t exist."),
    ({"post": "SPOONS", "under": "Kept words"}, "No comment found."),
    ({"post": "SPOONS", "under": "99999999999999999999999"}, "No comment found."),
    ({"post": "SPOONS", "under": "9223372036854775808"}, "No comment found."),
    ({"post": "SPOONS", "under": "٣"}, "No comment found."),
    ({"post": "SPOONS", "under": "TOP"}, "This comment isn’t under that post."),
    ({"post": "HERE", "under": "TOP"}, "The comment is already there."),
    ({"post": "HERE", "under": "DEEP"}, "This comment is one of those you’re moving."),
    ({"post": "HERE", "under": "HELD"}, "This comment isn’t public."),
    ({"post": "DRAFT", "under": ""}, "This post doesn’t exist."),
]  # fmt: skip


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_place_that_cannot_be_comes_back_with_what_was_typed(
    method, moderator_client, post, talk, spoons, host
):
    names = {
        "SPOONS": spoons.pk,
        "HERE": post.pk,
        "DRAFT": Post.objects.create(title="Draft", author=host).pk,
    }
    names |= {"TOP": talk["top"].pk, "DEEP": talk["deep"].pk, "HELD": put_comment(post, status="held").pk}
    for place_typed, words in NO_PLACES:
        data = {key: str(names.get(value, value)) for key, value in place_typed.items()}
        response = getattr(moderator_client, method)(move_page(talk["first"]), data | {"note": "Kept note"})
        of = {"status_code": 422, "msg_prefix": str(place_typed)}
        assertContains(response, words, count=1, **of)
        assertContains(response, "<title>Error: Move comments", **of)
        if data["under"]:
            assertContains(response, f'value="{data["under"]}"', **of)
            assertContains(response, 'value="Kept note"', **of)
        assert (place(talk["first"]), Decision.objects.count()) == ((post.pk, talk["top"].pk), 0), place_typed


@pytest.mark.parametrize("data", [{"post": "\0"}, {"under": "\0"}, {"note": "\0"}])
def test_unreadable_input_is_refused(data, moderator_client, talk, spoons):
    assert moderator_client.post(move_page(talk["first"]), {"post": spoons.pk} | data).status_code == 422


def test_a_note_that_is_too_long_comes_back_with_the_place(moderator_client, talk, spoons):
    response = moderator_client.post(
        move_page(talk["first"]), {"post": spoons.pk, "under": "", "note": "x" * 301}
    )
    assertContains(response, "at most 300 characters", status_code=422)
    assertContains(response, "2 comments move to “Wooden spoons”", status_code=422)


@pytest.mark.parametrize("query", ["x" * 201, "%", "\\", "a " * 90])
def test_no_search_breaks_the_page(query, moderator_client, talk, spoons):
    assert moderator_client.get(move_page(talk["first"]), {"q": query}).status_code == 200


def test_the_search_ends_somewhere_and_says_so(moderator_client, talk, host):
    for number in range(12):
        make_post(author=host, title=f"Letter {number}")
    page = moderator_client.get(move_page(talk["first"]), {"q": "letter"})
    assertContains(page, "&amp;under=", count=10)
    assertContains(page, "There are more. Enter part of the title")
    assertContains(
        moderator_client.get(move_page(talk["first"]), {"q": "bread"}), "No other post has a title like that."
    )


def test_drafts_are_offered_to_those_who_write_posts_alone(moderator_client, host, signed_in, talk):
    draft = Post.objects.create(title="Not out yet", author=host)
    assertNotContains(moderator_client.get(move_page(talk["first"])), "Not out yet")
    hosts = signed_in(host)
    assertContains(hosts.get(move_page(talk["first"])), "Not out yet")
    assertContains(
        hosts.get(move_page(talk["first"]), {"post": draft.pk, "under": ""}),
        "No one can read it there until the post is published.",
    )
    assert hosts.post(move_page(talk["first"]), {"post": draft.pk}).status_code == 302
    decision = Decision.objects.get()
    # A moderator may detach it again: then everyone can read it.
    assert undo(decision, by=make_moderator()) is not None


def test_a_moderator_cannot_put_it_back_into_a_draft(moderator_client, host, moderator, talk):
    draft = Post.objects.create(title="Not out yet", author=host)
    move_branch(talk["first"], to_post=draft, by=host)
    decision = move(talk["first"], to_post=talk["top"].post, by=moderator)
    earlier = decide(talk["top"], "remove", by=moderator)
    response = moderator_client.post("/moderation/undo/", {"decisions": [earlier.pk, decision.pk]})
    assertContains(response, "Only people who can edit posts can move comments there.", status_code=403)
    assert Decision.objects.filter(undoes__isnull=False).count() == 0


def test_an_undo_that_makes_a_post_a_draft_leaves_what_would_go_there_and_says_so(
    moderator_client, moderator, post, talk
):
    made = split(talk["deep"], title="Which wood", by=moderator)
    later = make_post(post.author, title="Elsewhere")
    other = put_comment(made.to_post, body="other")
    moved = move(other, to_post=later, by=moderator)
    response = moderator_client.post("/moderation/undo/", {"decisions": [made.pk, moved.pk]}, follow=True)
    assertContains(response, "Undone.")
    assertContains(response, "One decision can’t be undone")
    assert place(talk["deep"]) == (post.pk, talk["first"].pk)
    assert place(other) == (later.pk, None)


def test_a_colleague_who_was_faster_is_not_overruled(moderator_client, moderator, post, talk, spoons):
    seen = moderator_client.get(move_page(talk["first"])).context["seen"]
    move(talk["first"], to_post=spoons, by=make_moderator("dave"))
    for page, data in ((move_page, {"post": post.pk}), (split_page, {"title": "Spoons"})):
        response = moderator_client.post(page(talk["first"]), data | {"seen": str(seen)}, follow=True)
        assertContains(response, "Nothing was changed: someone decided about this comment")
    assert place(talk["first"]) == (spoons.pk, None)
    assert Decision.objects.count() == 1


def test_a_text_changed_in_the_meantime_is_shown_first(moderator, talk, spoons):
    seen = seen_now()
    edit_comment(talk["first"], body="Something else.", by=talk["first"].author)
    assert move(talk["first"], to_post=spoons, by=moderator, seen=seen) is None


def test_a_double_click_makes_one_post(moderator_client, talk):
    seen = str(moderator_client.get(split_page(talk["first"])).context["form"].initial["seen"])
    for _ in range(2):
        moderator_client.post(split_page(talk["first"]), {"title": "Spoons", "seen": seen})
    assert Post.objects.filter(title="Spoons").count() == 1


def test_a_branch_becomes_a_post_and_is_put_back(moderator_client, client, post, talk):
    page = moderator_client.get(split_page(talk["first"]))
    assertContains(page, "2 comments will be moved: Ada (1), Ben (1).")
    response = moderator_client.post(
        split_page(talk["first"]), {"title": "Which wood", "note": "Long enough."}, follow=True
    )
    new, decision = Post.objects.get(title="Which wood"), Decision.objects.get()
    assertContains(response, "Split the comment by Ada, with its replies, into a new post.")
    assert log() == [
        (talk["first"].pk, "carol", "split", post.pk, talk["top"].pk, new.pk, None, "Long enough.")
    ]
    assertContains(client.get(new.get_absolute_url()), "This discussion started under")
    moderator_client.post("/moderation/undo/", {"decisions": decision.pk})
    assert place(talk["first"]) == (post.pk, talk["top"].pk)
    assert client.get(new.get_absolute_url()).status_code == 404
    assert Post.objects.get(pk=new.pk).published_at is None


def test_a_post_with_new_comments_stays_when_the_branch_is_moved_back(moderator, talk):
    decision = split(talk["first"], title="Which wood", by=moderator)
    put_comment(decision.to_post)
    undo(decision, by=moderator)
    assert Post.objects.get(title="Which wood").is_published


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("", "Enter a title."),
        ("  ", "Enter a title."),
        ("x" * 201, "at most 200 characters"),
        ("a\0", "Null characters"),
    ],
)
def test_a_title_that_cannot_be_comes_back(title, words, moderator_client, talk):
    response = moderator_client.post(split_page(talk["first"]), {"title": title, "note": "Kept note"})
    assertContains(response, words, status_code=422, count=1)
    assertContains(response, 'value="Kept note"', status_code=422)
    assert Post.objects.count() == 1


def test_what_cannot_go_back_is_said(moderator_client, moderator, post, talk, spoons):
    first, top = talk["first"], talk["top"]
    # The place was moved.
    decision = move(first, to_post=spoons, by=moderator)
    move_branch(top, to_post=make_post(), by=moderator)
    assertContains(
        moderator_client.post("/moderation/undo/", {"decisions": decision.pk}, follow=True),
        "One decision can’t be undone",
    )
    # It was moved on from there.
    move_branch(top, to_post=post, by=moderator)
    move_branch(first, to_post=make_post(), by=moderator)
    assert undo(decision, by=moderator) is None
    # Its former parent is below it.
    move_branch(first, to_post=spoons, by=moderator)
    move_branch(top, to_post=spoons, to_parent=first, by=moderator)
    move_branch(top, to_post=spoons, to_parent=Comment.objects.get(pk=talk["deep"].pk), by=moderator)
    assert undo(decision, by=moderator) is None
    # And now it can.
    move_branch(top, to_post=post, by=moderator)
    assert undo(decision, by=moderator) is not None
    assert place(first) == (post.pk, top.pk)
    assert undo(decision, by=moderator) is None


def test_below_each_other_there_is_no_way_back(moderator, post, talk):
    """Within one post: its former parent is in the branch by now."""
    top, first = talk["top"], talk["first"]
    decision = move(first, to_post=post, by=moderator)
    move_branch(top, to_post=post, to_parent=first, by=moderator)
    assert undo(decision, by=moderator) is None
    assert place(top) == (post.pk, first.pk)


def test_it_is_moved_back_under_a_deleted_comment(moderator, post, talk, spoons):
    decide(talk["top"], "remove", by=moderator)
    decision = move(talk["first"], to_post=spoons, by=moderator)
    delete_comment(talk["first"], by=talk["first"].author)
    assert undo(decision, by=moderator) is not None
    assert place(talk["first"]) == (post.pk, talk["top"].pk)


def test_a_post_that_is_gone_cannot_take_it_back_and_the_log_says_so(
    moderator_client, moderator, post, talk, spoons
):
    lonely = put_comment(spoons)
    move(lonely, to_post=post, by=moderator)
    spoons.delete()
    page = moderator_client.get("/moderation/decisions/")
    assert [decision.is_undoable for decision in page.context["decisions"]] == [False]
    assertContains(page, "a deleted post")


def test_the_log_says_from_where_to_where(moderator_client, moderator, post, talk, spoons):
    decision = move(talk["first"], to_post=spoons, by=moderator)
    undo(decision, by=moderator)
    page = moderator_client.get("/moderation/decisions/")
    old = f'<a href="{post.get_absolute_url()}">{post.title}</a>, <a href="{talk["top"].get_absolute_url()}">in reply to {talk["top"].author_name}</a>'
    new = f'<a href="{spoons.get_absolute_url()}">Wooden spoons</a>'
    words = " ".join(page.content.decode().split())
    assert "<b>carol</b>: moved" in words
    assert f"From: {old} . To: {new} ." in words
    assert f"From: {new} . To: {old} ." in words


def test_the_log_costs_the_same_queries_with_moves_in_it(
    moderator_client, moderator, talk, django_assert_num_queries
):
    for number in range(4):
        move(talk["first"], to_post=make_post(title=f"Post {number}"), by=moderator)
    # Session, user, their unread notifications, the log, pending counts (two).
    with django_assert_num_queries(6):
        moderator_client.get("/moderation/decisions/")


@pytest.mark.parametrize("number", [1, figure(4, 12)])
def test_the_page_costs_the_same_queries_however_much_moves(
    moderator_client, talk, spoons, number, django_assert_num_queries
):
    for _ in range(number):
        put_comment(parent=talk["first"])
    # Session, user, their unread notifications, pending counts (two), permissions (two), the branch (five),
    # the place.
    with django_assert_num_queries(17):
        moderator_client.get(move_page(talk["first"]), {"post": spoons.pk, "under": ""})


def test_a_look_at_a_branch_counts_what_is_hidden_and_names_nobody_who_withdrew(post, talk):
    withdrawn = put_comment(parent=talk["deep"], author=make_member("zoe"))
    delete_comment(withdrawn, by=withdrawn.author)
    put_comment(parent=talk["deep"], author=talk["deep"].author, status="held")
    Comment.objects.filter(pk=talk["top"].pk).update(author=None, guest_name="Per")
    top = Comment.objects.get(pk=talk["top"].pk)
    found = look_at(top)
    assert found == Branch(comments=5, hidden=2, people=3, voices=[BranchAuthor("Ben", 2), *found.voices[1:]])
    assert set(found.voices[1:]) == {BranchAuthor("Ada", 1), BranchAuthor("Per", 1)}


def test_deleted_comments_cannot_be_moved(moderator_client, talk):
    delete_comment(talk["first"], by=talk["first"].author)
    assert (
        moderator_client.get(move_page(talk["first"])).status_code,
        moderator_client.get(split_page(talk["first"])).status_code,
    ) == (404, 404)


def test_a_moved_comment_keeps_its_place_in_the_queue(moderator_client, moderator, talk, spoons):
    held = put_comment(parent=talk["first"], status="held", created_at=timezone.now())
    move(talk["first"], to_post=spoons, by=moderator)
    assertContains(moderator_client.get("/moderation/", {"item": held.pk}), "Wooden spoons")
