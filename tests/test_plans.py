"""No page reads all comments to show some: asked of SQLite's planner, which knows nothing of how many there are."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from board.models import Board
from board.services import wall_for
from comments.models import Comment
from comments.services.highlights import pinned_comment
from core.parts import parts
from decisions.models import Decision
from posts.models import Tag
from tests.decisions.asked import a_poll
from tests.factories import make_member, make_moderator, make_post, put_comment, switch_on
from tests.plans import read_through

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="the plans of SQLite"),
]


@pytest.fixture
def site(host):
    """A site with a bit of everything."""
    post, other = make_post(host), make_post(host)
    post.tags.add(Tag.objects.create(name="Tea", slug="tea"))
    ada = make_member("ada")
    comment = put_comment(post, author=ada)
    put_comment(parent=comment)
    put_comment(other, author=ada, status="held")
    put_comment(other, author=ada, status="removed")
    switch_on(*parts())
    card = put_comment(Board.open(host).post, author=ada)
    put_comment(parent=card)
    poll = a_poll(post=post, by=host)
    Decision.objects.create(
        comment=put_comment(other), kind="poll", method="single", title="Closed", closed_at=timezone.now()
    )
    return {"post": post.get_absolute_url(), "comment": comment.pk, "poll": poll.get_absolute_url()}


def test_the_watch_finds_what_reads_all_comments_or_sorts_them(site):
    with read_through("comments_comment") as found:
        list(Comment.objects.filter(Q(body__contains="tea")))
        list(Comment.objects.order_by("body")[:4])
        list(Comment.objects.filter(post__in=[1, 2]).order_by("created_at")[:4])
        list(Comment.objects.filter(status="public").order_by("-created_at", "-pk")[:4])
        list(Comment.objects.filter(pk=1))
        all_keys = Comment.objects.filter(created_at__gte=timezone.now()).values("pk")
        list(Comment.objects.filter(pk__in=all_keys).order_by("created_at"))
        list(
            Comment.objects.filter(pk__in=all_keys.order_by("-created_at", "-pk")[:4]).order_by("created_at")
        )
        list(
            Comment.objects.public()
            .filter(tree_id__in=range(24))
            .values_list("tree_id")
            .annotate(Count("pk"))
        )
    assert len(found) == 5


@pytest.mark.parametrize("who", ["visitor", "member", "moderator", "host"])
def test_no_page_reads_all_comments(who, site, host, client, signed_in):
    reader = {
        "visitor": None,
        "member": make_member("bob"),
        "moderator": make_moderator("carol"),
        "host": host,
    }[who]
    browser = signed_in(reader) if reader else client
    post, pk = site["post"], site["comment"]
    paths = ["/", "/posts/", "/posts/?tag=tea", post, f"{post}?sort=newest", f"{post}?sort=thanked", f"{post}feed/", "/feed/", "/feed/comments/",
             "/sitemap.xml", "/members/", "/members/?q=a", "/members/ada/", f"/comments/{pk}/", "/moderation/log/", "/board/", f"/board/?before={pk}", "/decisions/", "/decisions/?before=9", site["poll"],
             "/events/", "/birthdays/", "/giving/", "/memorials/"]  # fmt: skip
    if reader:
        paths += [
            "/notifications/",
            "/notifications/settings/",
            "/members/me/",
            "/members/me/edit/",
            "/members/me/people/",
            "/members/me/in-touch/",
            "/search/who-knows/?q=tea",
            "/members/me/links/",
        ]
    if who in {"moderator", "host"}:
        paths += ["/moderation/", "/moderation/decisions/", "/moderation/people/", "/moderation/people/ada/", "/moderation/appeals/",
                  "/moderation/places/", f"/moderation/comments/{pk}/", "/moderation/count/"]  # fmt: skip
    found, missing = {}, []
    for path in paths:
        with read_through("comments_comment") as reads:
            response = browser.get(path, follow=True)
        if response.status_code != 200:
            missing.append((path, response.status_code))
        if reads:
            found[path] = reads
    assert (found, missing) == ({}, [])


def test_a_search_asks_for_comments_by_their_keys(site, client):
    switch_on()  # what else is on the page asks for comments, too
    plans = []

    def explain(execute, sql, params, many, context):
        if sql.startswith("SELECT") and '"comments_comment"' in sql:
            with connection.cursor() as cursor:
                plans.extend(row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        assert client.get("/search/?q=words&kind=comments").context["sections"][0].hits
    reads = [line for line in plans if line.startswith(("SCAN", "SEARCH"))]
    assert reads
    # By an index of statuses it would read all that are public.
    assert [line for line in reads if "PRIMARY KEY" not in line] == []


@contextmanager
def plans(table: str = "comments_comment") -> Iterator[list[str]]:
    """Gives a list that fills with how SQLite means to find what it is asked of this table."""
    found: list[str] = []

    def explain(execute, sql, params, many, context):
        if sql.startswith("SELECT") and f'"{table}"' in sql:
            with connection.cursor() as cursor:
                found.extend(row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield found


def test_what_few_comments_of_a_thread_have_is_found_in_an_index_of_these(site, host, signed_in):
    """The pinned comment, what was chosen on the board, and what stands before a comment in its thread."""
    comment = Comment.objects.get(pk=site["comment"])
    with plans() as found:
        pinned_comment(comment.post)
    assert [line for line in found if "one_pinned_comment_of_each_post" in line]
    with plans() as found:
        wall_for(Board.current(), AnonymousUser(), None)
    assert [line for line in found if "INDEX chosen_of_post (post_id=? AND chosen_at>?)" in line]
    desk = signed_in(host)
    with plans() as found:
        assert desk.get(f"/moderation/comments/{comment.pk}/").status_code == 200
    assert [line for line in found if "(post_id=? AND tree_id<?)" in line]


def test_comments_of_one_state_in_the_admin_are_read_in_the_order_of_an_index(site, host, signed_in):
    desk = signed_in(host)
    with read_through("comments_comment") as found:
        page = desk.get("/admin/comments/comment/?status__exact=held")
    assert (len(page.context["cl"].result_list), found) == (1, [])


def test_tags_are_counted_tag_by_tag_in_an_index(site, host, signed_in, client):
    with plans("posts_post_tags") as found:
        assert [tag.post_count for tag in client.get("/").context["tags"]] == [1]
    reads = [line for line in found if "posts_post_tags" in line or "posts_of_tag" in line]
    assert {"USING COVERING INDEX posts_of_tag (tag_id=?)" in line for line in reads} == {True}
    desk = signed_in(host)
    with read_through("posts_post_tags") as found:
        page = desk.get("/admin/posts/tag/")
    assert ([tag.number for tag in page.context["cl"].result_list], found) == ([1], [])


@pytest.mark.parametrize(
    ("path", "table"),
    [("/events/", "events_occurrence")],
)
def test_lists_of_parts_are_read_in_the_order_of_an_index(path, table, site, client):
    with read_through(table) as found:
        assert client.get(path).status_code == 200
    assert found == []
