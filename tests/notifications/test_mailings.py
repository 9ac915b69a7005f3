"""Posts by email: the host decides, the worker sends each once, the host sees the report."""

import re
from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Follow
from core.utils.urls import mail_domain
from notifications.email import mailings
from notifications.email.delivery import delete_old_emails, fan_out_next, requeue_abandoned, send_some
from notifications.email.mailings import plan_weekly_issue, write_next_batch
from notifications.models import EmailSuppression, Mailing, OutgoingEmail, Subscriber
from notifications.services.mailings import cancel_mailing, plan_mailing, reach_of, report_of
from notifications.services.subscribers import change_rhythm
from posts.services.publishing import publish_post, withdraw_post
from tests.factories import make_host, make_member, make_picture, make_post
from tests.notifications.people import later
from tests.notifications.subscribers import link_in, one_click, subscribe, work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    return make_post(
        author=make_host("hostess", display_name="Hostess", email="hostess@example.org"),
        title="Soup & bread",
        slug="soup",
        body=(
            '<h2>Why soup</h2><p>Because of <a href="/posts/bread/">bread</a>.</p>'
            '<figure><img src="/media/posts/pot.webp" alt="A pot" width="1600" height="900"></figure>'
        ),
        summary="On soup.",
        published_at=None,
    )


def sent_to() -> list[str]:
    return sorted(message.to[0] for message in mail.outbox)


def send(post) -> None:
    """Do everything that follows the host's decision, once the minute is over."""
    with later(minutes=3):
        work_off()


class TestThePostInAnEmail:
    def test_is_whole_with_absolute_addresses_and_a_readable_text(self, draft):
        subscribe("ada@example.org")
        publish_post(draft)
        plan_mailing(draft)
        send(draft)
        (message,) = mail.outbox
        assert message.subject == "Soup & bread"
        html = str(message.alternatives[0][0])
        assert '<img src="http://testserver/media/posts/pot.webp" alt="A pot" width="512">' in html
        assert '<a href="http://testserver/posts/bread/"' in html
        assert not re.search(r'(?:src|href)="/', html)
        text, _sep, foot = message.body.partition("\n-- \n")
        day = date_format(timezone.localtime(draft.published_at), "DATE_FORMAT")
        assert text == (
            f"Soup & bread\nHostess, {day}\n\n"
            "Why soup\n========\n\nBecause of bread <http://testserver/posts/bread/>.\n\n[Picture: A pot]\n\n"
            "Read and comment on the site:\nhttp://testserver/posts/soup/\n"
        )
        assert foot.startswith(
            "You get new posts from The Long Table because you subscribed with this address.\n"
            "Unsubscribe or change how often: http://testserver/unsubscribe/"
        )
        assert message.extra_headers["List-Id"] == f"<posts.{mail_domain()}>"

    def test_says_nothing_about_who_opened_it(self, draft):
        """The only images are those of the post, the same for everyone."""
        for name in ("ada", "ben"):
            subscribe(f"{name}@example.org")
        publish_post(draft)
        plan_mailing(draft)
        send(draft)
        pictures = {
            tuple(re.findall(r"<img[^>]*>", str(message.alternatives[0][0]))) for message in mail.outbox
        }
        assert pictures == {('<img src="http://testserver/media/posts/pot.webp" alt="A pot" width="512">',)}

    def test_or_the_summary_and_a_link(self, draft):
        subscribe("ada@example.org")
        publish_post(draft)
        plan_mailing(draft, "summary")
        send(draft)
        (message,) = mail.outbox
        assert "On soup.\n\nRead the post:\nhttp://testserver/posts/soup/" in message.body
        assert "Why soup" not in message.body + str(message.alternatives[0][0])

    def test_is_what_the_post_says_when_it_leaves(self, draft):
        subscribe("ada@example.org")
        publish_post(draft)
        plan_mailing(draft)
        draft.title = "Soup, corrected"
        draft.save()
        send(draft)
        assert [message.subject for message in mail.outbox] == ["Soup, corrected"]


