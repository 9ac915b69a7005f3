"""The admin's lists search by the index: words in any form, names, operators, and what moderators may see."""

import pytest

from posts.models import Post
from tests.factories import make_host, make_member, make_post, put_comment

pytestmark = pytest.mark.sql

POSTS, COMMENTS = "/admin/posts/post/", "/admin/comments/comment/"


@pytest.fixture
def desk(db, signed_in):
    return signed_in(make_host("vera"))


def found(desk, place, words, **more):
    response = desk.get(place, {"q": words, **more})
    assert response.status_code == 200
    return [*response.context["cl"].result_list]


@pytest.fixture
def oven(post):
    return put_comment(post, make_member("dora", display_name="Dora Finch"), body="My oven is a clay oven.")


@pytest.mark.parametrize("words", ["ovens", "CLAY", '"clay oven"', "from:dora", "Finch", "dora", "oven -tea"])
def test_a_comment_is_found_by_its_words_and_its_author(desk, oven, words):
    put_comment(oven.post, body="Nothing of the kind.")
    assert found(desk, COMMENTS, words) == [oven]


@pytest.mark.parametrize("status", ["held", "removed", "spam"])
def test_moderators_find_what_is_not_public_and_filters_still_narrow(desk, oven, status):
    hidden = put_comment(oven.post, body="An oven for sale.", status=status)
    assert found(desk, COMMENTS, "oven") == [hidden, oven]
    assert found(desk, COMMENTS, "oven", status__exact=status) == [hidden]


def test_what_its_author_deleted_is_not_found(desk, oven):
    put_comment(oven.post, body="My other oven.", status="deleted")
    assert found(desk, COMMENTS, "oven") == [oven]


def test_drafts_are_found_by_their_text_and_by_a_part_of_the_title(desk, host):
    draft = make_post(host, title="Baking bread", body="<p>Flour and <b>ovens</b>.</p>", published_at=None)
    make_post(host)
    for words in ("oven", "bread", "aking"):
        assert found(desk, POSTS, words) == [draft]
    Post.objects.filter(pk=draft.pk).update(title="Other")
    assert found(desk, POSTS, "aking") == []


@pytest.mark.parametrize("place", [POSTS, COMMENTS])
@pytest.mark.parametrize("words", ["*", '"', "'", "-", "from:", "a" * 10_000, "%", "\x1b", "before:2020"])
def test_odd_words_are_no_error(desk, oven, place, words):
    found(desk, place, words)


@pytest.mark.parametrize("count", [1, 4])
def test_a_search_reads_no_comment_but_those_it_found(desk, oven, django_assert_max_num_queries, count):
    for _ in range(count):
        put_comment(oven.post, body="An oven.")
    with django_assert_max_num_queries(14):
        assert len(found(desk, COMMENTS, "oven")) == count + 1
