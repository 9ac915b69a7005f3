"""A member's bookmarks are private and end if they may no longer read the comment; other actions on comments."""

import pytest
from django.db import IntegrityError, transaction
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.services.relations import mute
from comments.models import Bookmark
from comments.services.bookmarks import bookmarks_of
from comments.services.reactions import thank
from comments.services.writing import set_status
from tests.factories import make_member, make_post, put_comment

pytestmark = [pytest.mark.sql, pytest.mark.django_db]

LIST = "/members/me/bookmarks/"


@pytest.fixture
def comment(post):
    return put_comment(post, author=make_member("kim", display_name="Kim Field"), status="public")


def kept(member) -> list:
    return [one.comment or one.post for one in bookmarks_of(member)]


def test_a_bookmark_is_set_once_and_let_go(comment, member, signed_in):
    ada = signed_in(member)
    for value, rows in (("1", 1), ("1", 1), ("0", 0), ("0", 0)):
        ada.post(f"/comments/{comment.pk}/bookmark/", {"bookmark": value})
        assert Bookmark.objects.filter(member=member, comment=comment).count() == rows


def test_the_list_has_posts_and_comments_the_newest_first(comment, member, other_member, signed_in):
    ada = signed_in(member)
    ada.post(f"/comments/{comment.pk}/bookmark/")
    response = ada.post(f"/posts/{comment.post.slug}/bookmark/")
    assertRedirects(response, comment.post.get_absolute_url())
    assert kept(member) == [comment.post, comment]
    assert kept(other_member) == []
    page = ada.get(LIST)
    assertContains(page, f"Kim Field on “{comment.post.title}”")
    response = ada.post(f"/posts/{comment.post.slug}/bookmark/", {"bookmark": "0", "next": "list"})
    assertRedirects(response, LIST)
    assert kept(member) == [comment]
    assertContains(signed_in(other_member).get(LIST), "You haven’t bookmarked anything yet.")


def test_what_cannot_be_read_any_more_is_not_listed(comment, member, signed_in):
    other = put_comment(comment.post, status="public")
    for what in (comment, other):
        Bookmark.objects.create(member=member, comment=what)
    draft = make_post()
    Bookmark.objects.create(member=member, post=draft)
    type(draft).objects.filter(pk=draft.pk).update(published_at=None)
    set_status(comment, comment.Status.REMOVED)
    assert [one.pk for one in kept(member)] == [other.pk]


def test_the_database_lets_nothing_be_kept_twice_nor_nothing(comment, member):
    Bookmark.objects.create(member=member, comment=comment)
    for wrong in ({"comment": comment}, {}, {"comment": comment, "post": comment.post}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Bookmark.objects.create(member=member, **wrong)


def test_the_list_costs_the_same_with_many(post, member, signed_in, django_assert_num_queries):
    ada = signed_in(member)
    counts = []
    for _number in range(2):
        Bookmark.objects.create(member=member, comment=put_comment(post, status="public"))
        ada.get(LIST)
        with django_assert_num_queries(4):
            counts.append(ada.get(LIST).content.decode().count("Remove bookmark"))
    assert counts == [1, 2]


def test_too_many_in_a_short_time_are_refused(comment, member, signed_in, settings):
    settings.BOOKMARK_RATES = [(1, 60)]
    ada = signed_in(member)
    answers = [ada.post(f"/comments/{comment.pk}/bookmark/").status_code for _number in range(2)]
    assert answers == [302, 429]


def test_the_page_of_a_comment_shows_what_it_is_about(comment, client):
    assertContains(
        client.get(f"/comments/{comment.pk}/more/"), f'<p dir="auto">{comment.body}</p>', html=True
    )


def test_the_list_of_thanks_leaves_out_muted_members(comment, member, signed_in, client):
    kit = make_member("kit", display_name="Kit Lane")
    thank(comment, by=kit)
    mute(member, kit, on=True)
    page = f"/comments/{comment.pk}/more/"
    assertContains(client.get(page), "Kit Lane")
    assertNotContains(signed_in(member).get(page), "Kit Lane")
    assertContains(signed_in(member).get(page), "1 person said thanks")


def test_the_page_of_a_comment_names_who_thanked_and_may_be_seen(comment, client):
    kit, hidden = (
        make_member("kit", display_name="Kit Lane"),
        make_member("shy", display_name="Shy One", profile_hidden=True),
    )
    for one in (kit, hidden):
        thank(comment, by=one)
    page = client.get(f"/comments/{comment.pk}/more/")
    assertContains(page, "2 people said thanks")
    assertContains(page, "Kit Lane")
    assertContains(page, "and 1 more")
    assertNotContains(page, "Shy One")
    assertContains(page, f"http://testserver/comments/{comment.pk}/")
    assertNotContains(page, "Bookmark")
