"""No page reads all comments to show some: asked of SQLite's planner, which knows nothing of how many there are."""

import pytest
from django.db import connection
from django.db.models import Q

from comments.models import Comment
from posts.models import Tag
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
    return {"post": post.get_absolute_url(), "comment": comment.pk}


def test_the_watch_finds_what_reads_all_comments_or_sorts_them(site):
    with read_through("comments_comment") as found:
        list(Comment.objects.filter(Q(body__contains="tea")))
        list(Comment.objects.order_by("body")[:4])
        list(Comment.objects.filter(post__in=[1, 2]).order_by("created_at")[:4])
        list(Comment.objects.filter(status="public").order_by("-created_at", "-pk")[:4])
        list(Comment.objects.filter(pk=1))
    assert len(found) == 3


@pytest.mark.parametrize("who", ["visitor", "member", "moderator", "host"])
def test_no_page_reads_all_comments(who, site, host, client, signed_in):
    reader = {
        "visitor": None,
        "member": make_member("bob"),
        "moderator": make_moderator("carol"),
        "host": host,
    }[who]
    switch_on("closer")
    browser = signed_in(reader) if reader else client
    post, pk = site["post"], site["comment"]
    paths = ["/", "/posts/", "/posts/?tag=tea", post, f"{post}?sort=newest", f"{post}?sort=thanked", f"{post}feed/", "/feed/", "/feed/comments/",
             "/sitemap.xml", "/members/", "/members/?q=a", "/members/ada/", f"/comments/{pk}/", "/moderation/log/"]  # fmt: skip
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
