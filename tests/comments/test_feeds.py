"""Atom feeds of comments: valid, with absolute URLs, and without hidden content."""

import xml.etree.ElementTree as ET

import pytest

from comments.models import Comment
from comments.services.writing import set_status
from posts.models import Post
from posts.services.publishing import withdraw_post
from tests.factories import make_member, make_post, put_comment
from tests.figures import figure

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


def read_feed(client, path):
    response = client.get(path)
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ET.fromstring(response.content)  # noqa: S314 - our own response


def test_a_feed_tells_who_said_what_and_where(client, post, settings):
    comment = put_comment(post, author=make_member("dora", display_name="Dora & Co"), body="A *word* <b>.")
    entry = read_feed(client, "/feed/comments/").find(f"{ATOM}entry")
    place = f"{settings.SITE_URL}/comments/{comment.pk}/"
    assert entry.findtext(f"{ATOM}title") == f"Dora & Co on “{post.title}”"
    assert entry.findtext(f"{ATOM}id") == entry.find(f"{ATOM}link").get("href") == place
    assert entry.findtext(f"{ATOM}summary") == "<p>A <em>word</em> &lt;b&gt;.</p>"
    assert entry.findtext(f"{ATOM}published") == comment.created_at.isoformat()
    assert entry.find(f"{ATOM}author").findtext(f"{ATOM}name") == "Dora & Co"


def test_the_feed_of_one_post_holds_its_comments_alone_newest_first(client, post):
    put_comment()
    mine = [put_comment(post), put_comment(post)]
    feed = read_feed(client, f"/posts/{post.slug}/feed/")
    assert [entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")] == [
        f"http://testserver/comments/{c.pk}/" for c in reversed(mine)
    ]
    assert feed.find(f"{ATOM}link[@rel='self']").get("href") == f"http://testserver/posts/{post.slug}/feed/"


def test_every_feed_has_an_id_of_its_own_and_says_where_it_is(client, post):
    other = make_post()
    paths = ["/feed/", "/feed/comments/", f"/posts/{post.slug}/feed/", f"/posts/{other.slug}/feed/"]
    feeds = [read_feed(client, path) for path in paths]
    assert [feed.findtext(f"{ATOM}id") for feed in feeds] == [
        "http://testserver/",
        "http://testserver/feed/comments/",
        f"tag:testserver,{post.created_at:%Y-%m-%d}:post/{post.pk}/comments",
        f"tag:testserver,{other.created_at:%Y-%m-%d}:post/{other.pk}/comments",
    ]
    assert [feed.find(f"{ATOM}link[@rel='self']").get("href") for feed in feeds] == [
        f"http://testserver{path}" for path in paths
    ]


def test_the_id_of_a_posts_feed_stays_when_the_post_moves(client, post):
    before = read_feed(client, f"/posts/{post.slug}/feed/").findtext(f"{ATOM}id")
    Post.objects.filter(pk=post.pk).update(slug="elsewhere", title="Other")
    assert read_feed(client, "/posts/elsewhere/feed/").findtext(f"{ATOM}id") == before


def test_an_empty_feed_is_a_feed(client, post):
    assert read_feed(client, f"/posts/{post.slug}/feed/").findall(f"{ATOM}entry") == []


@pytest.mark.parametrize("status", ["held", "removed", "spam", "deleted"])
def test_what_may_not_be_read_is_not_fed(client, post, status):
    put_comment(post, status=status)
    assert read_feed(client, "/feed/comments/").findall(f"{ATOM}entry") == []


def test_comments_of_a_withdrawn_post_are_not_fed(client):
    post = make_post()
    put_comment(post)
    withdraw_post(post)
    assert read_feed(client, "/feed/comments/").findall(f"{ATOM}entry") == []
    assert client.get(f"/posts/{post.slug}/feed/").status_code == 404


@pytest.mark.parametrize("replies", [1, figure(5, 30)])
def test_a_feed_costs_the_same_queries_however_long(
    client, post, settings, django_assert_num_queries, replies
):
    settings.RATE_LIMITS = False
    for _ in range(replies):
        put_comment(post)
    with django_assert_num_queries(1):
        client.get("/feed/comments/")


def test_a_feed_that_is_known_already_is_not_sent_again_until_a_comment_comes_or_goes(client, post):
    comment = put_comment(post, body="Odd \x0b sign.")
    address = f"/posts/{post.slug}/feed/"
    first = client.get(address)
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert "Last-Modified" not in first
    set_status(comment, Comment.Status.REMOVED)
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 200
    assert read_feed(client, address).findtext(f"{ATOM}updated") == "1970-01-01T00:00:00+00:00"
