"""Hints before posting, which can be ignored."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains

from comments.models import Comment
from comments.services.hints import writes_much
from tests.factories import put_comment

pytestmark = pytest.mark.django_db

ADVERT = "My shop has handbags with a 20% discount, order today."
MANY = 9


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch):
    monkeypatch.setattr("comments.services.hints.MANY", MANY)


@pytest.fixture
def say(post, member, signed_in):
    client = signed_in(member)
    return lambda body, **more: client.post(f"{post.get_absolute_url()}comments/", {"body": body} | more)


def settle(member, post) -> None:
    """Make the member one whose comments the spam filter no longer checks."""
    for number in range(6):
        comment = put_comment(post, author=member, body=f"Old {number}.", status="public")
        long_ago = timezone.now() - timedelta(days=200)
        Comment.objects.filter(pk=comment.pk).update(created_at=long_ago, published_at=long_ago)


def test_members_who_wrote_much_of_a_discussion_get_a_hint_and_may_continue(say, post, member):
    for number in range(MANY):
        put_comment(post, author=member, body=f"And {number}.")
    post.refresh_from_db()
    assert writes_much(Comment(post=post, author=member)).startswith(f"{MANY} of the last {MANY} comments")
    Comment.objects.update(created_at="2020-01-01T00:00:00Z")
    response = say("One more.")
    assertContains(response, "leave some room", status_code=422)
    assertContains(response, "One more.</textarea>", status_code=422)
    assertContains(response, 'name="anyway"', status_code=422)
    assert Comment.objects.count() == MANY
    assert say("One more.", anyway="1").status_code == 302
    assert Comment.objects.count() == MANY + 1


def test_who_wrote_some_of_it_is_not(say, post, member):
    for number in range(MANY - 1):
        put_comment(post, author=member, body=f"And {number}.")
    Comment.objects.update(created_at="2020-01-01T00:00:00Z")
    assert say("One more.").status_code == 302


def test_what_reads_like_an_advert_of_a_known_member_is_asked_about(say, post, member):
    settle(member, post)
    assertContains(say(ADVERT), "This could be read as an advert.", status_code=422)
    assert say(ADVERT, anyway="1").status_code == 302
    assert Comment.objects.latest("pk").is_public


def test_what_the_filter_holds_is_not_asked_about(say):
    assert say(f"{ADVERT} https://cheap-bags.top/?ref=1").status_code == 302
    assert Comment.objects.get().is_held


def test_ordinary_text_is_posted_at_once(say, post, member):
    settle(member, post)
    assert say("I bought a handbag there once; it fell apart.").status_code == 302


def test_the_host_is_not_asked(post, host, signed_in):
    client = signed_in(host)
    for number in range(MANY + 1):
        response = client.post(f"{post.get_absolute_url()}comments/", {"body": f"{ADVERT} {number}"})
        assert response.status_code == 302
