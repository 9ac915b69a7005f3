"""Suggestions while typing: matches, permissions, and odd input."""

import pytest
from django.core.cache import caches
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import Mute, User
from posts.models import Post, Tag
from posts.services.publishing import withdraw_post
from tests.factories import make_comment, make_member, make_moderator, make_post

pytestmark = pytest.mark.sql


@pytest.fixture(autouse=True)
def nothing_kept():
    caches["parts"].clear()


def offered(client, words):
    response = client.get("/search/suggestions/", {"q": words})
    assert (response.status_code, response["Cache-Control"]) == (200, "private, max-age=60")
    return [(one["kind"], one["text"], one["url"]) for one in response.json()["suggestions"]]


def test_posts_tags_and_members_whose_words_begin_so_are_offered(client, host):
    make_post(host, title="Baking bread", slug="bread").tags.add(
        Tag.objects.create(name="Breakfast", slug="b")
    )
    make_post(host, title="About", slug="about", kind=Post.Kind.PAGE)
    make_member("brenda", display_name="Olive Brench")
    response = client.get("/search/suggestions/", {"q": "bre"})
    assert response.json() == {
        "suggestions": [
            {"kind": "Post", "text": "Baking bread", "url": "/posts/bread/"},
            {"kind": "Tag", "text": "Breakfast", "url": "/posts/?tag=b"},
            {"kind": "Member", "text": "Olive Brench", "url": "/members/brenda/"},
        ],
        "said": "3 suggestions",
    }
    assert offered(client, "abou") == [("Page", "About", "/about/")]


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Crème brûlée", "creme BRU"),
        ("O’Connor", "o'conn"),
        ("お茶と会話", "会話"),
        ("أين تذهب", "تذ"),
        ("Tea at four", "four te"),
    ],
)
def test_words_fit_whatever_their_accents_order_and_script(client, host, title, typed):
    make_post(host, title=title)
    assert [text for _kind, text, _url in offered(client, typed)] == [title]


def test_the_newest_come_first_and_few(client, host):
    for number in range(7):
        make_post(host, title=f"Tea {number}")
    assert [text for _kind, text, _url in offered(client, "tea")] == [f"Tea {n}" for n in (6, 5, 4, 3, 2)]


def test_members_only_posts_are_offered_to_members_and_drafts_and_unlisted_to_nobody(
    client, signed_in, host, member
):
    make_post(host, title="Tea inside", visibility="members")
    make_post(host, title="Tea unlisted", visibility="unlisted")
    make_post(host, title="Tea draft", published_at=None).tags.add(
        Tag.objects.create(name="Teapot", slug="t")
    )
    assert offered(client, "tea") == []
    for reader in (member, make_moderator(), host):
        assert [text for _kind, text, _url in offered(signed_in(reader), "tea")] == ["Tea inside"]


def test_what_is_withdrawn_or_hidden_is_gone_at_once(client, host):
    post = make_post(host, title="Tea")
    post.tags.add(Tag.objects.create(name="Teapot", slug="t"))
    dora = make_comment(author=make_member("teadora")).author
    assert [kind for kind, *_rest in offered(client, "tea")] == ["Post", "Tag", "Member"]
    withdraw_post(post)
    User.objects.filter(pk=dora.pk).update(profile_hidden=True)
    assert offered(client, "tea") == []


def test_comments_of_muted_members_are_not_offered(client, signed_in, member):
    dora = make_member("teadora")
    make_post(dora, title="Tea on the pier", kind="event", slug="tea")
    assert len(offered(signed_in(member), "tea")) == 2
    Mute.objects.create(member=member, muted=dora)
    assert offered(signed_in(member), "tea") == []
    # Results without one reader's muted members are cached for no other.
    assert len(offered(client, "tea")) == 2


@pytest.mark.parametrize(
    "typed", ["", " ", "a", "%", "_", "'", '"', "*", "-", "a" * 5000, "\u0300", "\ud800"]
)
def test_odd_words_are_no_error(client, post, typed):
    assert offered(client, typed.encode("utf-8", "replace").decode()) == []


class Anything(TestCase):
    @given(st.text(max_size=80))
    def test_anything_typed_is_answered(self, typed):
        response = self.client.get(
            "/search/suggestions/", {"q": typed.replace("\x00", "").encode("utf-8", "replace")}
        )
        assert response.status_code == 200


@pytest.mark.parametrize("count", [1, 5])
def test_they_cost_the_same_queries_however_many(client, host, django_assert_num_queries, count):
    for number in range(count):
        make_post(host, title=f"Tea {number}").tags.add(
            Tag.objects.create(name=f"Tea {number}", slug=f"t{number}")
        )
    offered(client, "tea")
    with django_assert_num_queries(3):  # the matches are cached; posts, tags and members are looked up
        offered(client, "tea")


def test_only_the_search_page_loads_the_script_at_once(client, host):
    assert '<script src="/static/js/suggest.js"' in client.get("/search/").content.decode()
    home = client.get("/").content.decode()
    assert '<script src="/static/js/suggest.js"' not in home
    assert 'data-script="/static/js/suggest.js"' in home  # loaded when the box is used
