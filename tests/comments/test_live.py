"""Polling for new replies: what an open page receives, and what it never does."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Mute, User
from comments.models import Comment
from comments.services.writing import delete_comment, publish_comment, set_status
from comments.thread import live
from comments.thread.live import FAR_AHEAD, microseconds
from notifications.models import Notification
from posts.models import Post
from tests.factories import make_member, make_post, put_comment
from tests.figures import figure
from tests.notifications.people import make_guest_comment

pytestmark = [pytest.mark.sql, pytest.mark.django_db]


def ask(client, post: Post, since: object = 0) -> dict[str, Any]:
    return client.get(f"/posts/{post.slug}/live/?since={since}").json()


def mark_of(comment: Comment) -> int:
    comment.refresh_from_db()
    return microseconds(comment.published_at)


def test_a_page_learns_what_became_public_since(client, post, member):
    seen = publish_comment(post=post, author=member, body="Seen.")
    assert ask(client, post, mark_of(seen)) == {"new": [], "more": False, "since": mark_of(seen)}
    first, second = (publish_comment(post=post, author=member, body=body) for body in ("One.", "Two."))
    assert ask(client, post, mark_of(seen)) == {
        "new": [first.pk, second.pk],
        "more": False,
        "since": mark_of(second),
    }
    assert ask(client, post, mark_of(second)) == {"new": [], "more": False, "since": mark_of(second)}


def test_the_page_says_where_to_ask_and_since_when(client, post, member):
    empty = client.get(post.get_absolute_url()).content.decode()
    assert 'data-since="0"' in empty
    comment = publish_comment(post=post, author=member, body="Hello.")
    page = client.get(post.get_absolute_url()).content.decode()
    assert f'data-live="/posts/{post.slug}/live/"' in page
    assert f'data-since="{mark_of(comment)}"' in page
    assert page.count("js/live.js") == 1
    assert ask(client, post)["new"] == [comment.pk]


@pytest.mark.parametrize(
    "since",
    [
        "",
        "nonsense",
        "1.5",
        "-1",
        "٣",
        "9" * 40,
        "9" * 17,
        FAR_AHEAD,
        "%00x",
        "%ff",
        "%ED%A0%80",
        "0&since=x",
    ],
)
def test_a_moment_that_is_none_brings_nothing_and_the_right_one(client, post, member, since):
    comment = publish_comment(post=post, author=member, body="There already.")
    answer = client.get(f"/posts/{post.slug}/live/?since={since}")
    if answer.status_code == 400:
        return  # a NUL in a URL is always refused
    assert answer.json() == {"new": [], "more": False, "since": mark_of(comment)}


def test_a_moment_to_come_brings_nothing(client, post, member):
    publish_comment(post=post, author=member, body="There already.")
    assert ask(client, post, FAR_AHEAD - 1) == {"new": [], "more": False, "since": FAR_AHEAD - 1}


@pytest.mark.parametrize("status", [status for status in Comment.Status if status != Comment.Status.PUBLIC])
def test_comments_that_are_not_public_are_left_out(client, post, member, host, moderator, status):
    put_comment(post, author=member, status=status, published_at=timezone.now())
    assert ask(client, post)["new"] == []
    for user in (member, make_member(), moderator, host):
        client.force_login(user)
        assert ask(client, post)["new"] == []


def test_a_held_comment_is_included_once_it_is_approved(client, post, member, moderator):
    held = publish_comment(post=post, author=member, body="See https://example.org/")
    assert held.is_held
    later = put_comment(post, created_at=timezone.now(), published_at=timezone.now())
    told = ask(client, post)
    assert told["new"] == [later.pk]
    set_status(held, Comment.Status.PUBLIC)
    assert ask(client, post, told["since"])["new"] == [held.pk]


def test_deleted_comments_are_no_longer_included(client, post, member):
    comment = publish_comment(post=post, author=member, body="Hasty.")
    delete_comment(comment, by=member)
    assert ask(client, post)["new"] == []


def test_comments_of_muted_members_are_left_out_for_that_reader_only(client, post, member):
    muted, other = make_member("muted"), make_member("other")
    Mute.objects.create(member=member, muted=muted)
    Mute.objects.create(member=muted, muted=other)
    quiet = put_comment(post, author=muted)
    heard = put_comment(post, author=other)
    guest = make_guest_comment(post, "Kim", "kim@example.net")
    assert ask(client, post)["new"] == [quiet.pk, heard.pk, guest.pk]
    client.force_login(member)
    assert ask(client, post)["new"] == [heard.pk, guest.pk]
    client.force_login(muted)
    assert ask(client, post)["new"] == [quiet.pk, guest.pk]


def test_a_long_absence_brings_the_newest(client, post, monkeypatch):
    monkeypatch.setattr(live, "MAX_NEW_COMMENTS", most := figure(8, live.MAX_NEW_COMMENTS))
    began = timezone.now()
    times = [began + timedelta(seconds=n) for n in range(most + 1)]
    comments = [put_comment(post, created_at=when, published_at=when) for when in times]
    assert ask(client, post) == {
        "new": [comment.pk for comment in comments[1:]],
        "more": True,
        "since": mark_of(comments[-1]),
    }
    since = mark_of(comments[0])
    assert ask(client, post, since) == {
        "new": [comment.pk for comment in comments[1:]],
        "more": False,
        "since": mark_of(comments[-1]),
    }


def test_comments_of_other_posts_are_left_out(client, post):
    put_comment(make_post(slug="other"))
    assert ask(client, post)["new"] == []


def test_there_is_nothing_to_ask_of_drafts_and_posts_to_come(client, post, host):
    Post.objects.create(slug="draft", title="Draft", author=host)
    make_post(author=host, slug="tomorrow", published_at=timezone.now() + timedelta(days=1))
    client.force_login(host)
    assert [
        client.get(f"/posts/{slug}/live/").status_code for slug in ("draft", "tomorrow", "nowhere", post.slug)
    ] == [404, 404, 404, 200]
    assert [
        client.head(f"/posts/{post.slug}/live/").status_code,
        client.post(f"/posts/{post.slug}/live/").status_code,
    ] == [200, 405]


def test_an_unchanged_response_is_a_304(client, post, member):
    address = f"/posts/{post.slug}/live/?since=0"
    answer = client.get(address)
    assert (answer["Cache-Control"], answer["Content-Type"], answer.cookies) == (
        "private, no-cache",
        "application/json",
        {},
    )
    again = client.get(address, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    comment = publish_comment(post=post, author=member, body="Hello.")
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).json()["new"] == [comment.pk]


@pytest.mark.parametrize("news", [0, 1, figure(6, 30)])
def test_it_costs_a_visitor_one_statement_and_a_member_three(
    client, post, member, django_assert_num_queries, news
):
    for _ in range(news):
        put_comment(post)
    address = f"/posts/{post.slug}/live/?since=0"
    with django_assert_num_queries(1):
        client.get(address)
    client.force_login(member)
    with django_assert_num_queries(3):  # the session, the user, and the reply
        client.get(address)


def test_it_finds_them_by_an_index(post, settings):
    put_comment(post)
    explained = (
        Comment.objects.filter(post=post.pk, published_at__gt=timezone.now())
        .public()
        .order_by("-published_at")
        .values_list("pk")[:5]
        .explain()
    )
    assert "news_of_post" in explained or connection.vendor == "postgresql"  # a scan of a table with one row


def test_members_get_their_unread_count(client, post, member):
    mine = put_comment(post, author=member)
    client.force_login(member)
    assert ask(client, post)["unread"] == 0
    answer_to(mine)
    assert ask(client, post)["unread"] == 1
    client.force_login(make_member())
    assert ask(client, post)["unread"] == 0
    client.logout()
    assert "unread" not in ask(client, post)


def answer_to(comment: Comment, author: User | None = None) -> None:
    """Create a reply that its reader may already see."""
    publish_comment(post=comment.post, author=author or make_member(), body="An answer.", parent=comment)
    Notification.objects.update(due_at=timezone.now())
