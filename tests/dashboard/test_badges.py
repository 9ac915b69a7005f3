"""Hosts and moderators have badges wherever their names appear."""

import pytest
from django.core import mail
from pytest_django.asserts import assertContains

from accounts.models.querysets import set_moderator_flags
from comments.models import Comment
from tests.factories import make_member, make_moderator, make_post, put_comment
from tests.notifications.people import later, work, write

pytestmark = pytest.mark.django_db

HOST = '<span class="badge">Host</span>'
MODERATOR = '<span class="badge quiet">Moderator</span>'


@pytest.fixture
def post(host):
    return make_post(author=host)


def test_every_host_and_moderator_has_a_badge_in_the_thread_and_members_have_none(client, post):
    put_comment(post, author=make_member("hanna", is_staff=True))
    put_comment(post, author=make_member("alice"))
    put_comment(post, author=make_moderator("carol"))
    page = client.get(post.get_absolute_url())
    assertContains(page, HOST, count=1, html=True)
    assertContains(page, MODERATOR, count=1, html=True)


def test_who_becomes_a_moderator_has_the_badge_on_the_next_page_that_is_made(client, post):
    carol, alice = make_moderator("carol"), make_member("alice")
    put_comment(post, author=alice)
    assertContains(client.get(post.get_absolute_url()), MODERATOR, count=0, html=True)
    alice.groups.set(carol.groups.all())
    carol.groups.clear()
    put_comment(post, author=carol)
    assertContains(client.get(post.get_absolute_url()), MODERATOR, count=1, html=True)


@pytest.mark.parametrize("path", ["/members/", "/members/me/people/"])
def test_lists_of_members_show_them(path, post, signed_in):
    alice, carol, hanna = make_member("alice"), make_moderator("carol"), make_member("hanna", is_staff=True)
    for one in (alice, carol, hanna):
        put_comment(post, author=one)
        make_member().follows.create(followed=one)
        alice.follows.get_or_create(followed=one) if one != alice else None
    page = signed_in(alice).get(path)
    assertContains(page, MODERATOR, count=1, html=True)
    assert page.content.count(b"Host</span>") >= 1


@pytest.mark.parametrize(("make", "badge"), [(make_moderator, MODERATOR), (make_member, "")])
def test_profiles_show_them(make, badge, client, post):
    member = make("carol")
    put_comment(post, author=member)
    page = client.get(member.get_absolute_url())
    assertContains(page, badge or MODERATOR, count=1 if badge else 0, html=True)


def test_the_inbox_and_emails_show_them(post, signed_in):
    alice, carol = make_member("alice"), make_moderator("carol")
    own = put_comment(post, author=alice)
    mail.outbox.clear()
    write(carol, post, "To Alice.", parent=own)
    with later(minutes=2):
        work()
        assertContains(signed_in(alice).get("/notifications/"), MODERATOR, count=1, html=True)
    [message] = [one for one in mail.outbox if one.to == ["alice@example.org"]]
    assert message.body.startswith("carol replied to you (Moderator)\n")
    assert ">Moderator</span>" in message.alternatives[0][0]


@pytest.mark.sql
def test_many_are_asked_for_in_one_query(django_assert_num_queries, host):
    people = [make_member(), make_moderator(), host, make_moderator(silent_until=host.date_joined), None]
    suspended = make_moderator()
    suspended.silent_until = suspended.date_joined.replace(year=2999)
    with django_assert_num_queries(1):
        set_moderator_flags([*people, suspended])
    assert [one.is_moderator for one in [*people[:4], suspended]] == [False, True, True, True, False]
    assert Comment.objects.count() == 0