class TestWhoGetsIt:
    def test_those_who_are_subscribed_at_once_and_reachable(self, draft):
        subscribe("ada@example.org")
        subscribe("weekly@example.org", rhythm="weekly")
        subscribe("gone@example.org", unsubscribed_at=timezone.now())
        subscribe("bounced@example.org")
        EmailSuppression.objects.create(email="bounced@example.org", cause="bounce")
        publish_post(draft)
        plan_mailing(draft)
        send(draft)
        assert sent_to() == ["ada@example.org"]

    def test_nobody_unless_the_host_decides(self, draft):
        subscribe("ada@example.org")
        publish_post(draft)
        send(draft)
        assert sent_to() == []

    def test_nobody_before_the_post_is_published(self, draft):
        subscribe("ada@example.org")
        plan_mailing(draft)
        with later(hours=1):
            work_off()
            assert sent_to() == []
            publish_post(draft, at=timezone.now() + timedelta(hours=2))
        with later(hours=2.5):
            work_off()
            assert sent_to() == []
        with later(hours=4):
            work_off()
        assert sent_to() == ["ada@example.org"]

    def test_nobody_after_it_was_withdrawn_within_the_minute_or_later(self, draft):
        subscribe("ada@example.org")
        publish_post(draft)
        plan_mailing(draft)
        with later(minutes=3):
            fan_out_next()
            write_next_batch()
            withdraw_post(draft)
            work_off()
        assert sent_to() == []
        assert OutgoingEmail.objects.get().state == "dropped"

    def test_nobody_who_left_in_the_meantime(self, draft):
        subscribe("ada@example.org")
        publish_post(draft)
        plan_mailing(draft)
        with later(minutes=3):
            fan_out_next()
            write_next_batch()
            Subscriber.objects.update(unsubscribed_at=timezone.now())
            work_off()
        assert sent_to() == []

    def test_nobody_twice_who_follows_the_host_as_a_member(self, draft):
        fan = make_member("fan", email="fan@example.org")
        Follow.objects.create(follower=fan, followed=draft.author)
        subscribe("fan@example.org")
        subscribe("ada@example.org")
        before = reach_of(draft)
        publish_post(draft)
        after = reach_of(draft)
        plan_mailing(draft)
        send(draft)
        assert sent_to() == ["ada@example.org", "fan@example.org"]
        by_reader = {message.to[0]: message.subject for message in mail.outbox}
        assert by_reader["fan@example.org"] == "New post by Hostess: Soup & bread"
        assert [
            (reach.at_once, reach.also_followers, reach.followers.total) for reach in (before, after)
        ] == [(1, 1, 1)] * 2

    def test_of_a_members_only_post_those_who_are_members(self, draft):
        draft.visibility = "members"
        draft.save()
        make_member("mia", email="mia@example.org")
        for name in ("mia", "ada"):
            subscribe(f"{name}@example.org")
        assert reach_of(draft).at_once == 1
        publish_post(draft)
        plan_mailing(draft)
        send(draft)
        assert sent_to() == ["mia@example.org"]

    def test_of_an_unlisted_post_it_waits_until_it_is_listed(self, draft, signed_in):
        subscribe("ada@example.org")
        subscribe("wim@example.org", rhythm="weekly")
        draft.visibility = "unlisted"
        draft.save()
        publish_post(draft)
        plan_mailing(draft)
        page = f"/admin/notifications/mailing/post/{draft.pk}/"
        assertContains(
            signed_in(draft.author).get(page), "It will be sent once the post is no longer unlisted."
        )
        send(draft)
        with later(days=8):
            plan_weekly_issue()
            work_off()
        assert (sent_to(), Mailing.objects.get().has_started) == ([], False)
        draft.visibility = "public"
        draft.save()
        send(draft)
        assert sent_to() == ["ada@example.org"]

    def test_nobody_of_an_unlisted_post(self, draft):
        draft.visibility = "unlisted"
        draft.save()
        subscribe("ada@example.org")
        assert reach_of(draft).at_once == 0
        publish_post(draft)
        plan_mailing(draft)
        send(draft)
        assert sent_to() == []

    def test_a_decision_can_be_undone_for_a_minute(self, draft):
        subscribe("ada@example.org")
        publish_post(draft)
        plan_mailing(draft)
        assert cancel_mailing(draft)
        send(draft)
        assert sent_to() == []
        plan_mailing(draft)
        send(draft)
        assert not cancel_mailing(draft)
        assert sent_to() == ["ada@example.org"]

    def test_the_reach_is_what_happens_then(self, draft):
        for number in range(3):
            subscribe(f"a{number}@example.org")
        for number in range(2):
            subscribe(f"w{number}@example.org", rhythm="weekly")
        subscribe("bounced@example.org")
        EmailSuppression.objects.create(email="bounced@example.org", cause="bounce")
        reach = reach_of(draft)
        assert (reach.at_once, reach.weekly, reach.unreachable, reach.subscribers) == (3, 2, 1, 5)

    def test_the_reach_costs_the_same_for_many(self, draft, django_assert_max_num_queries):
        Subscriber.objects.bulk_create([Subscriber(email=f"s{number}@example.org") for number in range(300)])
        with django_assert_max_num_queries(5):
            assert reach_of(draft).at_once == 300


