"""Subscribing to posts, sending them, and the settings of a discussion, in the browser."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from comments.services import highlights
from comments.services.discussion import choose_rules
from moderation.models import CommentRule
from notifications.models import Subscriber
from notifications.services.mailings import plan_mailing
from notifications.services.subscribers import make_confirm_token, subscription_url
from tests.factories import make_comment, make_host, make_member, make_moderator, make_post

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_visitor_subscribes_by_keyboard(visit):
    page = visit().open("/")
    page.get_by_label("Your email address").fill("ada@example.org")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Check your inbox.")
    link = re.search(r"http://\S+/subscribe/confirm/\S+", mail.outbox[0].body)
    page.goto(link[0])
    page.get_by_role("button", name="Confirm my subscription").press("Enter")
    expect(page.get_by_role("heading", name="You’re subscribed")).to_be_visible()
    assert Subscriber.objects.get().email == "ada@example.org"


def make_discussion():
    """Create a discussion with content of every kind."""
    host, ada = make_host("nora"), make_member("ada", display_name="Ada Lovelace")
    post = make_post(author=host, title="Soup", slug="soup")
    pinned = make_comment(post, author=ada, body="The recipe is from my aunt, who had it from hers.")
    make_comment(parent=pinned)
    chosen = make_comment(post, body="Cold, it is better still.")
    highlights.pin(pinned)
    highlights.choose(chosen, by=host)
    highlights.close_branch(pinned, is_closed=True)
    highlights.correct_comment(chosen, body="Cold, it’s even better.", by=host)
    choose_rules(post, policy="all", close_after_days=30, slow_minutes=10)
    CommentRule.objects.create(kind="word", value="gambling", action="refuse", note="Not here.")
    CommentRule.objects.create(kind="links", limit=3)
    return post


def paths(post) -> dict[str, list[str]]:
    subscriber = Subscriber.objects.create(email="kim@example.org")
    draft = make_post(author=post.author, title="Bread", slug="bread", published_at=None)
    plan_mailing(draft)
    return {
        "": [
            "/subscribe/",
            f"/subscribe/confirm/{make_confirm_token('ada@example.org', 'weekly')}/",
            re.sub(r"^https?://[^/]+", "", subscription_url(subscriber)),
            post.get_absolute_url(),
        ],
        "carol": [
            post.get_absolute_url(),
            f"/moderation/comments/{post.comments.first().pk}/correct/",
            "/moderation/discussion/soup/",
        ],
        "nora": [
            "/moderation/discussion/",
            "/moderation/discussion/soup/",
            f"/admin/notifications/mailing/post/{draft.pk}/",
            "/admin/notifications/mailing/",
            "/admin/notifications/subscriber/",
            "/admin/notifications/subscriber/import/",
        ],
    }


def test_nobody_is_shut_out(visit):
    make_moderator("carol")
    found, complaints = {}, []
    for username, own in paths(make_discussion()).items():
        visitor = visit(width=320, scheme="dark")
        if username:
            visitor.sign_in(username)
        for path in own:
            visitor.open(path)
            # Django's own admin pages are not checked.
            faults = [] if path.startswith("/admin/") else visitor.faults()
            if faults:
                found[username, path] = faults
        complaints += visitor.complaints
    assert (found, complaints) == ({}, [])


def test_a_moderator_pins_a_comment_beside_it(visit):
    make_moderator("carol")
    comment = make_comment(make_post(author=make_host("nora")), body="Worth reading.")
    carol = visit()
    carol.sign_in("carol")
    page = carol.open(comment.post.get_absolute_url())
    beside = page.locator(f"#comment-{comment.pk}")
    beside.get_by_text("More").click()
    beside.get_by_role("button", name="Pin").click()
    expect(page.get_by_role("complementary", name="Pinned comment")).to_contain_text("Worth reading.")
    assert carol.complaints == []


def test_a_member_who_joined_today_sees_why_there_is_no_form(visit):
    post = make_post(author=make_host("nora"))
    make_member("ada", date_joined=timezone.now() - timedelta(hours=1))
    choose_rules(post, policy="known", known_days=3)
    ada = visit(width=360)
    ada.sign_in("ada")
    page = ada.open(post.get_absolute_url())
    expect(page.locator("#reply")).to_contain_text("You haven’t been a member for long enough")
    assert page.locator(".comment-form").count() == 0
