"""New posts by email without an account: subscribing, confirming, changing, unsubscribing."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains

from core.models import SiteSettings
from notifications.models import EmailSuppression, Subscriber
from notifications.services.subscribers import make_confirm_token, subscription_url
from tests.factories import make_member
from tests.notifications.people import later
from tests.notifications.subscribers import link_in, one_click, subscribe

pytestmark = pytest.mark.django_db

ASKED = "We’ve sent an email to"


def ask(client, email: str = "ada@example.org", **more):
    return client.post("/subscribe/", {"email": email} | more)


def state_of(email: str) -> tuple[str, bool]:
    subscriber = Subscriber.objects.get(email=email)
    return subscriber.rhythm, subscriber.is_active


class TestSubscribing:
    def test_takes_an_address_and_a_click_in_the_email(self, client):
        assertContains(client.get("/subscribe/"), 'name="email"')
        assertContains(ask(client, "Ada@Example.org"), f"{ASKED} ada@example.org")
        (message,) = mail.outbox
        assert message.to == ["ada@example.org"]
        bodies = [message.body, message.alternatives[0][0]]
        assert all("Someone (probably you) asked for new posts" in body for body in bodies)
        link = link_in(message, "/subscribe/confirm/")
        assertContains(client.get(link), "New posts will be sent to ada@example.org.")
        assert not Subscriber.objects.exists()
        assertContains(client.post(link), "You’re subscribed")
        assert state_of("ada@example.org") == ("at_once", True)

    def test_begins_on_the_home_page_that_is_kept_for_all_visitors(self, client):
        page = client.get("/").content.decode()
        [box] = re.findall(r'<form[^>]* action="/subscribe/".*?</form>', page, re.DOTALL)
        names = re.findall(r' name="(\w+)"', box)
        assert (names, "csrf" in page, client.cookies) == (["place_at_table", "email"], False, {})
        browser = Client(enforce_csrf_checks=True)
        here, elsewhere = {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "cross-site"}
        refused = browser.post("/subscribe/", {"email": "ada@example.org"}, headers=elsewhere)
        assert (refused.status_code, mail.outbox) == (403, [])
        assertContains(browser.post("/subscribe/", {"email": "ada@example.org"}, headers=here), ASKED)
        assert len(mail.outbox) == 1

    def test_needs_the_token_of_a_member_whose_box_has_their_address(self, client, member):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(member)
        page = strict.get("/").content.decode()
        [box] = re.findall(r'<form[^>]* action="/subscribe/".*?</form>', page, re.DOTALL)
        [token] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', box)
        assert f'value="{member.email}"' in box
        assert ask(strict, member.email).status_code == 403
        assertContains(ask(strict, member.email, csrfmiddlewaretoken=token), ASKED)

    def test_is_confirmed_by_an_email_with_the_name_that_the_host_chose(self, client):
        SiteSettings(pk=1, version=1, name="Harbour Notes").save()
        SiteSettings.forget()
        ask(client)
        assert mail.outbox[0].subject == "Confirm: new posts from Harbour Notes by email"

    def test_can_be_for_one_email_a_week(self, client):
        ask(client, rhythm="weekly")
        client.post(link_in(mail.outbox[0], "/subscribe/confirm/"))
        assert state_of("ada@example.org") == ("weekly", True)

    def test_confirmed_twice_is_confirmed_once_and_keeps_the_first_date(self, client):
        ask(client)
        link = link_in(mail.outbox[0], "/subscribe/confirm/")
        client.post(link)
        first = Subscriber.objects.get().confirmed_at
        with later(days=1):
            client.post(link)
        assert Subscriber.objects.get().confirmed_at == first

    def test_a_wrong_address_is_refused_at_the_field_and_kept(self, client):
        for typed in ("ada@", "", "a" * 250 + "@example.org"):
            response = ask(client, typed)
            assert response.status_code == 422
            assertContains(response, "errorlist", status_code=422)
            assert response.context["form"]["email"].value() == typed
        assert not mail.outbox

    def test_an_unknown_rhythm_is_refused(self, client):
        assert ask(client, rhythm="hourly").status_code == 422
        assert not mail.outbox

    def test_a_program_that_fills_in_the_hidden_field_sends_nothing(self, client):
        name = re.search(
            r'<input name="(\w+)" value="" tabindex="-1"', client.get("/subscribe/").content.decode()
        )
        assertContains(ask(client, **{name[1]: "x"}), ASKED)
        assert not mail.outbox

    def test_a_link_is_valid_for_a_week_and_then_says_so(self, client):
        ask(client)
        link = link_in(mail.outbox[0], "/subscribe/confirm/")
        with later(days=8):
            for response in (client.get(link), client.post(link)):
                assertContains(response, "This link has expired", status_code=410)
        assert not Subscriber.objects.exists()

    def test_a_link_cannot_be_forged_or_turned_to_another_use(self, client):
        token = make_confirm_token("ada@example.org", "weekly")
        unsubscribe = subscription_url(subscribe("kim@example.org")).split("/")[-2]
        for wrong in (token[:-1], f"x{token}", unsubscribe, "a.b.c", "%00"):
            assert client.post(f"/subscribe/confirm/{wrong}/").status_code in {400, 404}
        assert client.post(f"/unsubscribe/{token}/").status_code == 404
        assert [*Subscriber.objects.values_list("email", flat=True)] == ["kim@example.org"]

    def test_works_again_for_an_address_whose_email_had_bounced(self, client):
        EmailSuppression.objects.create(email="ada@example.org", cause="bounce")
        ask(client)
        client.post(link_in(mail.outbox[0], "/subscribe/confirm/"))
        assert Subscriber.objects.reachable().count() == 1

    def test_sends_nothing_to_those_who_called_us_spam(self, client):
        EmailSuppression.objects.create(email="ada@example.org", cause="complaint")
        assertContains(ask(client), ASKED)
        assert not mail.outbox


class TestNobodyLearnsWhoIsSubscribed:
    KNOWN, STRANGER = "kim@example.org", "sam@example.org"

    @pytest.fixture(autouse=True)
    def _kim(self):
        subscribe(self.KNOWN)
        make_member("kim", email=self.KNOWN)

    def test_from_the_page(self, client):
        pages = {
            re.sub(r'value="[^"]{20,}"', "", ask(client, email).content.decode()).replace(
                self.KNOWN, self.STRANGER
            )
            for email in (self.KNOWN, self.STRANGER)
        }
        assert len(pages) == 1

    def test_from_the_work_that_the_request_does(self, client, settings):
        """The worker looks up the account: the request makes the same queries for both."""
        settings.TASKS = {
            "default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "mail"]}
        }
        queries = []
        for email in (self.KNOWN, self.STRANGER):
            with CaptureQueriesContext(
                connection,
            ) as captured:
                ask(client, email)
            queries.append([re.sub(r"'[^']*'", "", query["sql"])[:60] for query in captured])
        assert queries[0] == queries[1]
        assert not mail.outbox

    def test_but_the_owner_of_the_address_reads_what_is_so(self, client):
        ask(client, self.KNOWN)
        (message,) = mail.outbox
        assert message.subject == "You already get new posts from The Long Table"
        assertContains(
            client.get(link_in(message, "/unsubscribe/")), "New posts by email, to kim@example.org"
        )


class TestLimits:
    @time_machine.travel(datetime(2026, 11, 28, 10, 5, tzinfo=UTC))
    def test_of_one_address_are_by_the_hour_and_by_the_day(self, client):
        answers = []
        with later(hours=1):
            answers += [ask(client).status_code for _ in range(3)]
        for hours in (2.1, 3.2):
            with later(hours=hours):
                answers.append(ask(client).status_code)
        with later(hours=4.3):
            response = ask(client)
        assert answers == [200, 200, 429, 200, 200]
        assert response.status_code == 429
        assert int(response["Retry-After"]) > 3600
        assertContains(response, "Too many requests.", status_code=429)
        assert len(mail.outbox) == 4

    def test_of_one_sender_are_by_the_hour(self, client):
        answers = [ask(client, f"a{number}@example.org").status_code for number in range(11)]
        assert answers == [200] * 10 + [429]
        assert len(mail.outbox) == 10


class TestLeaving:
    def test_is_one_click_in_the_email_program(self, client):
        ask(client, subscribe("ada@example.org").email)
        client.post(one_click(mail.outbox[0]), {"List-Unsubscribe": "One-Click"})
        assert state_of("ada@example.org") == ("at_once", False)

    def test_a_look_at_the_page_changes_nothing(self, client):
        address = subscription_url(subscribe("ada@example.org"))
        response = client.get(address)
        assert response["X-Robots-Tag"] == "noindex"
        assert state_of("ada@example.org") == ("at_once", True)

    def test_can_be_undone_on_the_page_that_says_so(self, client):
        address = subscription_url(subscribe("ada@example.org"))
        assertContains(client.post(address), "You’re unsubscribed.")
        assertContains(client.post(address, {"change": "again"}), "You’ll get each new post at once.")
        assert state_of("ada@example.org") == ("at_once", True)

    def test_or_emails_can_come_once_a_week_instead(self, client):
        address = subscription_url(subscribe("ada@example.org"))
        assertContains(client.post(address, {"change": "weekly"}), "You’ll get new posts once a week.")
        assert state_of("ada@example.org") == ("weekly", True)

    def test_an_unknown_choice_changes_nothing(self, client):
        address = subscription_url(subscribe("ada@example.org"))
        refused = client.post(address, {"change": "never"})
        assertContains(refused, "<title>Error: Your subscription", status_code=422)
        assert state_of("ada@example.org") == ("at_once", True)

    def test_a_link_of_a_deleted_subscription_says_that_nothing_comes(self, client):
        subscriber = subscribe("ada@example.org")
        address = subscription_url(subscriber)
        subscriber.delete()
        for response in (client.get(address), client.post(address)):
            assertContains(response, "You’re unsubscribed.")

    def test_who_left_can_subscribe_anew_with_a_new_date(self, client):
        long_ago = timezone.now() - timedelta(days=400)
        subscribe("ada@example.org", confirmed_at=long_ago, unsubscribed_at=long_ago + timedelta(days=1))
        ask(client, rhythm="weekly")
        client.post(link_in(mail.outbox[0], "/subscribe/confirm/"))
        subscriber = Subscriber.objects.get()
        assert (subscriber.rhythm, subscriber.is_active) == ("weekly", True)
        assert timezone.now() - subscriber.confirmed_at < timedelta(minutes=1)
