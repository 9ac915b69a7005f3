"""A database replica (DATABASE_REPLICA_URL): visitors' pages use it, and writers see their own writes.

The replica is a copy of the database in which a post has another title, so each page shows where it was read.
tests/test_cluster.py has a replica that PostgreSQL keeps up to date.
"""

import sqlite3
from collections.abc import Iterator

import pytest
from django.core.cache import caches
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client
from django.utils import timezone

from comments.models import Comment
from core import replicas
from core.models import SiteSettings
from core.replicas import ReplicaRouter, read_from_primary, read_from_replica, reading_alias
from posts.models import Post
from tests.factories import make_comment, make_post

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="the copy is made from SQLite's file"),
]
HERE, THERE = "As the primary has it", "As the replica has it"


@pytest.fixture
def post(host) -> Post:
    post = make_post(author=host, title=HERE, slug="the-post")
    make_comment(post, body="The first.")
    return post


@pytest.fixture
def replica(post, tmp_path, settings, monkeypatch) -> Iterator[None]:
    path = tmp_path / "replica.sqlite3"
    with sqlite3.connect(path) as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)
        copy.execute("UPDATE posts_post SET title = ?, updated_at = ?", [THERE, str(timezone.now())])
    copy.close()
    primary = connections["default"]
    # Not in the settings, because tests may only query databases configured when they started.
    connections["replica"] = type(primary)(primary.settings_dict | {"NAME": str(path)}, "replica")
    monkeypatch.setattr(replicas, "_is_away_until", 0.0)
    settings.DATABASE_ROUTERS = ["core.replicas.ReplicaRouter"]
    yield
    read_from_primary()
    connections["replica"].close()
    del connections["replica"]


def title_seen(client: Client, path: str) -> str:
    page = client.get(path).content.decode()
    assert (HERE in page) != (THERE in page)
    return HERE if HERE in page else THERE


@pytest.mark.parametrize("path", ["/", "/posts/", "/posts/the-post/"])
def test_visitors_read_from_it_and_who_may_have_written_does_not(replica, member, signed_in, path):
    assert title_seen(Client(), path) == THERE
    assert title_seen(signed_in(member), path) == HERE
    just_wrote = Client()
    just_wrote.cookies["just_wrote"] = "1"
    assert title_seen(just_wrote, path) == HERE
    assert title_seen(Client(), path) == THERE  # again, in the same thread


def test_a_member_sees_their_comment_at_once(replica, member, signed_in):
    browser = signed_in(member)
    assert browser.post("/posts/the-post/comments/", {"body": "Hot off the press."}).status_code == 302
    assert "Hot off the press." in browser.get("/posts/the-post/").content.decode()
    browser.logout()  # the replica lags: a copy that is never updated
    assert "Hot off the press." not in Client().get("/posts/the-post/").content.decode()


def test_what_a_process_knows_for_a_while_is_read_from_the_primary(replica):
    SiteSettings.objects.create(pk=1, name="The name of a moment ago")
    make_post(kind="page", title="A new page", slug="new", nav_place="header")
    SiteSettings.forget()
    caches["parts"].clear()
    page = Client().get("/").content.decode()
    assert THERE in page
    assert "The name of a moment ago" in page
    assert "A new page" in page


def test_no_other_page_is_read_from_it(replica):
    for path in ("/feeds/posts/", "/sitemap.xml", "/search/?q=primary", "/members/"):
        assert THERE not in Client().get(path).content.decode()


def test_while_it_is_away_pages_come_from_the_primary(replica, monkeypatch):
    def away() -> None:
        tried.append(1)
        raise DatabaseError("gone")

    tried: list[int] = []
    monkeypatch.setattr(connections["replica"], "ensure_connection", away)
    assert [title_seen(Client(), "/") for _ in range(3)] == [HERE] * 3
    assert len(tried) == 1  # and it is not queried again for a while


def test_nothing_is_written_to_it_and_what_is_read_to_be_changed_comes_from_the_primary(replica):
    read_from_replica()
    post = Post.objects.get(slug="the-post")
    assert (post.title, reading_alias()) == (THERE, "replica")
    with transaction.atomic():
        assert reading_alias() == "default"
        assert Post.objects.get(slug="the-post").title == HERE
    assert Post.objects.select_for_update().db == "default"
    assert ReplicaRouter().db_for_write(Comment) == "default"
    Post.objects.filter(slug="the-post").update(title="Changed")
    read_from_primary()
    assert Post.objects.get(slug="the-post").title == "Changed"
