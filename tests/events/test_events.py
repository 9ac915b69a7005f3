"""Events: proposal, approval, time zones, answers, reminders, calendar files."""

import re
from datetime import UTC, date, datetime, timedelta
from importlib import import_module

import icalendar
import pytest
import recurring_ical_events
import time_machine
from django.apps import apps
from django.db import IntegrityError, transaction
from django.urls import reverse
from ical.calendar_stream import IcsCalendarStream
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import CalendarAddress, Follow, User
from accounts.services.deletion import carry_out, request_deletion
from accounts.services.merging import merge_accounts
from comments.models import Comment, DiscussionDefaults
from comments.services.discussion import choose_defaults
from events.export import PARTS
from events.models import Answer, Event, Occurrence
from events.services import reminders, telling
from events.services.answers import give_answer, lock_occurrence, withdraw
from events.services.planning import decide_event
from events.services.reminders import remind
from events.services.reports import begin_report
from notifications.models import Notification
from notifications.services.preferences import choose
from posts.models import Post
from posts.services.trash import trash_post
from posts.signals import post_published
from rooms.models import Room
from tests.factories import make_host, make_member, switch_on
from tests.figures import figure
from tests.notifications.people import work

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
FILLED = {
    "title": "Reading hour",
    "text": "We read **aloud**, a page each.",
    "place": "The harbour",
    "link": "",
    "zone": "Australia/Sydney",
    "starts": "2026-07-09T20:00",
    "ends": "2026-07-09T22:00",
    "repeat": "",
    "until": "",
    "rule": "",
    "skipped": "",
    "places": "",
}


@pytest.fixture(autouse=True)
def in_july():
    with time_machine.travel(NOON, tick=False):
        switch_on("events")
        yield


@pytest.fixture
def hosting(signed_in, host):
    return signed_in(host)


def plan(client, **fields) -> Event:
    answer = client.post("/events/new/", FILLED | fields)
    assert answer.status_code == 302, answer.context["form"].errors
    return Event.objects.select_related("post").latest("pk")


def time_of(event: Event) -> Occurrence:
    return event.occurrences.order_by("starts_at")[0]


def answers(event: Event) -> list[tuple[str, str, bool]]:
    rows = Answer.objects.filter(occurrence__event=event).order_by("asked_at", "pk")
    return list(rows.values_list("member__username", "says", "is_waiting"))


