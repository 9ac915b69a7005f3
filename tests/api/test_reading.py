"""Reading through the API: the same content as on the pages, with the same permissions."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications.models import Notification
from posts.models import Post
from tests.api.access import Program, program_of
from tests.factories import make_comment, make_member, make_post

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture
def visitor() -> Program:
    return Program()


def slugs(response):
    return [post["slug"] for post in response.json()["items"]]


def test_posts_are_listed_newest_first_page_by_page(visitor, host):
    for days in range(1, 4):
        make_post(host, slug=f"day-{days}", published_at=timezone.now() - timedelta(days=days))
    first = visitor.get("posts?limit=2")
    assert (slugs(first), first.json()["next"] is not None) == (["day-1", "day-2"], True)
    second = visitor.get(f"posts?limit=2&after={first.json()['next']}")
    assert (slugs(second), second.json()["next"]) == (["day-3"], None)


def test_each_reader_finds_the_posts_that_the_pages_show_them(visitor, member, host):
    make_post(host, slug="public")
    make_post(host, slug="inside", visibility="members")
    make_post(host, slug="hidden", visibility="unlisted")
    Post.objects.create(author=host, slug="draft", title="Draft")
    make_post(host, slug="later", published_at=timezone.now() + timedelta(days=1))
    program = program_of(member)
    assert sorted(slugs(visitor.get("posts"))) == ["public"]
    assert sorted(slugs(program.get("posts"))) == ["inside", "public"]
    names = ("public", "inside", "hidden", "draft", "later")
    assert [visitor.get(f"posts/{name}").status_code for name in names] == [200, 404, 200, 404, 404]
    assert [program.get(f"posts/{name}").status_code for name in names] == [200, 200, 200, 404, 404]
    assert visitor.get("posts/inside/comments").status_code == 404


def test_a_post_comes_with_its_text_and_whole_addresses(visitor, host):
    post = make_post(host, slug="bread", title="Bread", body="<p>How to <a href='/posts/'>knead</a>.</p>")
    post.tags.create(name="Food", slug="food")
    said = visitor.get("posts/bread").json()
    assert {name: said[name] for name in ("url", "title", "tags", "comments_open", "version")} == {
        "url": "http://testserver/posts/bread/",
        "title": "Bread",
        "tags": [{"slug": "food", "name": "Food"}],
        "comments_open": True,
        "version": None,
    }
    assert said["author"]["username"] == host.username
    assert "How to" in said["html"]


def tree(response):
    return [(one["id"], one["parent"], one["level"], one["status"]) for one in response.json()["items"]]


def test_the_comments_of_a_post_are_its_tree_page_by_page(visitor, post):
    first = make_comment(post)
    reply = make_comment(parent=first)
    second = make_comment(post)
    whole = [
        (first.pk, None, 0, "public"),
        (reply.pk, first.pk, 1, "public"),
        (second.pk, None, 0, "public"),
    ]
    path = f"posts/{post.slug}/comments"
    assert tree(visitor.get(path)) == whole
    assert tree(visitor.get(f"{path}?sort=newest")) == [whole[2], *whole[:2]]
    found, after = [], ""
    while True:
        page = visitor.get(f"{path}?limit=1&after={after}")
        found += tree(page)
        after = page.json()["next"]
        if after is None:
            break
    assert found == whole


def test_what_is_gone_stays_a_tombstone_above_replies(visitor, post):
    gone = make_comment(post, body="Secret words.")
    reply = make_comment(parent=gone)
    alone = make_comment(post, status="removed")
    gone.refresh_from_db()
    type(gone).objects.filter(pk=gone.pk).update(status="spam")
    page = visitor.get(f"posts/{post.slug}/comments")
    assert tree(page) == [(gone.pk, None, 0, "removed"), (reply.pk, gone.pk, 1, "public")]
    assert page.json()["items"][0] | {"created_at": "", "url": ""} == {
        "id": gone.pk, "url": "", "post": post.slug, "parent": None, "level": 0, "status": "removed", "author": None,
        "is_by_host": False, "is_muted": False, "html": "", "source": None, "created_at": "", "edited_at": None,
        "thanks": 0, "is_pinned": False, "is_chosen": False,
    }  # fmt: skip
    assert b"Secret" not in page.content
    assert visitor.get(f"comments/{alone.pk}").status_code == 404


def test_a_held_comment_is_for_its_author_and_moderators(visitor, post, member, other_member, moderator):
    held = make_comment(post, member, status="held", body="Wait *here*.")
    answers = {
        "visitor": visitor,
        "author": program_of(member),
        "other": program_of(other_member),
        "moderator": program_of(moderator),
    }
    seen = {who: one.get(f"comments/{held.pk}") for who, one in answers.items()}
    assert {who: one.status_code for who, one in seen.items()} == {
        "visitor": 404, "author": 200, "other": 404, "moderator": 200
    }  # fmt: skip
    assert [tree(one.get(f"posts/{post.slug}/comments")) for one in answers.values()] == [
        [], [(held.pk, None, 0, "held")], [], [(held.pk, None, 0, "held")]
    ]  # fmt: skip
    # Only its author sees the source text.
    assert [seen[who].json()["source"] for who in ("author", "moderator")] == ["Wait *here*.", None]
    assert "<em>here</em>" in seen["moderator"].json()["html"]


def test_a_new_members_links_are_text_for_others(visitor, post):
    newcomer = make_member(date_joined=timezone.now())
    comment = make_comment(post, newcomer, body="See [this](https://elsewhere.example/).", status="public")
    assert "<a " not in visitor.get(f"comments/{comment.pk}").json()["html"]
    assert "<a " in program_of(newcomer).get(f"comments/{comment.pk}").json()["html"]


def test_the_newest_comments_leave_out_what_a_reader_may_not_see(visitor, host, member):
    inside = make_comment(make_post(host, visibility="members"))
    make_comment(make_post(host, visibility="unlisted"))
    public = make_comment(make_post(host))
    assert [one["id"] for one in visitor.get("comments").json()["items"]] == [public.pk]
    assert [one["id"] for one in program_of(member).get("comments").json()["items"]] == [public.pk, inside.pk]


def test_a_profile_says_what_its_page_says(visitor, member):
    member.tagline, member.bio = "Bakes.", "I *bake*."
    member.save()
    said = visitor.get(f"members/{member.username.upper()}").json()
    assert {name: said[name] for name in ("username", "tagline", "url")} == {
        "username": "alice", "tagline": "Bakes.", "url": "http://testserver/members/alice/"
    }  # fmt: skip
    assert "<em>bake</em>" in said["bio"]
    assert "email" not in said
    type(member).objects.filter(pk=member.pk).update(profile_hidden=True)
    hidden = visitor.get("members/alice").json()
    assert (hidden["name"], hidden["tagline"], hidden["bio"], hidden["links"]) == ("alice", "", "", [])


def test_me_says_whose_token_it_is(member):
    said = program_of(member, "write").get("me").json()
    assert (said["username"], said["scopes"], said["unread"], said["may_write"]) == (
        "alice", ["read", "write"], 0, True
    )  # fmt: skip


def test_searching_finds_what_the_page_finds(visitor, host, member):
    public = make_comment(make_post(host, title="Sourdough"), body="A good sourdough takes days.")
    make_comment(make_post(host, visibility="members"), body="Our sourdough secret.")
    found = visitor.get("search?q=sourdough").json()
    assert [one["id"] for one in found["comments"]] == [public.pk]
    assert [one["title"] for one in visitor.get("search?q=sourdough&kind=posts").json()["posts"]] == [
        "Sourdough"
    ]
    assert len(program_of(member).get("search?q=sourdough").json()["comments"]) == 2
    assert [one["username"] for one in visitor.get("search?q=alice&kind=members").json()["members"]] == [
        "alice"
    ]


def test_notifications_are_listed_and_marked_as_read(member, post, settings):
    settings.ALERT_WAIT_SECONDS = 0
    reply = make_comment(parent=make_comment(post, member))
    Notification.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    program = program_of(member, "write")
    [one] = program.get("notifications").json()["items"]
    assert (one["comment"], one["words"], one["is_unread"], one["post"]) == (
        reply.pk, "replied to you", True, post.slug
    )  # fmt: skip
    assert program.post("notifications/read", {"ids": [one["id"]]}).json() == {"marked": 1}
    assert program.get("notifications?show=unread").json() == {"items": [], "next": None}
    assert program.post("notifications/read", {"all": True}).json() == {"marked": 0}


def test_nobody_marks_the_notifications_of_others(member, other_member, post):
    make_comment(parent=make_comment(post, member))
    Notification.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    row = Notification.objects.get(member=member)
    assert program_of(other_member, "write").post("notifications/read", {"ids": [row.pk]}).json() == {
        "marked": 0
    }
    assert program_of(other_member).get("notifications").json()["items"] == []


@pytest.mark.parametrize(
    "path", ["posts", "posts/{slug}/comments", "comments", "search?q=words", "search?q=post&kind=posts"]
)
def test_longer_lists_take_no_more_queries(path, post, host):
    path = path.format(slug=post.slug)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert program.get(path).status_code == 200
        return len(queries)

    make_comment(post, body="Words.").post.tags.create(name="A", slug="a")
    program = program_of(host)
    program.get(path)
    few = count()
    for _one in range(3):
        other = make_post(title="Post of words")
        other.tags.create(name=f"Tag {other.pk}", slug=f"tag-{other.pk}")
        make_comment(parent=make_comment(post, body="Words."), body="Words.")
    assert count() == few <= 16


def test_what_has_not_changed_is_answered_in_short(visitor, post, member):
    response = visitor.get(f"posts/{post.slug}")
    etag = response["ETag"]
    assert (visitor.get(f"posts/{post.slug}", If_None_Match=etag).status_code, response["Cache-Control"]) == (
        304, "public, no-cache"
    )  # fmt: skip
    Post.objects.filter(pk=post.pk).update(title="Other")
    assert visitor.get(f"posts/{post.slug}", If_None_Match=etag).status_code == 200
    assert program_of(member).get(f"posts/{post.slug}")["Cache-Control"] == "private, no-cache"


def test_other_sites_may_read_what_is_public_and_nothing_else(visitor, post, member):
    public, own = visitor.get("posts"), program_of(member).get("posts")
    assert public["Access-Control-Allow-Origin"] == "*"
    assert not own.has_header("Access-Control-Allow-Origin")
    assert "Authorization" in public["Vary"]
    assert not visitor.client.options("/api/v1/posts").has_header("Access-Control-Allow-Headers")


def test_head_says_what_get_says_without_the_body(visitor, post):
    response = visitor.ask("head", "posts")
    assert (response.status_code, response.content) == (200, b"")
    assert response["ETag"] == visitor.get("posts")["ETag"]
