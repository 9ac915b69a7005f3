"""Members thank for a post: its author is notified, no one else sees it, and it can be undone."""

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import Mute
from accounts.models.querysets import NO_END
from accounts.services.deletion import carry_out, request_deletion
from accounts.services.merging import merge_accounts
from accounts.services.permissions import set_suspension
from comments.models import PostThanks
from comments.services.bookmarks import bookmark
from comments.services.export import PARTS
from comments.services.reactions import thank_for_post
from core.templatetags.core_tags import icon
from notifications.models import Notification
from notifications.services.inbox import unread_count
from notifications.services.preferences import choose
from tests.factories import make_member, make_moderator, make_post
from tests.notifications.people import forget_what_was_announced, later, work

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture
def post(host):
    post = make_post(host, title="Bread")
    forget_what_was_announced()
    return post


def thanks_of(post) -> list[str]:
    return [thanks.member.username for thanks in PostThanks.objects.filter(post=post).order_by("pk")]


def button(value: str, pressed: str, post) -> str:
    address, heart = f"/posts/{post.slug}/thanks/", icon("heart")
    return f'<button class="act" id="post-thanks" formaction="{address}" hx-post="{address}" hx-target="closest form" hx-swap="outerHTML" name="thanks" value="{value}" aria-pressed="{pressed}">{heart}Thanks</button>'


def test_a_member_thanks_once_and_takes_it_back(post, member, signed_in):
    alice, address = signed_in(member), f"/posts/{post.slug}/thanks/"
    assertContains(alice.get(post.get_absolute_url()), button("1", "false", post), html=True)
    for _ in range(2):
        assertRedirects(alice.post(address, {"thanks": "1"}), f"{post.get_absolute_url()}#post-thanks")
    assert thanks_of(post) == ["alice"]
    assertContains(alice.get(post.get_absolute_url()), button("0", "true", post), html=True)
    for _ in range(2):
        alice.post(address, {"thanks": "0"})
    assert thanks_of(post) == []


def test_with_scripts_the_buttons_are_exchanged_where_they_are(post, member, signed_in):
    alice, address = signed_in(member), f"/posts/{post.slug}/thanks/"
    bookmark(post, by=member)
    for value, after in (("1", button("0", "true", post)), ("0", button("1", "false", post))):
        answer = alice.post(address, {"thanks": value}, headers={"HX-Request": "true"})
        assertContains(answer, after, html=True)
        assertContains(answer, 'name="bookmark" value="0" aria-pressed="true"')
        assertContains(answer, "Thanks sent. Only the author sees it.", count=int(value))
    assertNotContains(alice.get(post.get_absolute_url()), "Thanks sent")


def test_each_role(post, host, client, signed_in):
    address = f"/posts/{post.slug}/thanks/"
    assertNotContains(client.get(post.get_absolute_url()), address)
    assert "/accounts/login/" in client.post(address)["Location"]
    assertNotContains(signed_in(host).get(post.get_absolute_url()), address)
    assert signed_in(host).post(address).status_code == 403
    banned = make_member("banned")
    set_suspension(banned, NO_END)
    assertNotContains(signed_in(banned).get(post.get_absolute_url()), address)
    assert signed_in(banned).post(address).status_code == 403
    assert signed_in(make_moderator("mod")).post(address).status_code == 302
    draft = make_post(host, published_at=None)
    assert signed_in(make_member("x")).post(f"/posts/{draft.slug}/thanks/").status_code == 404
    assert thanks_of(post) == ["mod"]


def test_the_author_finds_one_line_however_many_thank(post, host, signed_in):
    for name in ("ada", "ben", "cleo"):
        thank_for_post(post, by=make_member(name))
    with later(minutes=2):
        work()
        page = signed_in(host).get("/notifications/")
        assertContains(page, "<b>cleo</b> and 2 others thanked you for this post")
        assert unread_count(host) == 1
        Notification.objects.all().mark_seen()
        thank_for_post(post, by=make_member("dora"))
    with later(hours=23):
        assert unread_count(host) == 0
    with later(hours=25):
        thank_for_post(post, by=make_member("eve"))
    with later(hours=26):
        assert (unread_count(host), Notification.objects.count()) == (1, 1)
    assert mail.outbox == []


def test_thanks_that_are_taken_back_or_come_from_muted_members_are_not_told(post, host, member, signed_in):
    signed_in(member).post(f"/posts/{post.slug}/thanks/")
    signed_in(member).post(f"/posts/{post.slug}/thanks/", {"thanks": "0"})
    muted = make_member("loud")
    Mute.objects.create(member=host, muted=muted)
    thank_for_post(make_post(host), by=muted)
    with later(minutes=2):
        assert unread_count(host) == 0
        assertNotContains(signed_in(host).get("/notifications/"), "thanked you")


def test_people_muted_before_or_after_are_neither_named_nor_counted(
    post, host, member, other_member, signed_in
):
    thank_for_post(post, by=member)
    thank_for_post(post, by=other_member)
    Mute.objects.create(member=host, muted=other_member)
    with later(minutes=2):
        page = signed_in(host).get("/notifications/")
        assertContains(page, "<b>alice</b> thanked you for this post")
        assertNotContains(page, "<b>bob</b>")
        Mute.objects.create(member=host, muted=member)
        assert unread_count(host) == 0
        assertNotContains(signed_in(host).get("/notifications/"), "thanked you")


def test_they_come_by_email_where_the_author_chose_that(post, host, member):
    choose(host, post_thanks="at_once")
    thank_for_post(post, by=member)
    with later(minutes=2):
        work()
    (message,) = mail.outbox
    assert (message.to, message.subject) == ([host.email], "alice thanked you for your post “Bread”")
    assert "Read the post:" in message.body
    assert "reply to this email" not in message.body


def test_the_choice_is_offered_to_those_who_write(host, post, member, signed_in):
    assertContains(signed_in(host).get("/notifications/settings/"), "Thanks for my posts")
    assertNotContains(signed_in(member).get("/notifications/settings/"), "Thanks for my posts")


def test_one_person_thanks_once_for_a_post(post, member):
    thank_for_post(post, by=member)
    with pytest.raises(IntegrityError), transaction.atomic():
        PostThanks.objects.create(post=post, member=member)


def test_they_are_in_the_export_and_go_with_the_account(post, member):
    thank_for_post(post, by=member)
    [part] = [part for part in PARTS if part.key == "thanks_for_posts"]
    assert [row["under"] for row in part.rows(member)] == ["Bread"]
    deletion = request_deletion(member, "keep")
    while not carry_out(deletion):
        pass
    assert thanks_of(post) == []


def test_two_accounts_that_become_one_thank_once_and_not_themselves(host, member, other_member):
    theirs, mine = make_post(host), make_post(other_member)
    for by in (member, other_member):
        thank_for_post(theirs, by=by)
    thank_for_post(mine, by=member)
    merge_accounts(other_member, member, by=host)
    assert (thanks_of(theirs), thanks_of(mine)) == ([other_member.username], [])


def test_too_many_in_a_short_time_are_refused(post, member, signed_in, settings):
    settings.RATE_LIMITS, settings.THANKS_RATES = True, [(1, 60)]
    alice = signed_in(member)
    assert [alice.post(f"/posts/{post.slug}/thanks/").status_code for _ in range(2)] == [302, 429]
