"""Delivery times of emails: hourly, in the morning of the recipient's time zone, not in quiet hours."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from pytest_django.asserts import assertContains

from accounts.models import User
from notifications.models import Device, Notification, NotificationChannel, NotificationTiming, Push
from notifications.push.services import send_push
from notifications.services import export
from notifications.services.preferences import choose
from notifications.services.timing import choose_timing, next_bundle, quiet_until
from tests.factories import make_comment, make_host, make_member, make_post
from tests.notifications.people import work, write

pytestmark = pytest.mark.django_db

SETTINGS = "/notifications/settings/"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def kay():
    return make_member("kay", email="kay@example.org")


@pytest.fixture
def answered(kay):
    """answered(): someone replies to Kay."""
    post = make_post(make_host("hostess"), published_at=at("2026-06-01"))
    own = make_comment(post, author=kay)

    def answer() -> None:
        write(make_member(), post, "To Kay.", parent=own)

    return answer


def mailed(*moments: str) -> list[int]:
    """Return how many emails to Kay have been sent by each of these times."""
    counts = []
    for moment in moments:
        with time_machine.travel(at(moment), tick=False):
            work()
        counts.append(sum(message.to == ["kay@example.org"] for message in mail.outbox))
    return counts


@pytest.mark.parametrize(
    ("way", "zone", "after", "expected"),
    [
        ("hourly", "", "2026-06-10T10:20", "2026-06-10T11:00"),
        ("hourly", "", "2026-06-10T11:00", "2026-06-10T11:00"),
        ("hourly", "Asia/Kolkata", "2026-06-10T10:20", "2026-06-10T10:30"),
        # End of daylight saving time: half past two occurs twice, and so does two o'clock before the second.
        ("hourly", "Europe/Berlin", "2026-10-25T00:30", "2026-10-25T01:00"),
        ("hourly", "Europe/Berlin", "2026-10-25T01:30", "2026-10-25T02:00"),
        ("hourly", "Europe/Berlin", "2026-03-29T00:30", "2026-03-29T01:00"),
        ("hourly", "Asia/Kathmandu", "2026-06-10T10:20", "2026-06-10T11:15"),
        ("daily", "", "2026-06-10T10:20", "2026-06-11T08:00"),
        ("daily", "America/New_York", "2026-06-10T10:20", "2026-06-10T12:00"),
        (
            "daily",
            "America/New_York",
            "2026-10-31T13:00",
            "2026-11-01T13:00",
        ),  # daylight saving time ends that night
        ("weekly", "Pacific/Auckland", "2026-06-10T10:20", "2026-06-14T20:00"),
    ],
)
def test_the_next_bundle_is_on_the_readers_own_clocks(way, zone, after, expected, settings):
    settings.ALERT_BUNDLE_HOUR = 8
    member = User(time_zone=zone)
    assert next_bundle(NotificationChannel(way), at(after), member.zone) == at(expected)


def test_hourly_emails_leave_at_the_full_hour_with_all_of_it(kay, answered):
    choose(kay, answers="hourly")
    with time_machine.travel(at("2026-06-10T10:20"), tick=False):
        answered()
        answered()
    assert mailed("2026-06-10T10:50", "2026-06-10T11:01") == [0, 1]


def test_daily_emails_leave_in_their_readers_morning(kay, answered, settings):
    settings.ALERT_BUNDLE_HOUR = 8
    choose(kay, answers="daily")
    choose_timing(kay, time_zone="America/New_York", quiet_from=None, quiet_until=None)
    with time_machine.travel(at("2026-06-10T07:00"), tick=False):
        answered()
    assert mailed("2026-06-10T08:01", "2026-06-10T12:01") == [0, 1]


def test_in_quiet_hours_nothing_is_sent_and_afterwards_all_of_it_in_one(kay, answered):
    choose_timing(kay, time_zone="Europe/Berlin", quiet_from=22, quiet_until=7)
    with time_machine.travel(at("2026-06-10T20:30"), tick=False):  # half past ten in Berlin
        answered()
        answered()
    assert mailed("2026-06-10T20:40", "2026-06-11T04:59", "2026-06-11T05:01") == [0, 0, 1]
    assert Notification.objects.filter(member=kay, state="in_letter").count() == 2


def test_the_inbox_knows_no_quiet_hours(kay, answered, signed_in):
    choose_timing(kay, time_zone="", quiet_from=0, quiet_until=23)
    answered()
    Notification.objects.update(due_at=at("2026-06-01"))
    assertContains(signed_in(kay).get("/notifications/"), "To Kay.")


@pytest.mark.parametrize(
    ("begin", "end", "moment", "until"),
    [
        (22, 7, "2026-06-10T21:59", None),
        (22, 7, "2026-06-10T22:00", "2026-06-11T07:00"),
        (22, 7, "2026-06-11T06:59", "2026-06-11T07:00"),
        (22, 7, "2026-06-11T07:00", None),
        (9, 17, "2026-06-10T16:59", "2026-06-10T17:00"),
        (9, 17, "2026-06-10T08:59", None),
    ],
)
def test_quiet_hours_may_go_over_midnight(kay, begin, end, moment, until):
    choose_timing(kay, time_zone="UTC", quiet_from=begin, quiet_until=end)
    with time_machine.travel(at(moment), tick=False):
        assert quiet_until([kay.pk]) == ({kay.pk: at(until)} if until else {})


def test_a_device_is_quiet_too(kay):
    choose_timing(kay, time_zone="UTC", quiet_from=22, quiet_until=7)
    device = Device.objects.create(member=kay, endpoint="https://push.example/1", p256dh="x", auth="x")
    push = Push.objects.create(device=device, comment=make_comment(), due_at=at("2026-06-10T22:30"), tries=1)
    with time_machine.travel(at("2026-06-10T23:00"), tick=False):
        send_push(push)
    push.refresh_from_db()
    assert (push.state, push.due_at, push.tries) == ("ready", at("2026-06-11T07:00"), 0)


class TestTheSettings:
    def test_are_chosen_and_shown_again(self, kay, signed_in):
        browser = signed_in(kay)
        wanted = {"time_zone": "Asia/Tokyo", "quiet_from": "22", "quiet_until": "7"}
        assertContains(browser.post(SETTINGS, wanted, follow=True), "Preferences saved.")
        timing = NotificationTiming.objects.get()
        kay.refresh_from_db()
        assert (kay.time_zone, timing.quiet_from, timing.quiet_until) == ("Asia/Tokyo", 22, 7)
        assertContains(
            browser.get(SETTINGS), '<option value="Asia/Tokyo" selected>Asia/Tokyo</option>', html=True
        )
        browser.post(SETTINGS, {"time_zone": "", "quiet_from": "", "quiet_until": ""})
        kay.refresh_from_db()
        assert (kay.time_zone, NotificationTiming.objects.count()) == ("", 0)

    @pytest.mark.parametrize(
        ("wanted", "said"),
        [
            ({"quiet_from": "22", "quiet_until": ""}, "Choose both hours"),
            ({"quiet_from": "", "quiet_until": "7"}, "Choose both hours"),
            ({"quiet_from": "7", "quiet_until": "7"}, "Choose a different hour"),
            ({"quiet_from": "24", "quiet_until": "7"}, "24 is not one of the available choices"),
            ({"time_zone": "Mars/Olympus"}, "Mars/Olympus is not one of the available choices"),
        ],
    )
    def test_refuse_what_makes_no_sense_at_the_field(self, kay, signed_in, wanted, said):
        sent = {"time_zone": "", "quiet_from": "", "quiet_until": "", "answers": "daily"} | wanted
        assertContains(signed_in(kay).post(SETTINGS, sent), said, status_code=422)
        assert not NotificationTiming.objects.exists()
        assert not kay.notification_preferences.exists()

    def test_are_in_the_members_own_data(self, kay):
        choose_timing(kay, time_zone="Asia/Tokyo", quiet_from=22, quiet_until=7)
        rows = [{name: str(value) for name, value in row.items()} for row in export._choices(kay)]
        assert {"what": "quiet hours", "chosen": "22:00 to 7:00"} in rows

    def test_without_an_end_are_refused_by_the_database(self, kay):
        with pytest.raises(IntegrityError), transaction.atomic():
            NotificationTiming.objects.create(member=kay, quiet_from=22)


def test_many_followers_with_their_own_clocks_cost_one_more_query(django_assert_max_num_queries):
    members = [make_member() for _ in range(6)]
    for one in members:
        choose_timing(one, time_zone="Asia/Tokyo", quiet_from=0, quiet_until=23)
    with django_assert_max_num_queries(1):
        quiet_until([one.pk for one in members])