class TestPlanning:
    def test_a_host_publishes_and_followers_are_notified(self, client, hosting, host, member):
        Follow.objects.create(follower=member, followed=host)
        event = plan(hosting)
        assert (event.state, event.post.get_absolute_url()) == (
            "approved",
            "/events/2026-07-09-reading-hour/",
        )
        page = client.get("/events/2026-07-09-reading-hour/")
        assertContains(page, "<strong>aloud</strong>", html=True)
        assertContains(page, "The harbour")
        assertContains(client.get("/events/"), "Reading hour")
        with time_machine.travel(NOON + timedelta(minutes=5), tick=False):
            work()
        row = Notification.objects.get(member=member)
        assert (row.kind, row.reasons, row.in_inbox) == ("events", ["event"], "published an event")

    def test_a_member_proposes_and_a_host_approves(self, client, signed_in, member, hosting):
        alice = signed_in(member)
        event = plan(alice)
        page = event.post.get_absolute_url()
        assert (event.state, event.post.published_at) == ("proposed", None)
        others = signed_in(make_member())
        assert [each.get(page).status_code for each in (client, others, alice, hosting)] == [
            404,
            404,
            200,
            200,
        ]
        assertContains(hosting.get("/events/"), "Awaiting approval")
        assertNotContains(others.get("/events/"), "Reading hour")
        assert others.post(f"{page}decide/", {"do": "approved"}).status_code == 404
        assert alice.post(f"{page}decide/", {"do": "approved"}).status_code == 403
        assertRedirects(hosting.post(f"{page}decide/", {"do": "approved", "version": event.version}), page)
        assertContains(client.get(page), "Reading hour")
        assert alice.get(f"{page}edit/").status_code == 403

    def test_of_two_hosts_one_decides(self, hosting, signed_in, member):
        event = plan(signed_in(member))
        assert [decide_event(event, "approved"), decide_event(event, "approved")] == [True, False]
        decide_event(event, "cancelled")
        page = hosting.post(f"{event.post.get_absolute_url()}decide/", {"do": "declined"}, follow=True)
        assertContains(page, "You can’t do that with this event any more")
        event.refresh_from_db()
        assert event.state == "cancelled"

    @pytest.mark.parametrize(
        ("fields", "field", "said"),
        [
            ({"ends": "2026-07-09T19:00"}, "ends", "It ends before it starts."),
            ({"ends": "2026-07-09T20:00"}, "ends", "It ends before it starts."),
            ({"ends": "2026-09-09T20:00"}, "ends", "at most 31 days"),
            ({"starts": "soon"}, "starts", "Enter a date and a time."),
            ({"zone": "Mars/Olympus"}, "zone", "Select a valid choice"),
            ({"zone": "Europe/Berlin", "starts": "2026-03-29T02:30", "ends": "2026-03-29T05:00"}, "starts", "go forward"),
            ({"place": ""}, "place", "Say where"),
            ({"link": "javascript:alert(1)"}, "link", "Enter a web address"),
            ({"link": "meet.example/" + "x" * 485}, "link", "at most 500 characters (it has 506)"),
            ({"starts": "9998-01-01T10:00", "ends": "9998-01-01T11:00"}, "starts", "a year from 1970 to 2999"),
            ({"zone": "America/New_York", "starts": "9999-12-31T22:00", "ends": "9999-12-31T23:00"}, "ends", "a year from 1970 to 2999"),
            ({"zone": "Europe/Berlin", "starts": "0001-01-01T00:00", "ends": "0001-01-01T01:00"}, "starts", "a year from 1970 to 2999"),
            ({"repeat": "weekly", "until": "9999-12-31"}, "until", "a year from 1970 to 2999"),
            ({"repeat": "rule", "rule": "FREQ=DAILY;INTERVAL=0;BYMONTH=1;COUNT=1"}, "rule", "a number from 1 to 100"),
            ({"repeat": "rule", "rule": "FREQ=DAILY;COUNT=1;BYMONTHDAY=30;BYMONTH=2"}, "rule", "can’t have BYMONTHDAY"),
            ({"repeat": "rule", "rule": "FREQ=YEARLY;COUNT=1;BYMONTHDAY=30;BYMONTH=2"}, "rule", "never take place"),
            ({"repeat": "weekly"}, "until", "needs an end"),
            ({"repeat": "weekly", "until": "2026-07-01"}, "until", "after the first one"),
            ({"repeat": "weekly", "until": "2050-07-01"}, "until", "next 5 years"),
            ({"repeat": "weekly", "until": "2031-12-31"}, "until", "next 5 years"),
            ({"repeat": "daily", "until": "2030-07-01"}, "until", "more than 400 times"),
            ({"repeat": "rule", "rule": "FREQ=WEEKLY"}, "rule", "has no end"),
            ({"repeat": "rule", "rule": "sometimes"}, "rule", "isn’t a rule"),
            ({"repeat": "weekly", "until": "2026-07-09", "skipped": "2026-07-09"}, "until", "never take place"),
            ({"skipped": "0001-01-01"}, "skipped", "a year from 1970 to 2999"),
            ({"skipped": "tomorrow"}, "skipped", "isn’t a day"),
            ({"places": "0"}, "places", "greater than or equal to 1"),
            ({"places": "9999999"}, "places", "less than or equal to 100000"),
            ({"title": ""}, "title", "required"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_refused_at_its_field_and_nothing_typed_is_lost(
        self, hosting, fields, field, said
    ):
        answer = hosting.post("/events/new/", FILLED | fields)
        assert answer.status_code == 422
        assert said in str(answer.context["form"].errors[field]), answer.context["form"].errors
        assertContains(answer, "We read **aloud**, a page each.", status_code=422)
        assert Event.objects.count() == 0

    def test_the_spam_filter_reads_proposals(self, signed_in):
        new = make_member(date_joined=NOON, known_since=None)
        text = "Cheap replica watches, buy now with free shipping https://watches.example/buy"
        answer = signed_in(new).post("/events/new/", FILLED | {"title": "Buy now", "text": text})
        assertContains(answer, "This looks like advertising to the spam filter.", status_code=422)
        assert Post.objects.filter(kind="event").count() == 0

    def test_a_member_proposes_only_so_often(self, signed_in, member):
        alice = signed_in(member)
        codes = [alice.post("/events/new/", FILLED | {"title": f"Hour {n}"}).status_code for n in range(6)]
        assert codes == [302] * 5 + [429]

    def test_who_may_not_write_proposes_nothing(self, signed_in, client):
        silent = make_member(silent_until=NOON + timedelta(days=3))
        assert signed_in(silent).post("/events/new/", FILLED).status_code == 422
        assert client.post("/events/new/", {"title": "Short"}).status_code == 302  # to sign-in
        assert Event.objects.count() == 0

    def test_who_was_signed_out_while_they_wrote_sends_it_again(self, client, member):
        answer = client.post("/events/new/", FILLED)
        assertContains(answer, "You’re not signed in.", status_code=403)
        assertContains(answer, "Copy your text before you leave this page.", status_code=403)
        assertContains(answer, "We read **aloud**, a page each.", status_code=403)
        kept = dict(re.findall(r'name="(\w+)" value="([^"]*)"', answer.content.decode()))
        sent = {name: kept.get(name) for name in FILLED} | {"text": FILLED["text"]}
        assert sent == FILLED
        client.force_login(member)
        assert client.post("/events/new/", sent).status_code == 302
        assert Event.objects.get().text == FILLED["text"]

    def test_changed_days_keep_their_answers(self, hosting, member):
        event = plan(hosting, repeat="weekly", until="2026-07-23")
        give_answer(time_of(event), member, "yes")
        page = event.post.get_absolute_url()
        hosting.post(f"{page}edit/", FILLED | {"starts": "2026-07-09T19:00", "repeat": "weekly", "until": "2026-07-16"})  # fmt: skip
        event.refresh_from_db()
        assert [row.starts_at.isoformat() for row in event.occurrences.order_by("starts_at")] == [
            "2026-07-09T09:00:00+00:00",
            "2026-07-16T09:00:00+00:00",
        ]
        assert answers(event) == [("alice", "yes", False)]

    def test_an_address_begins_with_the_day_so_that_it_is_not_that_of_a_page(self, signed_in, member, host):
        slugs = [plan(signed_in(member), title=title).post.slug for title in ("About", "New")]
        assert slugs == ["2026-07-09-about", "2026-07-09-new"]
        assert Post.objects.create(kind="page", title="About", author=host).slug == "about"

    def test_pressed_twice_the_button_makes_one_event(self, signed_in, member):
        alice = signed_in(member)
        pages = [alice.post("/events/new/", FILLED)["Location"] for _press in range(2)]
        assert (pages, Event.objects.count()) == (["/events/2026-07-09-reading-hour/"] * 2, 1)
        with time_machine.travel(NOON + timedelta(minutes=6), tick=False):
            plan(alice)
        plan(signed_in(make_member("bea")))
        assert Event.objects.count() == 3

    def test_a_host_approves_what_they_have_read_or_nothing(self, hosting, signed_in, member):
        alice = signed_in(member)
        event = plan(alice)
        page = event.post.get_absolute_url()
        read = hosting.get(page).context["event"].version
        with time_machine.travel(NOON + timedelta(minutes=1), tick=False):
            alice.post(f"{page}edit/", FILLED | {"text": "Something else."})
        for form in (
            {"do": "approved", "version": read},
            {"do": "approved"},
            {"do": "declined", "version": read},
        ):
            assertContains(
                hosting.post(f"{page}decide/", form, follow=True), "Read it again before you decide."
            )
        again = hosting.get(page)
        assertContains(again, "Something else.")
        hosting.post(f"{page}decide/", {"do": "approved", "version": again.context["event"].version})
        event.refresh_from_db()
        assert event.state == "approved"

    def test_who_proposed_it_changes_nothing_once_it_is_approved_while_they_write(
        self, hosting, signed_in, member, monkeypatch
    ):
        alice = signed_in(member)
        event = plan(alice)
        page = event.post.get_absolute_url()
        monkeypatch.setattr(
            "events.views.planning.check_may_change", lambda event, _user: decide_event(event, "approved")
        )
        answer = alice.post(f"{page}edit/", FILLED | {"text": "Something else."})
        assertContains(answer, "Only hosts can change an event that was approved.", status_code=422)
        assertContains(answer, "Something else.", status_code=422)
        event.refresh_from_db()
        assert event.text == FILLED["text"]

    def test_of_two_hosts_who_change_it_at_once_the_second_is_told_before_theirs_replaces_the_other(
        self, hosting, signed_in
    ):
        page = f"{plan(hosting).post.get_absolute_url()}edit/"
        second = signed_in(make_host("second"))
        seen = second.get(page).context["form"]["seen"].value()
        with time_machine.travel(NOON + timedelta(minutes=1), tick=False):
            first = {"text": "The first.", "seen": hosting.get(page).context["form"]["seen"].value()}
            assert hosting.post(page, FILLED | first).status_code == 302
            told = second.post(page, FILLED | {"text": "The second.", "seen": seen})
            assertContains(told, "Someone else saved this page while you were writing.", status_code=422)
            assertContains(told, "The second.", status_code=422)
            assert Event.objects.get().text == "The first."
            again = FILLED | {"text": "The second.", "seen": told.context["form"]["seen"].value()}
            assert second.post(page, again).status_code == 302
        assert Event.objects.get().text == "The second."

    @pytest.mark.sql
    @pytest.mark.parametrize("wrong", [{"ends_at": NOON}, {"state": "perhaps"}, {"places": 0}])
    def test_the_database_knows_what_an_event_is(self, hosting, wrong):
        event = plan(hosting)
        with pytest.raises(IntegrityError), transaction.atomic():
            Event.objects.filter(pk=event.pk).update(**wrong)


class TestOtherTimes:
    def move(self, client, event: Event, **fields):
        return client.post(f"{event.post.get_absolute_url()}edit/", FILLED | fields)

    def days_answered(self) -> list[str]:
        zone = Event.objects.get().clocks
        times = Answer.objects.order_by("occurrence__starts_at").values_list(
            "occurrence__starts_at", flat=True
        )
        return [f"{each.astimezone(zone):%m-%d %H}" for each in times]

    def test_of_what_takes_place_once_keep_the_answers_and_who_gave_them_is_notified(
        self, hosting, signed_in
    ):
        event = plan(hosting)
        for name, says in {"ada": "yes", "bea": "maybe", "cleo": "no"}.items():
            give_answer(time_of(event), make_member(name), says)
        self.move(hosting, event, starts="2026-08-20T18:00", ends="2026-08-20T19:00")
        assert self.days_answered() == ["08-20 18"] * 3
        rows = Notification.objects.filter(kind="event_reminders").order_by("member__username")
        assert [(row.member.username, row.reasons) for row in rows] == [
            ("ada", ["moved"]),
            ("bea", ["moved"]),
        ]
        with time_machine.travel(NOON + timedelta(minutes=5), tick=False):
            inbox = signed_in(User.objects.get(username="ada")).get("/notifications/")
        assertContains(inbox, "has an event that takes place at another time")

    def test_a_changed_text_notifies_no_one(self, hosting, member):
        event = plan(hosting)
        give_answer(time_of(event), member, "yes")
        self.move(hosting, event, text="Something else.")
        assert not Notification.objects.exists()

    def test_of_what_is_repeated_on_another_weekday_keep_the_answers_in_their_order(self, hosting, member):
        event = plan(hosting, repeat="weekly", until="2026-07-23")
        for occurrence in event.occurrences.order_by("starts_at")[1:]:
            give_answer(occurrence, member, "yes")
        self.move(
            hosting,
            event,
            starts="2026-07-11T20:00",
            ends="2026-07-11T22:00",
            repeat="weekly",
            until="2026-07-25",
        )
        assert self.days_answered() == ["07-18 20", "07-25 20"]

    def test_that_would_lose_answers_are_asked_about_once_with_their_number(self, hosting, signed_in):
        event = plan(hosting, repeat="weekly", until="2026-07-23")
        for occurrence in event.occurrences.order_by("starts_at"):
            give_answer(occurrence, make_member(), "yes")
        fewer = {"repeat": "weekly", "until": "2026-07-09", "title": "Once"}
        asked = self.move(hosting, event, **fewer)
        assertContains(asked, "This removes times that have 2 responses.", status_code=422)
        assertContains(asked, "Delete these responses", status_code=422)
        assert (self.days_answered(), Event.objects.get().post.title) == (
            ["07-09 20", "07-16 20", "07-23 20"],
            "Reading hour",
        )
        assert self.move(hosting, event, **fewer, drops_answers="on").status_code == 302
        assert (self.days_answered(), Event.objects.get().post.title) == (["07-09 20"], "Once")
        assert Notification.objects.filter(reasons=["dropped"]).count() == 2
        inbox = signed_in(Notification.objects.first().member)
        with time_machine.travel(NOON + timedelta(minutes=5), tick=False):
            assertContains(inbox.get("/notifications/"), "has an event with a cancelled time")

    def test_move_by_a_whole_day_either_way_with_their_answers(self, hosting, member):
        daily = {"repeat": "daily", "until": "2026-07-12"}
        event = plan(hosting, zone="Pacific/Kiritimati", **daily)
        for occurrence in event.occurrences.all():
            give_answer(occurrence, member, "yes")
        # It is 24 hours later there: each starts when the next one did.
        for zone, day in {"Pacific/Honolulu": 10, "Pacific/Kiritimati": 9}.items():
            assert self.move(hosting, event, zone=zone, **daily).status_code == 302
            assert self.days_answered() == ["07-09 20", "07-10 20", "07-11 20", "07-12 20"]
            assert time_of(event).starts_at.day == day

    def test_what_is_over_stays_as_it_was_and_nobody_comes_to_what_they_never_answered(self, hosting, member):
        event = plan(hosting)
        give_answer(time_of(event), member, "yes")
        with time_machine.travel(NOON + timedelta(days=30), tick=False):
            again = {"starts": "2026-08-20T20:00", "ends": "2026-08-20T22:00"}
            assert self.move(hosting, event, **again).status_code == 302
            shown = hosting.get(event.post.get_absolute_url()).context["times"]
        assert self.days_answered() == ["07-09 20"]
        assert [(one.occurrence.starts_at.date(), one.coming_count) for one in shown] == [
            (date(2026, 8, 20), 0)
        ]

    def test_of_a_series_that_goes_on_elsewhere_leave_the_past_alone(self, hosting, member):
        event = plan(hosting, repeat="weekly", until="2026-07-23")
        for occurrence in event.occurrences.all():
            give_answer(occurrence, member, "yes")
        with time_machine.travel(datetime(2026, 7, 14, tzinfo=UTC), tick=False):
            saturdays = {"starts": "2026-07-11T20:00", "ends": "2026-07-11T22:00"}
            self.move(hosting, event, **saturdays, repeat="weekly", until="2026-07-25")
        assert self.days_answered() == ["07-09 20", "07-18 20", "07-25 20"]
        assert event.occurrences.count() == 3

    def test_to_come_have_the_places_that_the_host_says_whatever_was_taken_before(self, hosting):
        event = plan(hosting, repeat="weekly", until="2026-07-23", places="3")
        for _number in range(3):
            give_answer(time_of(event), make_member(), "yes")
        with time_machine.travel(datetime(2026, 7, 14, tzinfo=UTC), tick=False):
            fewer = {"repeat": "weekly", "until": "2026-07-23", "places": "2"}
            assert self.move(hosting, event, **fewer).status_code == 302
        assert [*event.occurrences.order_by("starts_at").values_list("places", flat=True)] == [3, 2, 2]


class TestReading:
    def test_the_last_year_that_an_event_can_be_in_is_shown(self, client, hosting):
        event = plan(
            hosting,
            starts="2999-12-31T22:00",
            ends="2999-12-31T23:30",
            zone="America/New_York",
            repeat="weekly",
            until="2999-12-31",
        )
        pages = [
            client.get(each).status_code
            for each in (event.post.get_absolute_url(), "/events/", f"/events/{event.post.slug}.ics")
        ]
        assert pages == [200, 200, 200]

    def test_20_o_clock_in_sydney_is_shown_as_noon_in_berlin_in_july_and_10_in_january(
        self, hosting, signed_in
    ):
        event = plan(hosting)
        january = plan(hosting, starts="2027-01-14T20:00", ends="2027-01-14T22:00")
        reader = signed_in(make_member(time_zone="Europe/Berlin"))
        pages = [reader.get(each.post.get_absolute_url()).context["times"][0] for each in (event, january)]
        assert [one.when for one in pages] == [
            "Thursday, 9 July 2026, noon to 2 p.m.",
            "Thursday, 14 January 2027, 10 a.m. to noon",
        ]
        assert pages[0].there == "In Sydney: Thursday, 9 July 2026, 8 p.m. to 10 p.m."

    def test_the_month_has_each_event_on_the_readers_day(self, hosting, signed_in):
        plan(hosting, starts="2026-07-10T06:00", ends="2026-07-10T07:00")  # the ninth, 22:00, in Berlin
        page = signed_in(make_member(time_zone="Europe/Berlin")).get("/events/?month=2026-07")
        days = {cell[0].day: len(cell[1]) for week in page.context["month"].weeks for cell in week if cell}
        assert {day for day, count in days.items() if count} == {9}
        assert len(days) == 31

    def test_a_month_with_more_events_than_a_page_shows_continues_on_the_next(
        self, client, hosting, monkeypatch
    ):
        plan(hosting, repeat="daily", until="2026-07-13")
        monkeypatch.setattr("events.services.calendar.MONTH_SHOWS", 2)
        page, days = client.get("/events/?month=2026-07"), []
        while page.context["month"].next:
            assertContains(page, "Next page")
            days += [one.day.day for one in page.context["shown"]]
            page = client.get(f"/events/?month=2026-07&after={page.context['month'].next}")
        assertNotContains(page, "Next page")
        days += [one.day.day for one in page.context["shown"]]
        assert days == list(range(days[0], 14))

    def test_what_is_no_month_is_the_agenda(self, client):
        months = {asked: client.get(f"/events/?month={asked}").context["month"] for asked in ("2026-13", "x", "1999-12", "2026-7", "²026-07", "")}  # fmt: skip
        assert set(months.values()) == {None}

    def test_names_are_for_members(self, client, hosting, signed_in, member):
        event = plan(hosting)
        give_answer(time_of(event), make_member("wanda", display_name="Wanda"), "yes")
        page = event.post.get_absolute_url()
        assertContains(signed_in(member).get(page), "Wanda")
        assertNotContains(client.get(page), "Wanda")
        assertContains(client.get(page), "1 person is coming")

    def test_a_visitors_kept_page_shows_the_newest_number(self, client, hosting, member):
        event = plan(hosting)
        page = event.post.get_absolute_url()
        before = client.get(page)
        give_answer(time_of(event), member, "yes")
        after = client.get(page, headers={"If-None-Match": before["ETag"]})
        assertContains(after, "1 person is coming")

    def test_many_events_cost_as_many_queries_as_one(self, client, hosting, django_assert_max_num_queries):
        for number in range(5):
            give_answer(time_of(plan(hosting, title=f"Number {number}")), make_member(), "yes")
        client.get("/events/")
        with django_assert_max_num_queries(5):
            client.get("/events/")

    def test_links_of_new_members_are_text(self, client, hosting, signed_in, member):
        text = "Read [this](https://books.example/a) and https://en.wikipedia.org/wiki/Reading"
        new = make_member("nina", known_since=None)
        pages = {}
        for who in (member, new):
            event = plan(signed_in(who), title=f"By {who}", text=text, link="https://meet.example/table")
            decide_event(event, "approved")
            pages[who] = client.get(event.post.get_absolute_url())
        rel = 'rel="nofollow ugc noopener"'
        assertContains(pages[member], f'<a href="https://books.example/a" {rel}>this</a>', html=True)
        assertContains(pages[member], '<a href="https://meet.example/table" rel="ugc nofollow noopener">')
        assertContains(pages[new], "this (books.example)")
        assertContains(pages[new], "https://meet.example/table")
        assertContains(pages[new], 'href="https://en.wikipedia.org/wiki/Reading"')
        assertNotContains(pages[new], 'href="https://books.example/a"')
        assertNotContains(pages[new], 'href="https://meet.example/table"')
        assert b"URL:https://meet.example" not in client.get(f"/events/{event.post.slug}.ics").content

    def test_whose_author_has_left_it_leads_to_no_profile(self, client, signed_in, member):
        event = plan(signed_in(member))
        decide_event(event, "approved")
        assert carry_out(request_deletion(member, "keep"))
        page = client.get(event.post.get_absolute_url())
        assertContains(page, "Former member")
        assertNotContains(page, 'href="/members/former')

    def test_to_the_api_it_is_no_post(self, client, hosting):
        assert client.get(f"/api/v1/posts/{plan(hosting).post.slug}").status_code == 404

    def test_who_is_not_in_the_directory_is_counted_but_not_named(self, client, hosting, signed_in, member):
        event = plan(hosting)
        give_answer(time_of(event), make_member("wanda", display_name="Wanda", profile_hidden=True), "yes")
        time = signed_in(member).get(event.post.get_absolute_url()).context["times"][0]
        assert (time.coming, time.coming_count) == ([], 1)

    def test_its_discussion_stays_open_whatever_is_so_for_posts(self, client, hosting, signed_in, member):
        choose_defaults(DiscussionDefaults(close_after_days=3))
        page = plan(hosting).post.get_absolute_url()
        with time_machine.travel(NOON + timedelta(days=7), tick=False):
            signed_in(member).post(
                "/posts/2026-07-09-reading-hour/comments/", {"body": "What shall I bring?"}
            )
            assertContains(client.get(page), "What shall I bring?")

    def test_its_discussion_is_a_thread_like_others(self, client, hosting, signed_in, member):
        event = plan(hosting)
        page = event.post.get_absolute_url()
        answer = signed_in(member).post(
            "/posts/2026-07-09-reading-hour/comments/", {"body": "What shall I bring?"}
        )
        comment = Comment.objects.get()
        assert answer["Location"] == f"{page}#comment-{comment.pk}"
        assertContains(client.get(page), "What shall I bring?")
        assertContains(client.get("/feed/comments/"), "What shall I bring?")
        assertContains(client.get("/search/?q=aloud"), page)
        assertNotContains(client.get("/posts/"), "Reading hour")
        assertNotContains(client.get("/feed/"), "Reading hour")
        assertRedirects(client.get("/posts/2026-07-09-reading-hour/"), page, status_code=301)

    def test_off_it_leaves_no_trace_and_on_again_it_is_back(self, client, hosting, signed_in, member):
        event = plan(hosting)
        signed_in(member).post("/posts/2026-07-09-reading-hour/comments/", {"body": "Gladly"})
        page = event.post.get_absolute_url()
        switch_on()
        codes = [
            client.get(each).status_code for each in (page, "/events/", "/posts/2026-07-09-reading-hour/")
        ]
        assert codes == [404, 404, 404]
        traces = [client.get("/feed/comments/"), client.get("/search/?q=aloud"), client.get("/")]
        assert [b"Gladly" in each.content or page.encode() in each.content for each in traces] == [False] * 3
        switch_on("events")
        assertContains(client.get(page), "Gladly")


class TestAnswers:
    def test_are_given_changed_and_taken_once(self, hosting, signed_in, member):
        event = plan(hosting)
        page, alice = event.post.get_absolute_url(), signed_in(member)
        for says in ("yes", "yes", "maybe", "no", "yes"):
            answer = alice.post(f"{page}answer/", {"occurrence": time_of(event).pk, "says": says})
            assert answer["Location"] == f"{page}#time-{time_of(event).pk}"
        assert (answers(event), time_of(event).taken) == ([("alice", "yes", False)], 1)
        assertContains(alice.get(page), 'value="yes" aria-pressed="true"')

    def test_when_all_places_are_taken_people_wait_in_order(self, hosting):
        event = plan(hosting, places="1")
        people = [make_member(name) for name in ("ada", "bea", "cleo")]
        for number, person in enumerate(people):
            with time_machine.travel(NOON + timedelta(minutes=number), tick=False):
                give_answer(time_of(event), person, "yes")
        assert answers(event) == [("ada", "yes", False), ("bea", "yes", True), ("cleo", "yes", True)]
        give_answer(time_of(event), people[0], "no")
        assert sorted(answers(event)) == [("ada", "no", False), ("bea", "yes", False), ("cleo", "yes", True)]
        assert time_of(event).taken == 1
        row = Notification.objects.get(member=people[1])
        assert (row.kind, row.reasons) == ("event_reminders", ["place"])
        assert not Notification.objects.filter(member=people[2]).exists()

    def test_more_places_let_those_in_who_wait_and_fewer_are_refused(self, hosting):
        event = plan(hosting, places="1")
        for name in ("ada", "bea", "cleo"):
            give_answer(time_of(event), make_member(name), "yes")
        page = event.post.get_absolute_url()
        hosting.post(f"{page}edit/", FILLED | {"places": "2"})
        assert [one[2] for one in answers(event)] == [False, False, True]
        answer = hosting.post(f"{page}edit/", FILLED | {"places": "1"})
        assertContains(answer, "2 people already have a place.", status_code=422)
        event.refresh_from_db()
        assert (event.places, time_of(event).places) == (2, 2)

    def test_at_a_cancelled_event_nobody_gets_a_place_until_it_is_approved_again(self, hosting):
        event = plan(hosting, places="1")
        ada, bea = make_member("ada"), make_member("bea")
        for person in (ada, bea):
            give_answer(time_of(event), person, "yes")
        decide_event(event, "cancelled", by=event.post.author)
        told = Notification.objects.order_by("member__username").values_list("member__username", "reasons")
        assert [*told] == [("ada", ["cancelled"]), ("bea", ["cancelled"])]
        withdraw(Answer.objects.get(member=ada))
        assert (answers(event), time_of(event).taken) == ([("bea", "yes", True)], 0)
        decide_event(event, "approved", by=event.post.author)
        assert (answers(event), time_of(event).taken) == ([("bea", "yes", False)], 1)
        assert Notification.objects.get(member=bea).reasons == ["place"]

    def test_are_said_to_be_reminded_of_only_if_they_are(self, hosting, signed_in, member):
        event = plan(hosting)
        answer = {"occurrence": time_of(event).pk, "says": "yes"}
        page, said = f"{event.post.get_absolute_url()}answer/", {}
        quiet = make_member("quiet")
        choose(quiet, event_reminders="off")
        late = make_member("late")
        for who, before in ((member, 48), (quiet, 48), (late, 1)):
            with time_machine.travel(time_of(event).starts_at - timedelta(hours=before), tick=False):
                shown = signed_in(who).post(page, answer, follow=True)
                said[who.username] = re.findall("You’re coming[^<]*|Saved[.]", shown.content.decode())
        assert said == {
            "alice": ["You’re coming. We’ll remind you a day before."],
            "quiet": ["Saved."],
            "late": ["Saved."],
        }

    @pytest.mark.sql
    def test_the_database_gives_no_place_twice(self, hosting):
        event = plan(hosting, places="2")
        with pytest.raises(IntegrityError), transaction.atomic():
            Occurrence.objects.filter(event=event).update(taken=3)

    def test_afterwards_it_is_said_who_meant_to_come(self, client, hosting, signed_in, member):
        event = plan(hosting, places="8")
        page = event.post.get_absolute_url()
        signed_in(member).post(f"{page}answer/", {"occurrence": time_of(event).pk, "says": "yes"})
        assertContains(client.get(page), "1 person is coming")
        with time_machine.travel(NOON + timedelta(days=30), tick=False):
            said = client.get(page)
        assertContains(said, "1 person said they’d come")
        assertNotContains(said, "is coming")
        assertNotContains(said, "places free")

    def test_afterwards_nobody_is_told_to_wait_for_a_place(self, hosting, signed_in, member):
        event = plan(hosting, places="1")
        page, answer = event.post.get_absolute_url(), {"occurrence": time_of(event).pk, "says": "yes"}
        hosting.post(f"{page}answer/", answer)
        waiting = signed_in(member)
        waiting.post(f"{page}answer/", answer)
        lists = (page, "/events/?month=2026-07")
        assertContains(waiting.get(page), "You’re on the waiting list.")
        assertContains(waiting.get(lists[1]), "On the waiting list</span>")
        with time_machine.travel(NOON + timedelta(days=30), tick=False):
            for address in lists:
                assertNotContains(waiting.get(address), "the waiting list")

    def test_the_page_that_a_visitor_keeps_is_read_again_when_the_event_is_over(self, client, hosting):
        event = plan(hosting)
        page, ends = event.post.get_absolute_url(), time_of(event).ends_at
        with time_machine.travel(ends - timedelta(minutes=5), tick=False):
            first = client.get(page)
            assertContains(first, "Sign in to say whether you’re coming")
            kept = {"If-None-Match": first["ETag"]}
            assert client.get(page, headers=kept).status_code == 304
        with time_machine.travel(ends, tick=False):
            assertNotContains(client.get(page, headers=kept), "Sign in to say whether you’re coming")

    def test_of_what_is_over_cancelled_or_only_proposed_are_refused(self, hosting, signed_in, member):
        event = plan(hosting)
        page, alice = event.post.get_absolute_url(), signed_in(member)
        form = {"occurrence": time_of(event).pk, "says": "yes"}
        with time_machine.travel(NOON + timedelta(days=30), tick=False):
            assertContains(alice.post(f"{page}answer/", form, follow=True), "no longer accepts responses")
        decide_event(event, "cancelled")
        assertContains(alice.post(f"{page}answer/", form, follow=True), "no longer accepts responses")
        assertContains(
            alice.post(f"{page}answer/", {"says": "yes"}, follow=True), "Choose one of the options."
        )
        other = plan(hosting, title="Another")
        assert alice.post(f"{other.post.get_absolute_url()}answer/", form).status_code == 404
        assert Answer.objects.count() == 0

    def test_ten_thousand_of_them_are_counted_and_reminded_and_the_page_names_a_few(
        self, client, hosting, signed_in, member, django_assert_max_num_queries
    ):
        event, many = plan(hosting), figure(40, 10_000)
        people = [User(username=f"crowd{n}", username_skeleton=f"crowd{n}", date_joined=NOON) for n in range(many)]  # fmt: skip
        people = User.objects.bulk_create(people)
        Answer.objects.bulk_create([Answer(occurrence=time_of(event), member=one, says="yes") for one in people])  # fmt: skip
        page, alice = event.post.get_absolute_url(), signed_in(member)
        alice.get(page)
        with django_assert_max_num_queries(25):
            found = alice.get(page).context["times"][0]
        assert (found.coming_count, len(found.coming), found.further) == (many, 12, many - 12)
        with time_machine.travel(time_of(event).starts_at - timedelta(hours=2), tick=False):
            remind()
        assert Notification.objects.filter(kind="event_reminders").count() == many

    def test_of_a_deleted_account_give_their_place_back(self, hosting, member):
        event = plan(hosting, places="1")
        give_answer(time_of(event), member, "yes")
        give_answer(time_of(event), make_member("bea"), "yes")
        assert carry_out(request_deletion(member, "keep"))
        assert (answers(event), time_of(event).taken) == ([("bea", "yes", False)], 1)

    def test_of_merged_accounts_count_once(self, hosting, host, member):
        event = plan(hosting, places="2")
        other = make_member("alias")
        for person in (member, other):
            give_answer(time_of(event), person, "yes")
        merge_accounts(member, other, by=host)
        assert (answers(event), time_of(event).taken) == ([("alice", "yes", False)], 1)

    def test_are_in_the_data_export(self, signed_in, member, hosting):
        plan(signed_in(member), title="Mine")
        give_answer(time_of(plan(hosting)), member, "maybe")
        rows = {part.key: [row["title"] for row in part.rows(member)] for part in PARTS}
        assert rows == {"events": ["Mine"], "event_answers": ["Reading hour"]}


class TestProposers:
    @pytest.mark.parametrize(
        ("state", "said", "subject"),
        [
            ("approved", "published the event you proposed", "The Long Table published your event: Reading hour"),
            ("declined", "declined the event you proposed", "The Long Table declined your event: Reading hour"),
        ],
    )  # fmt: skip
    def test_are_notified_of_what_a_host_decides(
        self, hosting, signed_in, member, mailoutbox, state, said, subject
    ):
        alice = signed_in(member)
        event = plan(alice)
        page = event.post.get_absolute_url()
        hosting.post(f"{page}decide/", {"do": state, "version": event.version})
        with time_machine.travel(NOON + timedelta(minutes=5), tick=False):
            assertContains(alice.get("/notifications/"), f"<b>The Long Table</b> {said}")
            work()
            row = Notification.objects.get(post=event.post)
            assertRedirects(alice.post(reverse("notifications:open", args=[row.pk])), page)
        assert [mail.subject for mail in mailoutbox if mail.to == [member.email]] == [subject]

    def test_are_notified_when_a_host_moves_cancels_or_restores_it(self, hosting, signed_in, member):
        event = plan(signed_in(member))
        later = {"starts": "2026-08-20T18:00", "ends": "2026-08-20T19:00"}
        page = event.post.get_absolute_url()
        told = []

        def note():
            rows = Notification.objects.filter(member=member)
            told.append([(row.kind, *row.reasons, row.in_inbox) for row in rows])

        def decide(state):
            event.refresh_from_db()
            hosting.post(f"{page}decide/", {"do": state, "version": event.version})
            note()

        hosting.post(f"{page}edit/", FILLED | later)
        note()
        decide("approved")
        give_answer(time_of(event), member, "yes")
        hosting.post(f"{page}edit/", FILLED)
        note()
        hosting.post(f"{page}edit/", FILLED | {"text": "Other words."})
        decide("cancelled")
        decide("approved")
        moved = ("event_proposals", "own_moved", "changed the time of the event you proposed")
        approved = ("event_proposals", "approved", "published the event you proposed")
        cancelled = ("event_proposals", "own_cancelled", "cancelled the event you proposed")
        assert told == [[moved], [approved], [moved], [cancelled], [approved]]

    def test_of_their_own_decisions_are_not(self, hosting, host):
        event = plan(hosting)
        page = event.post.get_absolute_url()
        hosting.post(f"{page}edit/", FILLED | {"starts": "2026-08-20T18:00", "ends": "2026-08-20T19:00"})
        event.refresh_from_db()
        hosting.post(f"{page}decide/", {"do": "cancelled", "version": event.version})
        assert Event.objects.get().state == "cancelled"
        assert not Notification.objects.filter(member=host).exists()

    def test_are_not_notified_while_the_part_is_off(self, hosting, signed_in, member):
        event = plan(signed_in(member))
        decide_event(event, "declined", by=None)
        switch_on()
        assertNotContains(signed_in(member).get("/notifications/"), "declined the event")


class TestApprovedAgain:
    def test_those_who_come_are_notified_and_who_waits_gets_a_place(self, hosting, signed_in):
        event = plan(hosting, places="1")
        ada, bea = make_member("ada"), make_member("bea")
        for member in (ada, bea):
            give_answer(time_of(event), member, "yes")
        decide_event(event, "cancelled")
        withdraw(Answer.objects.get(member=ada))
        assert answers(event) == [("bea", "yes", True)]
        cleo = make_member("cleo")
        Answer.objects.create(occurrence=time_of(event), member=cleo, says="maybe")
        decide_event(event, "approved")
        assert answers(event) == [("bea", "yes", False), ("cleo", "maybe", False)]
        told = Notification.objects.filter(kind="event_reminders", member__in=[bea, cleo])
        assert sorted(told.values_list("member__username", "reasons")) == [("bea", ["place"]), ("cleo", ["restored"])]  # fmt: skip
        assertContains(signed_in(cleo).get("/notifications/"), "is going ahead after all")


class TestReminders:
    def test_come_before_the_event_to_those_who_chose_weekly_emails(self, hosting, signed_in, member):
        choose(member, event_reminders="weekly")  # it was offered once
        fields = signed_in(member).get(reverse("notifications:settings")).context["form"].fields
        offered = [value for value, _label in fields["event_reminders"].choices]
        assert offered == ["at_once", "hourly", "daily", "here", "off"]
        assert fields["event_reminders"].initial == "daily"
        event = plan(hosting)
        give_answer(time_of(event), member, "yes")
        with time_machine.travel(time_of(event).starts_at - timedelta(hours=23), tick=False):
            remind()
        row = Notification.objects.get(kind="event_reminders")
        assert (row.way, row.mail_at < time_of(event).starts_at) == ("daily", True)

    def test_are_sent_once_a_day_before_to_those_who_come_or_may(self, hosting, signed_in):
        event = plan(hosting)
        for name, says in {"ada": "yes", "bea": "maybe", "cleo": "no"}.items():
            give_answer(time_of(event), make_member(name), says)
        counts = {}
        for hours in (25, 23, 1):  # before it begins
            with time_machine.travel(time_of(event).starts_at - timedelta(hours=hours), tick=False):
                counts[hours] = remind()
        assert counts == {25: 0, 23: 1, 1: 0}
        rows = Notification.objects.filter(kind="event_reminders").order_by("member__username")
        assert [(row.member.username, row.reasons) for row in rows] == [("ada", ["reminder"]), ("bea", ["reminder"])]  # fmt: skip
        with time_machine.travel(time_of(event).starts_at, tick=False):
            inbox = signed_in(User.objects.get(username="ada")).get("/notifications/")
            assertContains(inbox, "has an event that begins soon")

    def test_of_one_that_fails_are_tried_again_and_keep_no_other_waiting(self, hosting, member, monkeypatch):
        broken, whole = plan(hosting, title="Broken"), plan(hosting, title="Whole")
        for event in (broken, whole):
            give_answer(time_of(event), member, "yes")

        def tell_of_the_whole(post, *given):
            assert post.title != "Broken"
            telling.tell(post, *given)

        monkeypatch.setattr(reminders, "tell", tell_of_the_whole)
        with time_machine.travel(time_of(broken).starts_at - timedelta(hours=2), tick=False):
            with pytest.raises(AssertionError):
                remind()
            told = Notification.objects.filter(kind="event_reminders")
            assert [row.post.title for row in told] == ["Whole"]
            monkeypatch.undo()
            assert remind() == 1
            assert sorted(row.post.title for row in told.all()) == ["Broken", "Whole"]

    @pytest.mark.sql
    @pytest.mark.parametrize("becomes", ["cancelled", "moved"])
    def test_are_not_sent_of_what_is_no_longer_so_when_they_are_written(
        self, hosting, member, monkeypatch, becomes
    ):
        event = plan(hosting)
        give_answer(time_of(event), member, "yes")
        begins = time_of(event).starts_at

        def after_the_host(pk):
            """Between selecting what is due and locking it."""
            if becomes == "cancelled":
                decide_event(event, "cancelled")
            else:
                later = {"starts": "2026-08-20T20:00", "ends": "2026-08-20T22:00"}
                hosting.post(f"{event.post.get_absolute_url()}edit/", FILLED | later)
            return lock_occurrence(pk)

        monkeypatch.setattr(reminders, "lock_occurrence", after_the_host)
        with time_machine.travel(begins - timedelta(hours=2), tick=False):
            assert remind() == 0
        assert Notification.objects.get(member=member).reasons == [becomes]
        assert time_of(event).reminded_at is None

    def test_of_each_time_of_a_repeated_event(self, hosting, member):
        event = plan(hosting, repeat="weekly", until="2026-07-16")
        for occurrence in event.occurrences.all():
            give_answer(occurrence, member, "yes")
            with time_machine.travel(occurrence.starts_at - timedelta(hours=2), tick=False):
                assert remind() == 1
                assert Notification.objects.get(member=member).seen_at is None
                Notification.objects.update(seen_at=NOON)

    def test_are_not_sent_of_what_was_cancelled_or_is_switched_off(self, hosting, member):
        event = plan(hosting)
        give_answer(time_of(event), member, "yes")
        with time_machine.travel(time_of(event).starts_at - timedelta(hours=2), tick=False):
            switch_on()
            assert remind() == 0
            switch_on("events")
            decide_event(event, "cancelled")
            assert remind() == 0


class TestOtherCalendars:
    def starts(self, content: bytes) -> list[str]:
        """Parse with two independent libraries, which must agree."""
        query = recurring_ical_events.of(icalendar.Calendar.from_ical(content))
        found = sorted(
            one.start.astimezone(UTC).isoformat() for one in query.between(date(2026, 1, 1), date(2028, 1, 1))
        )
        other = IcsCalendarStream.calendar_from_ics(content.decode())
        assert [one.start_datetime.astimezone(UTC).isoformat() for one in other.timeline] == found
        return found

    def test_read_the_same_times_as_ours(self, client, hosting):
        event = plan(hosting, repeat="monthly", until="2027-01-31", skipped="2026-09-09")
        content = client.get("/events/2026-07-09-reading-hour.ics").content
        ours = [row.starts_at.isoformat() for row in event.occurrences.order_by("starts_at")]
        assert self.starts(content) == ours
        assert (len(ours), b"BEGIN:VTIMEZONE" in content, b"EXDATE;TZID=Australia/Sydney" in content) == (6, True, True)  # fmt: skip

    def test_end_where_ours_ends_whatever_the_rule_says(self, client, hosting):
        event = plan(hosting, repeat="rule", rule="FREQ=YEARLY;UNTIL=99991231T000000Z")
        content = client.get("/events/2026-07-09-reading-hour.ics").content
        ours = [row.starts_at.isoformat() for row in event.occurrences.order_by("starts_at")]
        query = recurring_ical_events.of(icalendar.Calendar.from_ical(content))
        assert [one.start.astimezone(UTC).isoformat() for one in query.after(NOON.date())] == ours
        assert len(ours) == 6

    def test_have_the_times_of_a_rule_that_is_no_longer_taken(self, client, hosting):
        event = plan(hosting, repeat="weekly", until="2026-07-23")
        Event.objects.filter(pk=event.pk).update(rule="FREQ=WEEKLY;INTERVAL=0;COUNT=3")
        ours = [row.starts_at.isoformat() for row in event.occurrences.order_by("starts_at")]
        assert self.starts(client.get("/events/2026-07-09-reading-hour.ics").content) == ours

    def test_have_what_a_member_may_see_at_a_secret_address(self, client, hosting, signed_in, member):
        plan(hosting)
        plan(signed_in(make_member()), title="Only proposed")
        other = plan(hosting, title="Not for me")
        give_answer(time_of(other), member, "no")
        secret = CalendarAddress.objects.create(member=member).secret
        response = client.get(reverse("events:calendar", args=[secret]))
        calendar = icalendar.Calendar.from_ical(response.content)
        assert [str(one["summary"]) for one in calendar.walk("VEVENT")] == ["Reading hour"]
        assert client.get("/events/calendar/forged.ics").status_code == 404

    def test_have_the_next_of_many_and_are_made_once(self, client, hosting, member, monkeypatch):
        monkeypatch.setattr("events.services.ics.MOST", 2)
        for day, title in [("09", "Third"), ("03", "First"), ("05", "Second")]:
            plan(hosting, title=title, starts=f"2026-07-{day}T20:00", ends=f"2026-07-{day}T22:00")
        address = reverse("events:calendar", args=[CalendarAddress.objects.create(member=member).secret])
        answer = client.get(address)
        calendar = icalendar.Calendar.from_ical(answer.content)
        assert [str(one["summary"]) for one in calendar.walk("VEVENT")] == ["Second", "First"]
        monkeypatch.setattr("events.views.reading.calendar_of", None)
        assert client.get(address).content == answer.content
        assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304

    def test_have_a_single_event_behind_many_times_of_others(self, client, hosting, member, monkeypatch):
        monkeypatch.setattr("events.services.ics.MOST", 2)
        plan(hosting, title="Daily", repeat="daily", until="2026-07-20")
        plan(hosting, title="Once", starts="2026-07-15T21:00", ends="2026-07-15T22:00")
        address = reverse("events:calendar", args=[CalendarAddress.objects.create(member=member).secret])
        calendar = icalendar.Calendar.from_ical(client.get(address).content)
        assert sorted(str(one["summary"]) for one in calendar.walk("VEVENT")) == ["Daily", "Once"]

    def test_are_notified_that_an_event_was_cancelled(self, client, hosting):
        event = plan(hosting)
        decide_event(event, "cancelled")
        calendar = icalendar.Calendar.from_ical(client.get("/events/2026-07-09-reading-hour.ics").content)
        assert str(calendar.walk("VEVENT")[0]["status"]) == "CANCELLED"


def test_the_sitemap_has_events_while_they_are_switched_on(client, hosting, signed_in, member):
    plan(hosting)
    plan(signed_in(member), title="Only proposed")
    ours = ["http://testserver/events/2026-07-09-reading-hour/", "http://testserver/events/"]
    found = re.findall("<loc>([^<]*/events/[^<]*)", client.get("/sitemap.xml").content.decode())
    assert sorted(found) == sorted(ours)
    switch_on()
    assertNotContains(client.get("/sitemap.xml"), "/events/")


def test_descriptions_that_were_stored_before_are_links_of_members(hosting):
    event = plan(hosting, text="[Here](https://a.example/) it is.")
    stored = Event.objects.get().post.body
    Post.objects.filter(pk=event.pk).update(body=stored.replace("nofollow ugc noopener", "noopener"))
    import_module("events.migrations.0002_links_of_members").mark_links(apps, None)
    assert (Event.objects.get().post.body, stored.count("nofollow")) == (stored, 1)


class TestReports:
    def test_a_host_writes_about_the_last_time_in_the_editor_and_the_event_shows_it(
        self, client, hosting, member, signed_in
    ):
        event = plan(hosting, repeat="weekly", until="2026-07-16")
        page = event.post.get_absolute_url()
        assertNotContains(hosting.get(page), "Write a report")
        assertRedirects(hosting.post(f"{page}report/"), page)
        with time_machine.travel(time_of(event).ends_at + timedelta(minutes=1), tick=False):
            assertContains(hosting.get(page), "Write a report")
            assertNotContains(client.get(page), "How it went")
            drafts = {hosting.post(f"{page}report/")["Location"] for _press in range(2)}
            report = Post.objects.get(reported_occurrence=time_of(event))
            assert drafts == {f"/admin/posts/post/{report.pk}/change/"}
            assert (report.title, report.published_at, page in report.body) == (
                "Reading hour, 9 Jul 2026",
                None,
                True,
            )
            assertNotContains(client.get(page), "9 Jul 2026</a>")
            report.published_at = NOON
            report.save()
            post_published.send(sender=Post, post=report)
            assertContains(
                client.get(page), f'<a href="{report.get_absolute_url()}">Reading hour, 9 Jul 2026</a>'
            )
            assert signed_in(member).post(f"{page}report/").status_code == 403

    def test_a_report_in_the_trash_is_begun_anew(self, hosting, host):
        event = plan(hosting)
        with time_machine.travel(time_of(event).ends_at + timedelta(minutes=1), tick=False):
            trash_post(begin_report(event, host), by=host)
            assert begin_report(event, host).trashed_at is None


def test_of_many_times_the_later_ones_are_on_further_pages(client, hosting, signed_in, member):
    event = plan(hosting, repeat="daily", until="2026-07-17")
    times = list(event.occurrences.order_by("starts_at"))
    page = event.post.get_absolute_url()
    first = client.get(page)
    assert [one.occurrence for one in first.context["times"]] == times[:6]
    assertContains(first, f'href="?after={times[5].pk}#times-h"')
    second = signed_in(member).get(f"{page}?after={times[5].pk}")
    assert [one.occurrence for one in second.context["times"]] == times[6:]
    assertNotContains(second, "#times-h")
    signed_in(member).post(f"{page}answer/", {"occurrence": times[8].pk, "says": "yes"})
    assert Answer.objects.get().occurrence == times[8]
    assert [client.get(f"{page}?after={odd}").status_code for odd in ("x", "9" * 30, "0", "-1")] == [200] * 4


def test_a_repeated_event_is_once_on_the_home_page(client, hosting):
    plan(hosting, repeat="daily", until="2026-07-17")
    plan(hosting, title="Supper", starts="2026-07-20T20:00", ends="2026-07-20T21:00")
    page = client.get("/").content.decode()
    assert [page.count(f">{title}</a>") for title in ("Reading hour", "Supper")] == [1, 1]


def test_a_room_is_a_place(hosting, client):
    switch_on("events", "rooms")
    room = Room.objects.create(name="The kitchen", address="https://meet.example/kitchen")
    event = plan(hosting, place="", room=str(room.pk))
    assert (event.place, event.link) == ("The kitchen", f"http://testserver/rooms/#room-{room.pk}")
    refused = hosting.post("/events/new/", FILLED | {"room": "99999"})
    assert list(refused.context["form"].errors) == ["room"]
    switch_on("events")
    assert "room" not in hosting.get("/events/new/").context["form"].fields


def test_only_hosts_cancel(hosting, signed_in, moderator):
    event = plan(hosting)
    page, form = f"{event.post.get_absolute_url()}decide/", {"do": "cancelled", "version": event.version}
    assert signed_in(moderator).post(page, form).status_code == 403
    assert signed_in(make_host("second")).post(page, form).status_code == 302
    event.refresh_from_db()
    assert event.state == "cancelled"
