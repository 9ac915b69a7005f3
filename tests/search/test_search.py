"""The search page: results, order, permissions."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from comments.models import Comment
from comments.services.moving import move_branch
from comments.services.writing import delete_comment, edit_comment, set_status
from posts.models import Tag
from posts.services.publishing import withdraw_post
from search.backends import backend, postgresql
from search.backends.base import Document
from search.services import KINDS
from search.views import PER_PAGE
from tests.factories import make_member, make_post, put_comment

pytestmark = pytest.mark.sql


def found(words, client=None, **more):
    """Return the results by kind: the titles of posts, the texts of comments, the names of members."""
    response = (client or Client()).get("/search/", {"q": words, **more})
    assert response.status_code == 200
    return {
        section.kind: [_said(hit.row) for hit in section.hits]
        for section in response.context["sections"]
        if section.hits
    }


def _said(row):
    return getattr(row, "title", None) or (row.body if isinstance(row, Comment) else row.username)


@pytest.fixture
def bread(host):
    post = make_post(
        host, title="Baking bread together", body="<p>Flour, water and an oven in the village.</p>"
    )
    post.tags.add(Tag.objects.create(name="Sour dough", slug="sour-dough"))
    return post


def test_a_summary_that_begins_the_post_is_shown_once(client, host):
    make_post(host, title="One", summary="Flour, water.", body="<p>Flour, water. A walrus.</p>")
    make_post(host, title="Two", summary="On bread.", body="<p>Flour, water. A walrus.</p>")
    response = client.get("/search/", {"q": "walrus"})
    (section,) = response.context["sections"]
    excerpts = {hit.row.title: "".join(piece.text for piece in hit.excerpt) for hit in section.hits}
    assert excerpts == {"One": "Flour, water. A walrus.", "Two": "On bread. Flour, water. A walrus."}


def test_posts_comments_and_members_are_found(bread, member):
    put_comment(bread, member, body="My oven is a *clay* oven.")
    make_member("baker", display_name="Olive Oven")
    assert found("ovens") == {
        "posts": ["Baking bread together"],
        "members": ["baker"],
        "comments": ["My oven is a *clay* oven."],
    }
    assert found("olive clay") == {}


def test_what_matches_is_marked_and_a_comment_leads_to_its_place(bread, member):
    comment = put_comment(bread, member, body="Butter <b>& ovens</b> please")
    response = Client().get("/search/", {"q": "oven butter"})
    assertContains(response, "<mark>Butter</mark>")
    assertContains(response, "<mark>ovens</mark>")
    assertContains(response, f'href="{comment.get_absolute_url()}"')


@pytest.mark.parametrize(
    ("words", "bodies"),
    [
        ('"warm bread"', ["warm bread"]),
        ("bread warm", ["bread is warm", "warm bread"]),
        ("bread -is", ["warm bread"]),
        ('bread -"is warm"', ["warm bread"]),
        ("bread from:alice", ["warm bread"]),
        ("from:bob", ["bread is warm"]),
        ("bread from:nobody", []),
        ("bread in:other", []),
        ("link:crumb.example", ["see https://www.crumb.example/x"]),
        ("warm before:2013-01-01", ["bread is warm"]),
        ("warm after:2013", ["warm bread"]),
        # The title of a post, the name of a member: a word neither in the post's text nor in the member's
        # bio.
        ("warm in:baking", ["bread is warm", "warm bread"]),
        ("warm in:village", []),
        ("from:harbour", []),
        ("日本", ["日本語"]),
        ("語", ["日本語"]),
        ("本語", ["日本語"]),
        ("日語", []),
    ],
)
def test_words_phrases_and_operators(bread, member, other_member, words, bodies):
    member.tagline = "From the harbour"
    member.save()
    put_comment(bread, member, body="warm bread")
    put_comment(bread, member, body="日本語")
    put_comment(bread, bread.author, body="see https://www.crumb.example/x")
    put_comment(bread, other_member, body="bread is warm", created_at=datetime(2012, 4, 25, tzinfo=UTC))
    assert sorted(found(words, kind="comments").get("comments", [])) == sorted(bodies)


def test_a_text_of_very_many_words_is_found_by_the_first_and_by_its_tag(bread):
    signs = "".join(
        chr(0x4E00 + (7 * place) % 20_000) + chr(0x4E00 + place % 19_997) for place in range(55_000)
    )
    bread.body = f"<p>Umbrella {signs}</p>"
    bread.save()
    assert [found(words) for words in ("umbrella", "tag:sour-dough")] == [{"posts": [bread.title]}] * 2


def test_a_tag_narrows_posts(bread):
    make_post(title="Bread alone")
    assert found("bread tag:sour-dough") == {"posts": ["Baking bread together"]}


def test_a_tag_that_is_renamed_or_deleted_is_found_so_at_once(bread):
    tag = Tag.objects.get()
    tag.name, tag.slug = "Rye", "rye"
    tag.save()
    posts = {"posts": [bread.title]}
    assert [found(words) for words in ("rye", "tag:rye", "sour", "tag:sour-dough")] == [posts, posts, {}, {}]
    tag.delete()
    assert [found(words) for words in ("rye", "tag:rye", "village")] == [{}, {}, posts]


def test_titles_come_before_texts_and_new_before_old(host):
    now = timezone.now()
    make_post(host, title="One", body="<p>harbour</p>", published_at=now - timedelta(days=2))
    make_post(host, title="Old harbour", body="<p>x</p>", published_at=now - timedelta(days=20))
    make_post(host, title="Two", body="<p>harbour</p>", published_at=now - timedelta(days=1))
    assert found("harbour", kind="posts")["posts"] == ["Old harbour", "Two", "One"]
    assert found("harbour", kind="posts", sort="newest")["posts"] == ["Two", "One", "Old harbour"]


# --- permissions ---


def test_hidden_comments_are_found_by_no_one(bread, host, member, moderator, signed_in):
    held = put_comment(bread, member, body="walrus one")
    set_status(held, Comment.Status.HELD)
    removed = put_comment(bread, member, body="walrus two")
    set_status(removed, Comment.Status.REMOVED)
    deleted = put_comment(bread, member, body="walrus three")
    delete_comment(deleted, by=member)
    make_post(host, title="Walrus draft", published_at=None)
    make_post(host, title="Walrus tomorrow", published_at=timezone.now() + timedelta(days=1))
    withdrawn = make_post(host, title="Walrus withdrawn")
    put_comment(withdrawn, member, body="walrus under a withdrawn post")
    withdraw_post(withdrawn)
    for client in (Client(), signed_in(member), signed_in(moderator), signed_in(host)):
        assert found("walrus", client) == {}
        assert found("after:2000", client)["posts"] == [bread.title]
        assert "comments" not in found("after:2000", client)


def test_muted_members_are_found_by_others_only(bread, member, other_member, signed_in):
    put_comment(bread, other_member, body="walrus")
    member.mutes.create(muted=other_member)
    assert found("walrus", signed_in(member)) == {}
    assert found("walrus") == {"comments": ["walrus"]}


def test_what_a_muted_member_plans_is_not_found_and_what_a_muted_host_writes_is(host, member, signed_in):
    make_post(host, title="Walrus post")
    make_post(member, title="Walrus regatta", kind="event", slug="regatta")
    reader = make_member()
    for muted in (host, member):
        reader.mutes.create(muted=muted)
    assert found("walrus", signed_in(reader)) == {"posts": ["Walrus post"]}
    assert found("walrus") == {"posts": ["Walrus regatta", "Walrus post"]}


def test_what_a_member_wrote_who_has_died_is_still_found(bread, member):
    put_comment(bread, member, body="walrus")
    User.objects.filter(pk=member.pk).update(is_active=False, memorial_since=timezone.now())
    assert found("walrus") == found(f"from:{member.username}") == {"comments": ["walrus"]}
    User.objects.filter(pk=member.pk).update(memorial_since=None)
    assert found("walrus") == found(f"from:{member.username}") == {}


def test_what_is_no_post_says_what_it_is(client, host, member):
    make_post(host, title="Walrus post")
    make_post(host, title="Walrus page", kind="page", slug="walrus-page")
    make_post(member, title="Walrus regatta", kind="event", slug="regatta")
    badges = re.findall(
        r'<span class="badge quiet">(\w+)</span>', client.get("/search/?q=walrus").content.decode()
    )
    assert sorted(badges) == ["Event", "Page"]


def test_a_banned_member_is_not_found(member):
    make_member("walrus", is_active=False)
    assert found("walrus") == {}


def test_a_member_whose_comments_are_all_held_is_found_once_they_wrote_a_post(bread):
    walrus = make_member("walrus")
    put_comment(bread, walrus, body="hello", status="held")
    assert found("walrus") == {}
    make_post(walrus, title="Regatta", kind="event", slug="regatta")
    assert found("walrus") == {"members": ["walrus"]}


# --- index updates ---


def test_an_edit_is_found_by_its_new_words_alone(bread, member):
    comment = put_comment(bread, member, body="walrus")
    edit_comment(comment, body="otter", by=member)
    assert (found("walrus"), found("otter")) == ({}, {"comments": ["otter"]})


def test_a_profile_is_found_by_its_new_name(bread, member):
    put_comment(bread, member, body="hello")
    member.display_name = "Walrus Wanda"
    member.save()
    assert found("walrus")["members"] == ["alice"]
    assert found("hello from:wanda")["comments"] == ["hello"]


def test_a_branch_that_moves_is_found_in_its_new_place(bread, member, host):
    there = make_post(host, title="Cellar", slug="cellar")
    comment = put_comment(bread, member, body="walrus")
    put_comment(bread, member, body="a reply to the walrus", parent=comment)
    move_branch(comment, to_post=there, to_parent=None, by=host)
    assert len(found("walrus in:cellar")["comments"]) == 2
    assert found(f"walrus in:{bread.slug}") == {}


def test_comments_of_a_post_whose_language_is_changed_are_found_in_it(
    bread, member, django_capture_on_commit_callbacks
):
    put_comment(bread, member, body="Drei Kirchen.")
    bread.language = "de"
    assert "comments" not in found("Kirche")
    with django_capture_on_commit_callbacks(execute=True):
        bread.save()
    cache.delete("search-languages")
    assert found("Kirche")["comments"] == ["Drei Kirchen."]


def test_the_whole_index_can_be_made_again(bread, member, capsys):
    put_comment(bread, member, body="walrus")
    for kind in KINDS:
        backend().remove(kind, backend().keys(kind, above=0, limit=1000))
    backend().add("comments", [])
    assert found("walrus") == {}
    call_command("rebuild_search")
    assert found("walrus") == {"comments": ["walrus"]}
    assert [line.split(" in ")[0] for line in capsys.readouterr().out.splitlines()] == [
        "posts: 1 indexed",
        "comments: 1 indexed",
        "members: 2 indexed",
        "names: 2 indexed",
    ]


def test_what_is_edited_while_the_index_is_made_again_is_found_by_its_new_words(bread, member, monkeypatch):
    comments = [put_comment(bread, member, body=f"walrus {number}") for number in range(2)]
    about = KINDS["comments"]

    def documents(rows):
        made = list(about.documents(rows))
        if [row.pk for row in rows] == [comment.pk for comment in comments]:
            edit_comment(comments[0], body="seal 0", by=member)
            comments[1].delete()
        return made

    monkeypatch.setitem(KINDS, "comments", replace(about, documents=documents))
    call_command("rebuild_search", "--only", "comments", stdout=StringIO())
    assert [found(words) for words in ("seal", "walrus")] == [{"comments": ["seal 0"]}, {}]
    assert backend().keys("comments", above=0, limit=9) == [comments[0].pk]


def test_a_new_post_is_in_the_index_as_it_would_be_made_again(host):
    """It is written from the stored values without a query, also at month's end in a zone far from UTC."""
    tokyo = ZoneInfo("Asia/Tokyo")
    for published_at in (
        None,
        timezone.now(),
        datetime(2026, 2, 1, 8, tzinfo=tokyo),
        datetime(2026, 1, 31, 15, tzinfo=tokyo),
    ):
        text = '<p>Flour from <a href="https://mill.example/">the mill</a>.</p>'
        make_post(host, title="Baking", summary="Bread", body=text, published_at=published_at)

    def indexed() -> list[tuple[object, ...]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM search_posts ORDER BY 1")
            return cursor.fetchall()

    before = indexed()
    call_command("rebuild_search", only="posts")
    assert (len(before), indexed()) == (4, before)


def test_what_is_no_longer_there_leaves_the_index_when_it_is_made_again(bread, member):
    kept = put_comment(bread, member, body="walrus")
    backend().add("comments", [Document(pk, [], ["walrus"], []) for pk in (kept.pk - 1, kept.pk + 1)])
    call_command("rebuild_search", only="comments")
    assert backend().keys("comments", above=0, limit=10) == [kept.pk]


# --- pages ---


def test_every_match_is_on_one_page(bread, member):
    texts = {f"walrus {number}" for number in range(PER_PAGE + 3)}
    for text in texts:
        put_comment(bread, make_member(), body=text)
    seen, after = [], ""
    while True:
        response = Client().get("/search/", {"q": "walrus", "kind": "comments", "after": after})
        [section] = response.context["sections"]
        seen += [hit.row.body for hit in section.hits]
        if not section.more:
            break
        after = section.more.rpartition("after=")[2]
    assert sorted(seen) == sorted(texts)


def pages_of(words, kind, **more):
    """Return the results of each page, in order."""
    pages, after = [], ""
    while True:
        response = Client().get("/search/", {"q": words, "kind": kind, "after": after, **more})
        [section] = response.context["sections"]
        pages.append([_said(hit.row) for hit in section.hits])
        if not section.more:
            return pages
        after = section.more.rpartition("after=")[2]


def test_titles_come_first_however_many_texts_match(host, monkeypatch):
    monkeypatch.setattr("search.services.RANKED", 3)
    monkeypatch.setattr("search.views.PER_PAGE", 2)
    now = timezone.now()
    for title in ("Old harbour", "Harbour", "One", "Two", "Three"):
        now += timedelta(hours=1)
        make_post(host, title=title, body="<p>harbour</p>", published_at=now - timedelta(days=9))
    assert pages_of("harbour", "posts") == [["Harbour", "Old harbour"], ["Three", "Two"], ["One"]]
    assert pages_of("harbour", "posts", sort="newest") == [
        ["Three", "Two"], ["One", "Harbour"], ["Old harbour"]
    ]  # fmt: skip


def test_dates_find_what_is_far_behind_newer_matches(bread, member, monkeypatch):
    monkeypatch.setattr("search.services.RANKED", 2)
    monkeypatch.setattr("search.services.MAX_BATCHES", 1)
    moments = [(2012, 4, 24), (2012, 4, 25), (2015, 12, 31), *[(2020, 1, day) for day in range(2, 8)]]
    for moment in moments:
        put_comment(
            bread,
            member,
            body="warm {}-{:02}-{:02}".format(*moment),
            created_at=datetime(*moment, tzinfo=UTC),
        )
    assert found("warm before:2012-04-25", kind="comments") == {"comments": ["warm 2012-04-24"]}
    assert found("warm after:2012-04-25 before:2013", kind="comments") == {"comments": ["warm 2012-04-25"]}
    assert found("warm after:2015-12 before:2020", kind="comments") == {"comments": ["warm 2015-12-31"]}
    assert found("warm after:2012-04-25 before:2016", kind="comments") == {
        "comments": ["warm 2015-12-31", "warm 2012-04-25"]
    }
    assert found("warm after:2999", kind="comments") == {}
    # Filters by day only: the newest first, page by page.
    monkeypatch.setattr("search.views.PER_PAGE", 2)
    assert pages_of("before:2016", "comments") == [
        ["warm 2015-12-31", "warm 2012-04-25"], ["warm 2012-04-24"]
    ]  # fmt: skip
    assert found("after:2999") == {}
    assertContains(Client().get("/search/", {"q": "-warm before:2016"}), "Type at least one word")


@pytest.mark.parametrize("looked_through", [1, 2, 100])
def test_a_phrase_is_found_anywhere_in_the_text(bread, member, monkeypatch, looked_through):
    monkeypatch.setattr(postgresql, "LOOKED_THROUGH", looked_through)
    monkeypatch.setattr("search.services.RANKED", 2)
    for number in range(5):
        put_comment(bread, member, body=f"sour dough {number}")
        put_comment(bread, member, body=f"dough, not sour {number}")
    here = found('"sour dough"', kind="comments", sort="newest")
    assert here == {"comments": [f"sour dough {n}" for n in (4, 3, 2, 1, 0)]}


def test_where_only_hidden_rows_match_first_the_search_goes_on(
    bread, member, other_member, signed_in, monkeypatch
):
    monkeypatch.setattr("search.services.RANKED", 2)
    monkeypatch.setattr("search.services.MAX_BATCHES", 1)
    put_comment(bread, bread.author, body="an old walrus")
    for _ in range(2):
        put_comment(bread, other_member, body="walrus")
    member.mutes.create(muted=other_member)
    client = signed_in(member)
    response = client.get("/search/", {"q": "walrus", "kind": "comments"})
    assertContains(response, "None of the newest matches is visible to you.")
    [section] = response.context["sections"]
    assertContains(client.get(f"/search/{section.more}"), "an old <mark>walrus</mark>")


def test_more_matches_cost_no_more_queries(bread, member):
    for number in range(2):
        put_comment(bread, make_member(), body=f"walrus {number}")
    client = Client()
    client.get("/search/", {"q": "walrus"})
    with CaptureQueriesContext(connection) as few:
        client.get("/search/", {"q": "walrus"})
    for number in range(12):
        put_comment(bread, make_member(), body=f"walrus {number}")
    with CaptureQueriesContext(connection) as many:
        client.get("/search/", {"q": "walrus"})
    assert len(many) == len(few)


def test_an_empty_page_helps(client, db):
    assertContains(client.get("/search/"), "Search tips")
    assertContains(client.get("/search/", {"q": "-walrus"}), "Type at least one word")
    assertContains(client.get("/search/", {"q": "\u200b \u2060"}), "Type at least one word")
    response = client.get("/search/", {"q": "walrus"})
    assertContains(response, "Nothing found.")
    assertNotContains(response, "<mark>")


def test_each_page_has_one_search_box_and_one_key_for_it(client, bread):
    for path in ("/", bread.get_absolute_url(), "/search/", "/search/?q=bread"):
        page = client.get(path).content.decode()
        assert page.count('role="search"') == 1, path
        # The icon is for windows without room for the search box.
        assert page.count('data-key="/"') == (1 if path.startswith("/search/") else 2), path


# The server refuses NUL before any page is requested.
TYPED = st.characters(codec="utf-8", exclude_characters="\x00")


class OddQueries(TestCase):
    @given(st.text(TYPED, max_size=120), st.text(TYPED, max_size=20))
    def test_any_query_at_all_is_answered(self, words, after):
        assert (
            self.client.get("/search/", {"q": words, "after": after, "kind": "comments"}).status_code == 200
        )


@pytest.mark.parametrize("after", ["t.0", "b.0", "t9.3", "b9.3"])
def test_a_cursor_of_another_query_is_ignored(client, bread, member, after):
    put_comment(bread, member, body="See https://example.org/bread")
    asked = {"q": "link:example.org", "kind": "comments", "after": after}
    assert list(found(asked.pop("q"), client, **asked).values()) == [["See https://example.org/bread"]]
    assert len(client.get("/api/v1/search", asked | {"q": "link:example.org"}).json()["comments"]) == 1


@pytest.mark.parametrize(
    "words", ['"', '"""', "*", "a*", "NEAR(a b)", "a AND", "OR", "{title}: x", "x" * 10_000, "\x01\x7f", "from:", 'from:"', "in:", "' OR 1=1 --", "🦭", "-", "- a", "before:0001-01-01 a", "after:9999-12-31 a", "a:b", "^a", "\\", "’"]
)  # fmt: skip
def test_an_invalid_query_is_answered_with_a_message(client, bread, words):
    response = client.get("/search/", {"q": words})
    assert response.status_code == 200
    assertContains(response, "Search")
