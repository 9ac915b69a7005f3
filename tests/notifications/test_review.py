"""A held comment: moderators are notified at once, its author when it is approved. Over HTTP."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import User
from comments.models import Comment
from comments.services.writing import set_status
from moderation.models import ModerationSettings
from moderation.services.author_notices import notify_of_approvals
from notifications.models import Notification, Push
from notifications.models.types import REVIEW
from notifications.push.services import add_device
from notifications.services.inbox import unread_count
from tests.factories import make_comment, make_member
from tests.notifications.people import later, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(signed_in, member):
    return signed_in(member)


def send(client, post, body="See https://stove.example/ for it."):
    """Send a comment that is held because the host reviews newcomers' links."""
    ModerationSettings.objects.update_or_create(pk=1, defaults={"first_link_waits": True})
    client.post(f"/posts/{post.slug}/comments/", {"body": body})
    return Comment.objects.latest("pk")


def decide(client, action, *comments):
    return client.post(
        "/moderation/decide/",
        {"comments": ",".join(str(comment.pk) for comment in comments), "action": action},
    )


def mails_to(person):
    return [message for message in mail.outbox if message.to == [person.email]]


class TestModerators:
    def test_it_is_in_their_inbox_at_once_and_leads_to_the_case(self, alice, post, moderator, signed_in):
        comment = send(alice, post)
        carol = signed_in(moderator)
        page = carol.get("/notifications/?show=review")
        assertContains(page, "wrote a comment that is awaiting review")
        row = Notification.objects.get(member=moderator)
        assertRedirects(
            carol.post(f"/notifications/{row.pk}/open/"),
            f"/moderation/comments/{comment.pk}/",
            fetch_redirect_response=False,
        )

    def test_the_mail_has_the_three_choices_and_each_asks_first(self, alice, post, moderator, signed_in):
        comment = send(alice, post)
        work()
        (message,) = mails_to(moderator)
        assert message.subject == f"Awaiting review: alice on “{post.title}”"
        assert "You’re receiving this because you’re a moderator." in message.body
        assert {"List-Unsubscribe", "List-Unsubscribe-Post"} <= set(message.extra_headers)
        carol = signed_in(moderator)
        for action in ("approve", "spam", "remove"):
            (address,) = re.findall(rf"http://testserver(/\S+\?decide={action})$", message.body, re.MULTILINE)
            assert f'href="http://testserver{address}"' in str(message.alternatives[0][0])
            assertContains(carol.get(address), "Nothing has been decided yet.")
            assert Comment.objects.get(pk=comment.pk).is_held

    @pytest.mark.parametrize("way", ["at_once", "daily", "weekly", "here", "off"])
    def test_as_they_choose(self, alice, post, moderator, signed_in, way):
        signed_in(moderator).post("/notifications/settings/", {"review": way})
        send(alice, post)
        work()
        assert len(mails_to(moderator)) == (way == "at_once")
        assert unread_count(moderator) == (way != "off")
        with later(days=8):
            work()
        assert len(mails_to(moderator)) == (way in {"at_once", "daily", "weekly"})

    def test_on_their_devices_too(self, alice, post, moderator):
        key = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        add_device(
            moderator,
            endpoint="https://push.example/1",
            p256dh=key,
            auth="BTBZMqHH6r4Tts7J_aSIgg",
            name="Phone",
        )
        comment = send(alice, post)
        assert [(push.comment, push.device.member) for push in Push.objects.all()] == [(comment, moderator)]

    def test_once_a_colleague_has_decided_nothing_is_left(self, alice, post, host, moderator, signed_in):
        comment = send(alice, post)
        decide(signed_in(host), "remove", comment)
        work()
        assert mails_to(moderator) == []
        assert unread_count(moderator) == 0

    def test_undone_it_waits_anew(self, alice, post, host, moderator, signed_in):
        comment = send(alice, post)
        signed_in(moderator).post("/notifications/read/", {"all": "1"})
        decide(signed_in(host), "approve", comment)
        set_status(comment, Comment.Status.HELD)
        assert unread_count(moderator) == 1

    def test_nobody_reviews_their_own_and_members_see_nothing_of_it(
        self, post, member, moderator, other_member, signed_in
    ):
        comment = make_comment(post, author=moderator)
        set_status(comment, Comment.Status.HELD)
        assert not Notification.objects.filter(
            kind=REVIEW.key, member__in=[moderator, member, other_member]
        ).exists()
        bob = signed_in(other_member)
        assertNotContains(bob.get("/notifications/settings/"), "waiting for review")
        assertNotContains(bob.get("/notifications/"), "To review")

    def test_who_moderates_no_more_reads_nothing_of_it(self, alice, post, moderator, signed_in):
        send(alice, post)
        moderator.groups.clear()
        moderator.user_permissions.clear()
        assert unread_count(moderator) == 0
        work()
        assert mails_to(moderator) == []
        assertNotContains(signed_in(moderator).get("/notifications/"), "stove")

    @pytest.mark.parametrize("how", ["no moderator", "suspended"])
    def test_the_bell_of_a_former_or_suspended_moderator_counts_no_reviews(
        self, alice, post, moderator, signed_in, how
    ):
        send(alice, post)
        bell = signed_in(moderator)
        assertContains(bell.get("/notifications/settings/"), "Inbox, 1 unread")
        if how == "suspended":
            User.objects.filter(pk=moderator.pk).update(silent_until=timezone.now() + timedelta(days=1))
        else:
            moderator.groups.clear()
        assertNotContains(bell.get("/notifications/settings/"), "unread<")
        assertNotContains(bell.get(post.get_absolute_url()), "unread<")

    def test_blocked_spam_notifies_no_one(self, alice, post, moderator):
        comment = send(alice, post)
        set_status(comment, Comment.Status.PUBLIC)
        Comment.objects.filter(pk=comment.pk).update(hold_reasons=[{"code": "turned_away"}])
        Notification.objects.all().delete()
        set_status(comment, Comment.Status.HELD)
        assert not Notification.objects.exists()


class TestTheWriter:
    def test_is_notified_of_the_approval_with_the_permalink(self, alice, post, member, moderator, signed_in):
        comment = send(alice, post)
        decide(signed_in(moderator), "approve", comment)
        assert notify_of_approvals() == 0  # it can still be undone
        with later(seconds=61):
            assert [notify_of_approvals(), notify_of_approvals()] == [1, 0]
        (message,) = mails_to(member)
        assert "is published" in message.subject
        assert f"http://testserver/comments/{comment.pk}/" in message.body

    def test_is_notified_of_several_in_one_email(self, alice, post, member, moderator, signed_in):
        comments = [
            send(alice, post, f"Number {number}: https://stove.example/{number}") for number in range(3)
        ]
        for comment in comments:
            decide(signed_in(moderator), "approve", comment)
        with later(seconds=61):
            notify_of_approvals()
        (message,) = mails_to(member)
        assert [f"/comments/{comment.pk}/" in message.body for comment in comments] == [True] * 3

    def test_is_not_notified_of_undone_approvals_or_comments_never_held(
        self, alice, post, member, moderator, signed_in
    ):
        comment = send(alice, post)
        carol = signed_in(moderator)
        decide(carol, "approve", comment)
        decision = comment.decisions.get()
        carol.post(f"/moderation/decisions/{decision.pk}/undo/")
        other = make_comment(post, author=make_member("dan"))
        alice.post(f"/comments/{other.pk}/report/", {"reason": "spam"})
        decide(carol, "approve", other)
        mail.outbox.clear()
        with later(minutes=2):
            assert notify_of_approvals() == 0
        assert mails_to(member) == []