class TestOnceEach:
    def test_in_batches_whose_worker_is_killed_between_any_two_steps(self, draft, monkeypatch):
        """Each kill leaves what was committed. In the end everyone has one email."""
        monkeypatch.setattr(mailings, "SUBSCRIBERS_AT_ONCE", 7)
        Subscriber.objects.bulk_create([Subscriber(email=f"s{number}@example.org") for number in range(40)])
        publish_post(draft)
        mailing = plan_mailing(draft)

        class Killed(BaseException):
            pass

        steps = Counter()
        real = Mailing.save

        def killed_at_every_second_batch(self, *args, **kwargs):
            steps["saves"] += 1
            if steps["saves"] % 2:
                raise Killed
            real(self, *args, **kwargs)

        monkeypatch.setattr(Mailing, "save", killed_at_every_second_batch)
        with later(minutes=3):
            while fan_out_next():
                pass
            for _ in range(30):
                try:
                    write_next_batch()
                except Killed:
                    continue
            mailing.refresh_from_db()
            assert mailing.is_done
            while send_some():
                pass
        assert Counter(sent_to()) == Counter(f"s{number}@example.org" for number in range(40))

    def test_what_a_dead_worker_had_in_hand_is_sent_by_the_next(self, draft):
        subscribe("ada@example.org")
        publish_post(draft)
        plan_mailing(draft)
        with later(minutes=3):
            fan_out_next()
            write_next_batch()
            OutgoingEmail.objects.update(
                state="open", holder="dead", leased_until=timezone.now() - timedelta(seconds=1)
            )
            requeue_abandoned()
            work_off()
        assert sent_to() == ["ada@example.org"]

    def test_a_reply_is_sent_before_the_rest_of_a_mailing(self, draft, monkeypatch):
        Subscriber.objects.bulk_create([Subscriber(email=f"s{number}@example.org") for number in range(30)])
        publish_post(draft)
        plan_mailing(draft)
        reader = make_member("reader", email="reader@example.org")
        with later(minutes=3):
            fan_out_next()
            write_next_batch()
            OutgoingEmail.objects.create(member=reader, message_id="<reply@testserver>")
            taken = []
            monkeypatch.setattr(
                "notifications.email.delivery.send_email",
                lambda letter, _line: taken.append(letter.message_id),
            )
            send_some()
        assert taken[0] == "<reply@testserver>"


class TestTheWeeklyEmail:
    MONDAY = datetime(2030, 6, 10, 8, 5, tzinfo=ZoneInfo("UTC"))

    def at(self, **delta):
        return time_machine.travel(self.MONDAY + timedelta(**delta), tick=False)

    def publish(self, title: str, **delta) -> Mailing:
        with self.at(**delta):
            post = make_post(
                author=make_host(f"host-{title.lower()}"), title=title, published_at=timezone.now()
            )
            return plan_mailing(post)

    def monday(self, weeks: int = 0) -> None:
        with self.at(weeks=weeks):
            plan_weekly_issue()
            plan_weekly_issue()
            work_off()

    def test_has_the_posts_of_the_week_and_comes_once(self):
        with self.at(weeks=-2):
            subscribe("ada@example.org", rhythm="weekly")
        self.publish("One", days=-5)
        self.publish("Two", days=-3)
        self.publish("Three", hours=-0.05)  # after eight
        self.monday()
        self.monday()
        (message,) = mail.outbox
        assert message.subject == "The Long Table this week: Two and 1 more post"
        assert re.findall(r"^http://testserver/posts/\S+", message.body, re.MULTILINE) == [
            "http://testserver/posts/two/",
            "http://testserver/posts/one/",
        ]
        assert one_click(message)
        mail.outbox.clear()
        self.monday(weeks=1)
        assert [message.subject for message in mail.outbox] == ["The Long Table this week: Three"]

    def test_does_not_come_without_posts(self):
        with self.at(weeks=-2):
            subscribe("ada@example.org", rhythm="weekly")
        self.monday()
        assert sent_to() == []
        assert not Mailing.objects.exists()

    def test_repeats_nothing_to_somebody_who_got_it_at_once(self):
        with self.at(weeks=-2):
            ada = subscribe("ada@example.org")
        self.publish("One", days=-5)
        with self.at(days=-4):
            work_off()
            change_rhythm(ada.pk, "weekly")
        self.publish("Two", days=-3)
        with self.at(days=-2):
            work_off()
        mail.outbox.clear()
        self.monday()
        assert [message.subject for message in mail.outbox] == ["The Long Table this week: Two"]

    def test_loses_nothing_for_somebody_who_changed_to_at_once(self):
        with self.at(weeks=-2):
            ada = subscribe("ada@example.org", rhythm="weekly")
        self.publish("One", days=-5)
        with self.at(days=-4):
            work_off()
            change_rhythm(ada.pk, "at_once")
        self.publish("Two", days=-3)
        with self.at(days=-2):
            work_off()
        self.monday()
        assert [message.subject for message in mail.outbox] == ["Two", "The Long Table this week: One"]


