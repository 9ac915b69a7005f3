"""No page reads all comments to show a few of them.

Checked with SQLite's query planner, without statistics and with those of ANALYZE for a million comments.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import caches
from django.db import connection
from django.db.models import Count, Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains

from accounts.models import User
from birthdays.services.calendar import month_of
from board.models import Board
from board.services import wall_for
from comments.models import Comment
from comments.services.highlights import pinned_comment
from core.parts import parts
from core.utils.pagination import Cursor
from decisions.models import Decision as Proposal
from decisions.services.voting import cast_vote, results_of
from events.models import OccurrenceQuerySet
from giving.models import Gift
from moderation.models import Decision
from moderation.services.stats import stats_of
from posts.models import Post, Tag
from tests.decisions.factories import make_poll
from tests.factories import make_member, make_moderator, make_post, put_comment, switch_on
from tests.memorials.people import a_memorial
from tests.query_plans import forget_statistics, know_statistics, read_through, steps_of_sqlite

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="the plans of SQLite"),
]


@pytest.fixture
def site(host):
    """Create a site with some content of each kind."""
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
    poll = make_poll(post=post, by=host)
    Proposal.objects.create(
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


@pytest.mark.parametrize("has_statistics", [False, True], ids=["without-statistics", "with-statistics"])
@pytest.mark.parametrize("who", ["visitor", "member", "moderator", "host"])
def test_no_page_reads_all_comments(who, has_statistics, site, host, client, signed_in):
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
        paths += ["/moderation/", "/moderation/?kind=held", "/moderation/?kind=reported", "/moderation/decisions/", "/moderation/people/", "/moderation/people/ada/", "/moderation/appeals/",
                  "/moderation/places/", f"/moderation/comments/{pk}/", "/moderation/count/"]  # fmt: skip
    if has_statistics:
        know_statistics()
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
    switch_on()  # the rest of the page queries comments, too
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
    # With an index of statuses it would read all public comments. The keys themselves are a JSON array.
    tables = [line for line in reads if not line.startswith("SCAN json_each")]
    assert [line for line in tables if "PRIMARY KEY" not in line] == []


@contextmanager
def plans(table: str = "comments_comment") -> Iterator[list[str]]:
    """Yield a list that collects SQLite's query plans for this table."""
    found: list[str] = []

    def explain(execute, sql, params, many, context):
        if sql.startswith("SELECT") and f'"{table}"' in sql:
            with connection.cursor() as cursor:
                found.extend(row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield found


def test_what_few_comments_of_a_thread_have_is_found_in_an_index_of_these(site, host, signed_in):
    """The pinned comment, comments chosen on the board, and the position of a comment in its thread."""
    comment = Comment.objects.get(pk=site["comment"])
    with plans() as found:
        pinned_comment(comment.post)
    assert [line for line in found if "one_pinned_comment_of_each_post" in line]
    with plans() as found:
        wall_for(Board.current(), AnonymousUser(), None)
    assert [line for line in found if "INDEX chosen_of_post (post_id=? AND chosen_at>?)" in line]
    browser = signed_in(host)
    with plans() as found:
        assert browser.get(f"/moderation/comments/{comment.pk}/").status_code == 200
    for side in ("<", ">"):
        assert [line for line in found if f"(post_id=? AND tree_id{side}?)" in line]


def test_comments_of_one_state_in_the_admin_are_read_in_the_order_of_an_index(site, host, signed_in):
    browser = signed_in(host)
    with read_through("comments_comment") as found:
        page = browser.get("/admin/comments/comment/?status__exact=held")
    assert (len(page.context["cl"].result_list), found) == (1, [])


def test_tags_are_counted_in_an_index_and_hidden_posts_once_for_all_tags(site, host, signed_in, client):
    with plans("posts_post_tags") as found:
        assert [tag.name for tag in client.get("/").context["tags"]] == ["Tea"]
    reads = [line for line in found if " posts_post_tags " in line]
    assert [("COVERING" in line, "(post_id=?)" in line) for line in reads] == [(True, False), (True, True)]
    assert [line for line in found if "CORRELATED" in line] == []
    browser = signed_in(host)
    with read_through("posts_post_tags") as found:
        page = browser.get("/admin/posts/tag/")
    assert ([tag.number for tag in page.context["cl"].result_list], found) == ([1], [])


@pytest.mark.parametrize(
    ("path", "table"),
    [("/events/", "events_occurrence")],
)
def test_lists_of_parts_are_read_in_the_order_of_an_index(path, table, site, client):
    with read_through(table) as found:
        assert client.get(path).status_code == 200
    assert found == []


def searches(found: list[str], table: str) -> set[str]:
    """Return what the rows of this table are looked up by."""
    return {
        line.partition(" USING ")[2]
        for line in found
        if line.startswith(("SEARCH", "SCAN")) and line.split()[1] == table
    }


def test_related_comments_of_a_case_are_not_looked_up_by_their_status(site, signed_in):
    browser = signed_in(make_moderator("carol"))
    with plans() as found:
        assert browser.get(f"/moderation/comments/{site['comment']}/").status_code == 200
    assert [line for line in found if "(status=?" in line] == []


def test_held_comments_of_a_member_are_read_in_the_order_of_an_index(site, host, signed_in):
    ada = User.objects.get(username="ada")
    removed = Comment.objects.by(ada).get(status="removed")
    Decision.objects.create(
        comment=removed, moderator=host, action="remove", status_before="public", status_after="removed"
    )
    browser = signed_in(ada)
    with plans() as found:
        page = browser.get("/members/me/standing/")
    assert [each.comment for each in page.context["decisions"]] == [removed]
    assert ([each.status for each in page.context["held"]], list(page.context["closed"])) == (["held"], [])
    own = [
        line
        for line in found
        if "comments_for_trust (author_id=? AND status=?)" in line and "COVERING" not in line
    ]
    assert len(own) == 2
    # Their decisions are found by keys alone: posts are joined to those of the page only.
    assert {"COVERING" in line for line in found if "comments_of_author" in line} == {True}


def test_the_cards_of_the_board_are_read_newest_first(site):
    with plans() as found:
        wall_for(Board.current(), AnonymousUser(), None)
    assert found[0] == "SEARCH comments_comment USING INDEX branches_newest_first (post_id=?)"


def test_the_memories_of_one_member_are_looked_for_on_the_memorial(site):
    post = Comment.objects.get(pk=site["comment"]).post_id
    with plans() as found:
        assert Comment.objects.on_post_by(post, User.objects.get(username="ada").pk).exists()
    assert [line for line in found if "(post_id=?" in line]
    assert not [line for line in found if "author_id=?" in line]


def test_gifts_in_the_admin_are_not_gone_through_for_their_years(site, host, signed_in):
    for year in (2024, 2026):
        Gift.objects.create(amount=5, received_on=date(year, 3, 9))
    with CaptureQueriesContext(connection) as queries:
        page = signed_in(host).get("/admin/giving/gift/")
    assert not [each["sql"] for each in queries if "trunc" in each["sql"].lower()]
    assertContains(page, "?received_on__year=2025")


def test_a_months_birthdays_and_a_neighbour_of_a_post_are_found_where_they_begin(site, client):
    with plans("accounts_user") as found:
        month_of(AnonymousUser(), date(2026, 2, 1))
    assert [line for line in found if "members_by_birthday (birthday_month=? AND birthday_day>?)" in line]
    post = Comment.objects.get(pk=site["comment"]).post
    with plans("posts_post") as found:
        list(Post.objects.published().after(post)[:1])
    assert [line for line in found if "(published_at>? AND published_at<?)" in line]


def test_pages_in_the_navigation_are_found_by_their_kind(site):
    with plans("posts_post") as found:
        list(Post.objects.in_navigation())
    assert searches(found, "posts_post") == {"INDEX posts_listed (kind=?)"}


def test_waits_of_reported_comments_are_found_by_their_comment(site, host):
    with plans("moderation_report") as found:
        stats_of(30)
    assert [line for line in found if "INDEX decisions_newest_first (created_at>?)" in line]
    assert found.count("USE TEMP B-TREE FOR ORDER BY") == 1  # of the reports of one decision


def test_what_is_newer_than_a_page_is_not_read_for_it(host, client, settings):
    settings.POSTS_PER_PAGE = 4
    old = make_post(host, published_at=timezone.now() - timedelta(days=9))
    place = str(Cursor(timezone.now() - timedelta(days=8), 1))
    steps = []
    for number in range(2):
        caches["pages"].clear()
        with steps_of_sqlite() as taken:
            pages = [client.get(path, {"page": place}) for path in ("/posts/", "/feed/")]
            pages.append(client.get("/api/v1/posts", {"after": place}))
            neighbour = client.get(old.get_absolute_url()).context["previous_post"]
        steps.append(len(taken))
        assert ([old.title in page.text for page in pages], neighbour) == ([True] * 3, None)
        rows = [
            Post(author=host, title="New", slug=f"new-{number}-{n}", published_at=timezone.now())
            for n in range(200)
        ]
        Post.objects.bulk_create(rows)
    assert steps[1] - steps[0] < 20


def test_dates_to_come_are_read_by_a_query_made_once(site, client, monkeypatch):
    client.get("/")
    caches["pages"].clear()
    composed = []
    monkeypatch.setattr(OccurrenceQuerySet, "first_of", lambda rows, count: composed.append(count))
    assert client.get("/").status_code == 200
    assert composed == []


def test_lists_of_names_read_no_texts_of_the_people(site, client):
    poll, otter = Proposal.objects.get(title="Which day suits you?"), a_memorial()
    cast_vote(poll, make_member("dora"), [poll.options.first()])
    with CaptureQueriesContext(connection) as queries:
        results, page, polls = results_of(poll), client.get("/memorials/"), client.get("/decisions/")
    assert results.lines[0].names == ["dora"]
    assertContains(page, otter.post.title)
    assertContains(polls, poll.title)
    rows = [each["sql"] for each in queries if '"accounts_user"' in each["sql"]]
    assert len(rows) == 5  # with birthdays in the header twice; no member is read later, one by one
    assert not [sql for sql in rows for text in ("bio", "search_text", "letter") if f'."{text}"' in sql]


def test_what_undoes_a_decision_is_looked_up_whatever_the_statistics(site, host, signed_in):
    browser = signed_in(host)
    for state in (forget_statistics, know_statistics):
        state()
        for path in ("/moderation/log/", "/moderation/decisions/"):
            with plans("moderation_decision") as found:
                assert browser.get(path).status_code == 200
            scans = [
                line for line in found if line.startswith("SCAN") and "decisions_newest_first" not in line
            ]
            assert (path, scans) == (path, [])
