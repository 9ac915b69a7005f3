"""Members who want emails only while they are away get none while they are on the site."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.asserts import assertContains

from accounts.models import User
from notifications.services.timing import active_until, choose_timing
from tests.factories import make_comment, make_host, make_member, make_post
from tests.notifications.people import work, write
from tests.notifications.test_timing import at

pytestmark = pytest.mark.django_db

SETTINGS = "/notifications/settings/"


@pytest.fixture
def kay():
    return make_member("kay", email="kay@example.org", mails_when_away=True)


@pytest.fixture
def answered(kay):
    """answered(): someone replies to Kay."""
    post = make_post(make_host("hostess"), published_at=at("2026-06-01"))
    own = make_comment(post, author=kay)
    return lambda: write(make_member("lee"), post, "To Kay.", parent=own)


def mails_after(minutes: int, start: str = "2026-06-10T12:00") -> int:
    with time_machine.travel(at(start) + timedelta(minutes=minutes), tick=False):
        work()
    return sum(message.to == ["kay@example.org"] for message in mail.outbox)


def look_around(browser, minutes: int = 0, path: str = "/") -> None:
    with time_machine.travel(at("2026-06-10T12:00") + timedelta(minutes=minutes), tick=False):
        assert browser.get(path).status_code == 200


def test_an_email_waits_until_its_reader_is_away(kay, answered, signed_in):
    browser = signed_in(kay)
    look_around(browser)
    with time_machine.travel(at("2026-06-10T12:00"), tick=False):
        answered()
    assert mails_after(2) == 0
    look_around(browser, minutes=8)
    assert [mails_after(11), mails_after(17), mails_after(19)] == [0, 0, 1]


def test_what_was_read_meanwhile_is_not_emailed(kay, answered, signed_in):
    browser = signed_in(kay)
    look_around(browser)
    with time_machine.travel(at("2026-06-10T12:00"), tick=False):
        answered()
    assert mails_after(2) == 0
    with time_machine.travel(at("2026-06-10T12:03"), tick=False):
        browser.post("/notifications/read/", {"all": "1"})
    assert mails_after(60) == 0


def test_who_has_not_chosen_it_is_emailed_at_once_and_not_noted(kay, answered, signed_in):
    choose_timing(kay, time_zone="", mails_when_away=False)
    look_around(signed_in(kay))
    with time_machine.travel(at("2026-06-10T12:00"), tick=False):
        answered()
    assert mails_after(2) == 1
    assert User.objects.get(pk=kay.pk).last_active_at is None


def test_quiet_hours_hold_as_well(kay, answered, signed_in):
    choose_timing(kay, time_zone="UTC", quiet_from=12, quiet_until=14, mails_when_away=True)
    look_around(signed_in(kay))
    with time_machine.travel(at("2026-06-10T12:00"), tick=False):
        answered()
    assert [mails_after(30), mails_after(121)] == [0, 1]


def test_the_receipt_says_that_it_is_in_the_inbox_and_will_be_emailed(kay, answered, signed_in):
    look_around(signed_in(kay))
    with time_machine.travel(at("2026-06-10T12:00"), tick=False):
        reply = answered()
    assert mails_after(2) == 0
    with time_machine.travel(at("2026-06-10T12:03"), tick=False):
        page = signed_in(reply.author).get(f"/comments/{reply.pk}/receipt/")
    assertContains(page, "notified (inbox); will also be notified (email)")


def test_many_pages_in_a_minute_are_one_write(kay, signed_in):
    browser = signed_in(kay)
    look_around(browser)
    with CaptureQueriesContext(connection) as queries:
        look_around(browser)
    assert not [query for query in queries if "UPDATE" in query["sql"]]


class TestTheSetting:
    def test_is_chosen_in_the_settings_and_forgets_when_it_is_turned_off(self, kay, signed_in):
        browser = signed_in(kay)
        browser.post(SETTINGS, {"time_zone": "", "mails_when_away": "on"})
        assertContains(browser.get(SETTINGS), '<input type="checkbox" name="mails_when_away"')
        kay.refresh_from_db()
        assert kay.mails_when_away
        assert kay.last_active_at is not None
        browser.post(SETTINGS, {"time_zone": ""})
        kay.refresh_from_db()
        assert (kay.mails_when_away, kay.last_active_at) == (False, None)


def test_all_readers_of_a_batch_are_asked_for_in_one_query(django_assert_num_queries):
    members = [make_member(mails_when_away=True) for _ in range(4)]
    with django_assert_num_queries(1):
        active_until([member.pk for member in members])