class TestTheReport:
    def test_counts_sent_bounced_and_unsubscribed(self, draft, client):
        for name in ("ada", "ben", "cay"):
            subscribe(f"{name}@example.org")
        publish_post(draft)
        mailing = plan_mailing(draft)
        send(draft)
        stop = next(message for message in mail.outbox if message.to == ["ben@example.org"])
        client.post(one_click(stop), {"List-Unsubscribe": "One-Click"})
        OutgoingEmail.objects.filter(subscriber__email="cay@example.org").update(came_back_at=timezone.now())
        report = report_of(mailing)
        assert (report.sent, report.waiting, report.bounced, report.failed, report.unsubscribed) == (
            3,
            0,
            1,
            0,
            1,
        )

    def test_stays_when_the_records_of_the_emails_are_deleted(self, draft):
        subscribe("ada@example.org")
        publish_post(draft)
        mailing = plan_mailing(draft)
        send(draft)
        with later(days=100):
            delete_old_emails()
        assert not OutgoingEmail.objects.exists()
        mailing.refresh_from_db()
        assert report_of(mailing).sent == 1


class TestThePageInTheAdmin:
    @pytest.fixture
    def host_client(self, host, signed_in):
        return signed_in(host)

    @pytest.fixture
    def page(self, draft):
        return f"/admin/notifications/mailing/post/{draft.pk}/"

    def test_says_who_would_get_it_and_plans_it(self, host_client, draft, page):
        subscribe("ada@example.org")
        assertContains(host_client.get(page), "1 subscriber by email, at once")
        assertContains(
            host_client.post(page, {"content": "summary", "_plan": ""}, follow=True),
            "The post will be sent when it is published.",
        )
        assert Mailing.objects.get().content == "summary"
        assertContains(
            host_client.post(page, {"content": "summary", "_cancel": ""}, follow=True),
            "This post won’t be sent by email.",
        )
        assert not Mailing.objects.exists()

    def test_sends_a_test_to_the_host_alone(self, host_client, host, page):
        subscribe("ada@example.org")
        response = host_client.post(page, {"content": "whole", "_test": ""}, follow=True)
        assertContains(response, f"A test is on its way to {host.email}.")
        (message,) = mail.outbox
        assert (message.to, message.subject) == ([host.email], "[Test] Soup & bread")
        assert "List-Unsubscribe" not in message.extra_headers
        assert link_in(message, "/subscribe/") == "/subscribe/"
        assert not Mailing.objects.exists()

    def test_shows_afterwards_what_became_of_it(self, host_client, draft, page):
        subscribe("ada@example.org")
        publish_post(draft)
        plan_mailing(draft)
        send(draft)
        response = host_client.get(page)
        assertContains(response, "What happened to it")
        assertNotContains(response, "_plan")
        assertContains(host_client.get("/admin/notifications/mailing/"), "Soup &amp; bread")

    def test_refuses_an_unknown_content(self, host_client, page):
        refused = host_client.post(page, {"content": "half", "_plan": ""})
        assert (refused.status_code, 'aria-describedby="id_content_error"' in refused.content.decode()) == (
            422,
            True,
        )
        assert not Mailing.objects.exists()

    def test_is_for_those_who_may_change_posts(self, client, member, moderator, signed_in, page):
        for other in (client, signed_in(member), signed_in(moderator)):
            assert other.get(page).status_code == 302
            assert other.post(page, {"content": "whole", "_plan": ""}).status_code == 302
        assert not Mailing.objects.exists()

    def test_is_not_there_for_a_post_that_does_not_exist(self, host_client):
        assert host_client.get("/admin/notifications/mailing/post/999999/").status_code == 404

    def test_the_list_costs_the_same_for_many(self, host_client, draft, django_assert_max_num_queries):
        for number in range(12):
            plan_mailing(make_post(author=draft.author, title=f"P{number}"))
        with django_assert_max_num_queries(12):
            host_client.get("/admin/notifications/mailing/")


def test_a_cover_is_in_the_email_with_its_whole_address(draft):
    draft.cover.save("cover.jpg", make_picture())
    subscribe("ada@example.org")
    publish_post(draft)
    plan_mailing(draft)
    send(draft)
    assert f'src="http://testserver{draft.cover.url}"' in str(mail.outbox[0].alternatives[0][0])
