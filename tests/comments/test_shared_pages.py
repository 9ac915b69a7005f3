"""Members share a cached page of a thread; personal parts are inserted for each, and are up to date."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Mute
from comments.models import Comment
from comments.services.reactions import thank
from moderation.spamfilter import form_token
from notifications.models import Notification, ThreadSubscription
from notifications.models.types import REPLIES
from tests.factories import make_member, make_moderator, make_post, put_comment

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def talk():
    post = make_post(title="Bread")
    root = put_comment(post, author=make_member("nadine"), body="Who bakes?")
    put_comment(post, author=make_member("kay"), parent=root, body="I do.")
    return post


def read(client: Client, post) -> str:
    return client.get(post.get_absolute_url()).content.decode()


def values(name: str, html: str) -> set[str]:
    return set(re.findall(rf'name="{name}" value="([^"]*)"', html))


def writer(html: str) -> list[str]:
    return re.findall(r'data-writer="([^"]*)"', html)


def test_the_form_that_members_share_names_the_one_who_reads(talk, signed_in):
    one, other = make_member(), make_member()
    assert [writer(read(signed_in(each), talk)) for each in (one, other, one)] == [
        [str(one.pk)],
        [str(other.pk)],
        [str(one.pk)],
    ]


def test_each_reader_has_a_token_that_is_taken(talk):
    for name in ("dora", "kit"):
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(make_member(name))
        html = read(browser, talk)
        tokens = values("csrfmiddlewaretoken", html)
        assert len(tokens) == 1
        sent = {
            "body": f"{name} bakes too.",
            "csrfmiddlewaretoken": tokens.pop(),
            "seal": values("seal", html).pop(),
        }
        assert browser.post(f"{talk.get_absolute_url()}comments/", sent).status_code == 302
    assert Comment.objects.filter(body__endswith="bakes too.").count() == 2


def test_a_form_is_as_old_as_its_reader_has_it_and_not_as_the_page_that_was_kept(talk, signed_in, clock):
    reader = signed_in(make_member())
    first = values("seal", read(reader, talk))
    clock.shift(timedelta(hours=3))
    second = values("seal", read(reader, talk))
    assert [len(first), len(second)] == [1, 1]
    assert form_token._made_at(second.pop()) - form_token._made_at(first.pop()) == 3 * 3600


def test_the_bell_counts_what_came_since_the_page_was_kept(talk, signed_in):
    member = make_member()
    reader = signed_in(member)
    assert '<span class="vh">Inbox</span>' in read(reader, talk)
    for number in range(2):
        comment = Comment.objects.all()[number]
        Notification.objects.create(
            member=member, comment=comment, kind=REPLIES.key, due_at=timezone.now() - timedelta(minutes=1)
        )
    assert "Inbox, 2 unread" in read(reader, talk)
    Notification.objects.in_inbox_of(member).mark_seen()
    assert '<span class="vh">Inbox</span>' in read(reader, talk)


def test_what_a_member_follows_is_said_to_that_member(talk, signed_in):
    def pressed(html: str) -> list[str]:
        return re.findall(r'name="level" value="(\w+)" aria-pressed="true"', html)

    follower, other = make_member(), make_member()
    ThreadSubscription.objects.create(member=follower, post=talk, level=ThreadSubscription.Level.FOLLOWING)
    ThreadSubscription.objects.create(member=other, post=make_post(), level=ThreadSubscription.Level.MUTED)
    assert [pressed(read(signed_in(each), talk)) for each in (follower, other)] == [["following"], ["normal"]]
    ThreadSubscription.objects.filter(member=follower).update(level=ThreadSubscription.Level.MUTED)
    assert pressed(read(signed_in(follower), talk)) == ["muted"]


def test_a_new_name_stands_in_the_menu_at_once(talk, signed_in):
    member = make_member("liliana")
    reader = signed_in(member)
    assert "liliana, account menu" in read(reader, talk)
    member.display_name = "Liliana of the Lake"
    member.save()
    assert "Liliana of the Lake, account menu" in read(reader, talk)


def test_own_thanked_and_muted_comments_differ_for_one_reader_alone(talk, signed_in):
    kay, quiet = make_member("kay2"), make_member("quiet")
    own, thanked, muted = (
        put_comment(talk, author=kay),
        put_comment(talk, author=make_member()),
        put_comment(talk, author=quiet),
    )
    thank(thanked, by=kay)
    Mute.objects.create(member=kay, muted=quiet)

    def seen(client: Client) -> tuple[bool, bool, bool]:
        """Return whether a comment can be edited, one is thanked for, and one is folded."""
        html = read(client, talk)
        articles = [
            html.partition(f'id="comment-{comment.pk}"')[2].partition("</article>")[0]
            for comment in (own, thanked, muted)
        ]
        return (
            f"/comments/{own.pk}/edit/" in articles[0],
            'aria-pressed="true"' in articles[1],
            "from someone you muted" in articles[2],
        )

    other = signed_in(make_member())
    assert [seen(other), seen(signed_in(kay)), seen(other)] == [
        (False, False, False),
        (True, True, True),
        (False, False, False),
    ]


def test_whoever_becomes_a_moderator_sees_what_moderators_see(talk, signed_in):
    put_comment(talk, status="held", body="This one waits.")
    assert "This one waits." not in read(signed_in(make_member()), talk)
    assert "This one waits." in read(signed_in(make_moderator()), talk)


def test_a_session_that_ended_elsewhere_is_over(talk, signed_in):
    reader = signed_in(make_member("leaves"))
    assert "leaves, account menu" in read(reader, talk)
    reader.session.delete()
    assert "leaves, account menu" not in read(reader, talk)


def test_a_session_that_is_too_old_is_over(talk, signed_in, clock, settings):
    reader = signed_in(make_member("stays"))
    clock.shift(timedelta(seconds=settings.SESSION_COOKIE_AGE + 1))
    assert "stays, account menu" not in read(reader, talk)


def test_a_member_who_may_no_longer_sign_in_is_a_visitor(talk, signed_in):
    member = make_member("barred")
    reader = signed_in(member)
    member.is_active = False
    member.save()
    assert "barred, account menu" not in read(reader, talk)


@pytest.mark.parametrize("key", ["", "x", "\x00" * 32, "é" * 32, "a" * 5000])
def test_a_cookie_that_is_no_session_is_a_visitors(talk, client, settings, key):
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    assert client.get(talk.get_absolute_url()).status_code == 200
    assert client.get("/").status_code == 200


def test_the_token_of_a_members_page_is_taken_and_hidden_anew_each_time(member, post):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(member)
    path = post.get_absolute_url()
    browser.get(path)  # now there is a secret

    def token() -> str:
        return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get(path).content.decode())[1]

    def send(given: str) -> int:
        sent = {"body": f"With {given}.", "csrfmiddlewaretoken": given}
        return browser.post(f"{path}comments/", sent).status_code

    first, second = token(), token()
    assert len({first, second}) == 2
    assert [send(first), send(second), send(first.swapcase())] == [302, 302, 403]
