"""The admin's lists use the search index: inflected words, names, operators, and what moderators may see."""

import pytest
from django.apps import apps
from django.db import connection
from django.db.models.signals import post_migrate
from django.test.utils import CaptureQueriesContext

from posts.models import Post
from search.backends import backend
from tests.factories import make_host, make_member, make_post, put_comment

pytestmark = pytest.mark.sql

POSTS, COMMENTS, MEMBERS = "/admin/posts/post/", "/admin/comments/comment/", "/admin/accounts/user/"


@pytest.fixture
def host_client(db, signed_in):
    return signed_in(make_host("vera"))


def found(host_client, place, words, **more):
    response = host_client.get(place, {"q": words, **more})
    assert response.status_code == 200
    return [*response.context["cl"].result_list]


@pytest.fixture
def oven(post):
    return put_comment(post, make_member("dora", display_name="Dora Finch"), body="My oven is a clay oven.")


@pytest.mark.parametrize("words", ["ovens", "CLAY", '"clay oven"', "from:dora", "Finch", "dora", "oven -tea"])
def test_a_comment_is_found_by_its_text_and_its_author(host_client, oven, words):
    put_comment(oven.post, body="Nothing of the kind.")
    assert found(host_client, COMMENTS, words) == [oven]


@pytest.mark.parametrize("status", ["held", "removed", "spam"])
def test_moderators_find_what_is_not_public_and_filters_still_narrow(host_client, oven, status):
    hidden = put_comment(oven.post, body="An oven for sale.", status=status)
    assert found(host_client, COMMENTS, "oven") == [hidden, oven]
    assert found(host_client, COMMENTS, "oven", status__exact=status) == [hidden]


def test_what_its_author_deleted_is_not_found(host_client, oven):
    put_comment(oven.post, body="My other oven.", status="deleted")
    assert found(host_client, COMMENTS, "oven") == [oven]


def test_drafts_are_found_by_their_text_and_by_a_part_of_the_title(host_client, host):
    draft = make_post(host, title="Baking bread", body="<p>Flour and <b>ovens</b>.</p>", published_at=None)
    make_post(host)
    for words in ("oven", "bread", "aking"):
        assert found(host_client, POSTS, words) == [draft]
    Post.objects.filter(pk=draft.pk).update(title="Other")
    assert found(host_client, POSTS, "aking") == []


@pytest.mark.parametrize("place", [POSTS, COMMENTS, MEMBERS])
@pytest.mark.parametrize("words", ["*", '"', "'", "-", "from:", "a" * 10_000, "%", "\x1b", "before:2020"])
def test_odd_words_are_no_error(host_client, oven, place, words):
    found(host_client, place, words)


@pytest.mark.parametrize("place", ["/admin/moderation/decision/", "/admin/account/emailaddress/"])
def test_thousands_of_words_are_no_error_in_lists_without_the_index(host_client, place):
    assert found(host_client, place, "oven " * 2_000) == []


@pytest.mark.parametrize("count", [1, 4])
def test_a_search_reads_no_comment_but_those_it_found(
    host_client, oven, django_assert_max_num_queries, count
):
    for _ in range(count):
        put_comment(oven.post, body="An oven.")
    with django_assert_max_num_queries(14):
        assert len(found(host_client, COMMENTS, "oven")) == count + 1


# --- members, by any part of their names and addresses -----------------------------------------


@pytest.fixture
def people(db):
    return {
        "vera": make_host("vera"),
        "m77": make_member("m77", display_name="Åsa Lindqvist-Öberg", email="asa.lind@harbour.example"),
        "tom": make_member("tom", display_name="Tom O’Keefe", email="tom@mail.example"),
        "li": make_member("li", display_name="李小龙", email="bruce@mail.example"),
    }


SOUGHT = {
    "m7": ["m77"],
    "77": ["m77"],
    "qvist": ["m77"],
    "LIND öberg": ["m77"],
    "asa": ["m77"],
    "å": ["m77"],
    "lind@harb": ["m77"],
    "mail.example": ["li", "tom"],
    "t": ["tom"],
    "o'kee": ["tom"],
    "小龙": ["li"],
    "李": ["li"],
    "小": [],
    "ind": ["m77"],
    "tom mail": ["tom"],
    "tom harbour": [],
    "nd@har lin": ["m77"],
    "vera": ["vera"],
    "": ["li", "tom", "m77", "vera"],
}


def test_members_are_found_by_any_part_of_their_names_and_addresses(people, signed_in):
    host_client = signed_in(people["vera"])
    assert {words: [one.username for one in found(host_client, MEMBERS, words)] for words in SOUGHT} == SOUGHT


def test_a_member_is_found_by_what_they_are_called_now(people, signed_in):
    host_client, tom = signed_in(people["vera"]), people["tom"]
    tom.display_name, tom.email = "Thomas", "thomas@harbour.example"
    tom.save(update_fields=["display_name", "email"])
    assert found(host_client, MEMBERS, "keefe") == []
    assert found(host_client, MEMBERS, "thomas@") == [tom]
    tom.delete()
    assert found(host_client, MEMBERS, "thomas") == []


def test_a_search_for_members_reads_no_other_members(people, signed_in):
    host_client = signed_in(people["vera"])
    with CaptureQueriesContext(connection) as queries:
        found(host_client, MEMBERS, "keefe")
    assert [each["sql"] for each in queries if "LIKE" in each["sql"]] == []


def test_a_site_from_before_this_index_gets_it_from_the_worker(people, signed_in):
    host_client = signed_in(people["vera"])
    backend().remove("names", [one.pk for one in people.values()])
    assert found(host_client, MEMBERS, "keefe") == []
    post_migrate.send(apps.get_app_config("search"), app_config=apps.get_app_config("search"))
    assert found(host_client, MEMBERS, "keefe") == [people["tom"]]
