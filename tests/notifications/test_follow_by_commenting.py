"""Following a discussion by commenting on it, for members who chose that."""

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from moderation.models import Decision
from moderation.services.decisions import decide
from notifications.models import Notification, ThreadSubscription
from notifications.services.preferences import set_thread_level
from notifications.services.timing import choose_timing
from tests.factories import make_comment, make_member, make_post
from tests.notifications.people import later, work

pytestmark = pytest.mark.django_db

SETTINGS = "/notifications/settings/"


@pytest.fixture
def kay(db):
    return make_member("kay", follows_by_commenting=True)


def levels(member):
    return dict(ThreadSubscription.objects.filter(member=member).values_list("post", "level"))


def test_members_who_chose_it_follow_what_they_comment_on_and_no_one_else_does(kay, member, post, host):
    make_comment(post, author=kay)
    make_comment(post, author=member)
    make_comment(make_post(host, title="Another"), author=member)
    assert (levels(kay), levels(member)) == ({post.pk: "following"}, {})


def test_they_are_notified_of_what_others_say_there(kay, member, post):
    make_comment(post, author=kay)
    told = make_comment(post, author=member, body="Not to you in particular.")
    with later(minutes=10):
        work()
    assert Notification.objects.filter(member=kay, comment=told, kind="talks").exists()


def test_a_held_comment_follows_when_it_is_published(kay, post, moderator):
    comment = make_comment(post, author=kay, status="held")
    ThreadSubscription.objects.all().delete()  # as for one that was held at once
    decide(comment, Decision.Action.APPROVE, by=moderator)
    assert levels(kay) == {post.pk: "following"}


def test_what_they_said_of_a_post_themselves_stays(kay, post, host):
    muted = make_post(host, title="Loud")
    set_thread_level(kay, muted, "muted")
    make_comment(muted, author=kay)
    make_comment(post, author=kay)
    set_thread_level(kay, post, "normal")
    make_comment(post, author=kay, body="One more, without following.")
    assert levels(kay) == {muted.pk: "muted", post.pk: "normal"}


def test_it_is_chosen_in_the_settings_which_list_what_is_followed(signed_in, member, post):
    browser = signed_in(member)
    assertContains(browser.get(SETTINGS), "Follow the posts I comment on")
    browser.post(SETTINGS, {"time_zone": "", "follows_by_commenting": "on"})
    member.refresh_from_db()
    assert member.follows_by_commenting
    make_comment(post, author=member)
    assertContains(browser.get(SETTINGS), post.title)
    set_thread_level(member, post, "normal")
    assertNotContains(browser.get(SETTINGS), post.title)
    choose_timing(member, time_zone="")
    member.refresh_from_db()
    assert not member.follows_by_commenting
