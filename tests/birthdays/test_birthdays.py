"""The birthday calendar: visibility, wishes, the URL for calendar programs, followers."""

import re
from datetime import UTC, date, datetime, timedelta
from gzip import decompress as gunzip

import icalendar
import pytest
import recurring_ical_events
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import CalendarAddress, Follow, Mute, User
from accounts.services.deletion import carry_out, request_deletion
from accounts.services.merging import merge_accounts
from birthdays.models import Birthday
from birthdays.services.calendar import month_of, today_and_week
from birthdays.services.telling import announce_birthdays
from birthdays.services.wishes import birthday_of
from comments.models import Comment
from moderation.services.members import ban
from notifications.models import Notification
from notifications.services.preferences import choose
from posts.models import Page, Post
from tests.accounts.test_profile import EDIT, typed
from tests.factories import make_member, make_moderator, put_comment, switch_on
from tests.notifications.people import work

pytestmark = [pytest.mark.sql, pytest.mark.django_db]

NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def on_the_third_of_june():
    with time_machine.travel(NOON, tick=False):
        switch_on("birthdays")
        yield


def born(day: int, month: int, name: str, seen_by: str = "all", **fields) -> User:
    return make_member(name, birthday_day=day, birthday_month=month, birthday_seen_by=seen_by, **fields)


def names(members) -> list[str]:
    return [member.username for member in members]


def test_it_shows_today_the_week_and_a_month(client):
    born(3, 6, "ada")
    born(9, 6, "bea")
    born(10, 6, "cleo")
    born(24, 12, "dora")
    page = client.get("/birthdays/")
    assert names(member for member, _now in page.context["celebrating"]) == ["ada"]
    assert [(one.day.day, names(one.members)) for one in page.context["week"]] == [(9, ["bea"])]
    assert [(one.day.day, names(one.members)) for one in page.context["month"].days] == [
        (3, ["ada"]),
        (9, ["bea"]),
        (10, ["cleo"]),
    ]
    december = client.get("/birthdays/?month=12").context["month"]
    assert [(one.day, names(one.members)) for one in december.days] == [(date(2026, 12, 24), ["dora"])]
    # A month that is over means the next year; an invalid month means the current one.
    firsts = {asked: client.get(f"/birthdays/?month={asked}").context["month"].first for asked in ("1", "13", "x", "²", "-1", "")}  # fmt: skip
    assert firsts == {"1": date(2027, 1, 1)} | dict.fromkeys(["13", "x", "²", "-1", ""], date(2026, 6, 1))


def test_the_day_is_that_of_the_readers_clock(signed_in):
    born(3, 6, "ada")
    born(4, 6, "bea")
    reader = make_member("tui", time_zone="Pacific/Auckland")
    with time_machine.travel(NOON + timedelta(hours=3), tick=False):  # 3 a.m. on the fourth in Auckland
        page = signed_in(reader).get("/birthdays/")
    assert names(member for member, _now in page.context["celebrating"]) == ["bea"]


def test_only_members_who_agreed_are_shown_to_readers_who_may_know(client, signed_in, member, moderator):
    for name, seen_by in {"ada": "all", "bea": "members", "cleo": "nobody"}.items():
        born(3, 6, name, seen_by)
    ban(born(3, 6, "spammer"), by=moderator, words="Advertising.")
    born(3, 6, "hidden", profile_hidden=True)
    Mute.objects.create(member=member, muted=born(3, 6, "loud"))

    def shown_to(reader) -> list[str]:
        return names(one for one, _now in reader.get("/birthdays/").context["celebrating"])

    everybodys = ["ada", "loud"]
    assert shown_to(client) == everybodys
    assert shown_to(signed_in(member)) == ["ada", "bea"]
    assert shown_to(signed_in(User.objects.get(username="cleo"))) == ["ada", "bea", "cleo", "loud"]


def test_who_was_born_on_29_february_celebrates_on_the_day_they_chose():
    born(29, 2, "ada")
    born(29, 2, "bea", birthday_in_march=True)
    reader = make_member()
    found = {
        day: names(today_and_week(reader, day)[0])
        for day in (
            date(2026, 2, 28),
            date(2026, 3, 1),
            date(2028, 2, 28),
            date(2028, 2, 29),
            date(2028, 3, 1),
        )
    }
    assert found == {
        date(2026, 2, 28): ["ada"],
        date(2026, 3, 1): ["bea"],
        date(2028, 2, 28): [],
        date(2028, 2, 29): ["ada", "bea"],
        date(2028, 3, 1): [],
    }


def test_a_long_month_goes_on_with_the_day_that_did_not_fit(client, monkeypatch):
    monkeypatch.setattr("birthdays.services.calendar.MAX_NAMED", 2)
    for day, name in [(3, "ada"), (9, "cleo"), (9, "bea"), (9, "dora"), (20, "emma")]:
        born(day, 7, name)

    def month_at(query: str) -> tuple[list[tuple[int, list[str]]], int | None]:
        month = client.get(f"/birthdays/?month=7{query}").context["month"]
        return [(one.day.day, names(one.members)) for one in month.days], month.next

    # On a day with more members than can be listed, the first ones.
    found = {query: month_at(query) for query in ("", "&from=9", "&from=10", "&from=x")}
    first = ([(3, ["ada"])], 9)
    assert found == {
        "": first,
        "&from=9": ([(9, ["bea", "cleo"])], 10),
        "&from=10": ([(20, ["emma"])], None),
        "&from=x": first,
    }
    assertContains(client.get("/birthdays/?month=7"), "?month=7&amp;from=9#month")
    assertContains(client.get("/birthdays/?month=7&from=21"), "No more birthdays this month.")


def test_behind_the_last_day_of_a_month_is_nothing_more(client, monkeypatch):
    monkeypatch.setattr("birthdays.services.calendar.MAX_NAMED", 2)
    for name in ("ada", "bea", "cleo"):
        born(31, 7, name)
    assert client.get("/birthdays/?month=7").context["month"].next is None


@time_machine.travel("2026-06-03 12:00:00+00:00", tick=False)
def test_a_day_with_more_birthdays_than_are_named_says_so(client, monkeypatch):
    for where in ("services.calendar", "views"):
        monkeypatch.setattr(f"birthdays.{where}.MAX_NAMED", 2)
    for name in ("ada", "bea", "cleo"):
        born(3, 6, name)
    page = client.get("/birthdays/?month=1")
    assertContains(page, "There are more than a page can show.")
    assertNotContains(page, "No birthdays in the next six days.")


def test_a_month_has_those_born_on_29_february_on_their_day(monkeypatch):
    born(29, 2, "ada")
    born(29, 2, "bea", birthday_in_march=True)
    born(28, 2, "cleo")
    born(1, 3, "dora")
    reader = make_member()
    found = {
        (year, month): [
            (one.day.day, names(one.members)) for one in month_of(reader, date(year, month, 1)).days
        ]
        for year in (2027, 2028)
        for month in (2, 3)
    }
    assert found == {
        (2027, 2): [(28, ["ada", "cleo"])],
        (2027, 3): [(1, ["bea", "dora"])],
        (2028, 2): [(28, ["cleo"]), (29, ["ada", "bea"])],
        (2028, 3): [(1, ["dora"])],
    }


def test_of_a_week_with_many_birthdays_the_nearest_are_named(monkeypatch):
    monkeypatch.setattr("birthdays.services.calendar.MAX_NAMED", 2)
    for day, name in [(4, "ada"), (5, "bea"), (3, "cleo")]:
        born(day, 6, name)
    today, week = today_and_week(make_member(), date(2026, 6, 3))
    assert (names(today), [(one.day.day, names(one.members)) for one in week]) == (["cleo"], [(4, ["ada"])])


def test_the_choice_is_made_in_the_profile(signed_in, member):
    signed_in(member).post(
        EDIT,
        typed(
            birthday_day=29,
            birthday_month=2,
            birthday_seen_by="all",
            birthday_in_march="on",
            birthday_told="on",
        ),
    )
    member.refresh_from_db()
    assert (member.birthday_in(2026), member.birthday_in(2028), member.birthday_told) == (
        date(2026, 3, 1),
        date(2028, 2, 29),
        True,
    )


def test_a_hundred_birthdays_cost_as_many_queries_as_one(django_assert_num_queries, member):
    for count in (1, 7):
        for number in range(count):
            born(3, 6, f"m{count}x{number}")
        with django_assert_num_queries(10):
            today_and_week(User.objects.get(pk=member.pk), date(2026, 6, 3))
            month_of(User.objects.get(pk=member.pk), date(2026, 6, 1))


class TestWishes:
    def test_are_one_line_and_comments_like_others(self, signed_in, member):
        ada = born(3, 6, "ada", display_name="Ada")
        answer = signed_in(member).post(
            "/birthdays/wish/", {"member": "ada", "body": "Many\nhappy  returns!"}
        )
        wish = Comment.objects.get()
        assertRedirects(answer, f"/birthdays/ada~2026/#comment-{wish.pk}", fetch_redirect_response=False)
        assert (wish.body, wish.author, wish.post.title, wish.post.author, wish.status) == (
            "Many happy returns!",
            member,
            "Ada’s birthday",
            ada,
            "public",
        )
        page = signed_in(make_member()).get("/birthdays/")
        assertContains(page, "Many happy returns!")
        assertContains(page, '<a href="/birthdays/ada~2026/">1 wish</a>', html=True)
        assert Notification.objects.get(member=ada).reasons == ["host"]
        assertContains(signed_in(ada).get("/birthdays/ada~2026/"), "Many happy returns!")
        assertContains(signed_in(member).get("/search/?q=returns"), "Ada’s birthday")

    def test_are_refused_with_a_reason_and_kept(self, client, signed_in, member):
        born(3, 6, "ada")
        born(9, 6, "bea")
        born(3, 6, "cleo", "nobody")
        writer = signed_in(member)
        for data, said in {
            ("ada", ""): "Write something first.",
            ("ada", "x" * 141): "at most 140 characters",
            ("bea", "Too early"): "It isn’t their birthday now.",
            ("cleo", "I should not know"): "It isn’t their birthday now.",
        }.items():
            answer = writer.post("/birthdays/wish/", {"member": data[0], "body": data[1]})
            assertContains(answer, said, status_code=422)
            if data[0] == "ada":
                assertContains(answer, 'aria-invalid="true"', status_code=422)
        signed_out = client.post("/birthdays/wish/", {"member": "ada", "body": "Hi"})
        assertContains(signed_out, "Hi</textarea>", status_code=403)
        assert writer.post("/birthdays/wish/", {"member": "nobody", "body": "Hi"}).status_code == 404
        assert (Comment.objects.count(), Birthday.objects.count()) == (0, 0)

    def test_of_who_may_not_write_are_refused(self, signed_in, moderator):
        born(3, 6, "ada")
        silent = make_member(silent_until=NOON + timedelta(days=2))
        answer = signed_in(silent).post("/birthdays/wish/", {"member": "ada", "body": "Hello"})
        assertContains(answer, "you can’t post until", status_code=422)

    def test_that_look_like_spam_wait_for_a_moderator(self, signed_in):
        born(3, 6, "ada")
        new = make_member(date_joined=NOON, known_since=None)
        words = "Buy cheap pills at https://pills.example now!"
        signed_in(new).post("/birthdays/wish/", {"member": "ada", "body": words})
        assert Comment.objects.get().status == "held"

    def test_are_sent_with_the_seal_of_their_form_and_the_field_for_programs(self, signed_in):
        """Like other comments: one sent at normal speed is published, one with a filled honeypot is held."""
        born(3, 6, "ada")
        newcomer = make_member(date_joined=NOON, known_since=None)
        writer, found = signed_in(newcomer), {}
        for hidden in ("", "https://lamps.example"):
            with time_machine.travel(NOON, tick=False) as clock:
                page = writer.get("/birthdays/").content.decode()
                [seal] = re.findall(r'name="seal" value="([^"]+)"', page)
                clock.shift(40)
                words = {"member": "ada", "body": f"Cheers{hidden and '!'}", "seal": seal}
                writer.post("/birthdays/wish/", words | {"place_at_table": hidden})
            wish = Comment.objects.latest("pk")
            found[hidden] = (wish.status, [one["code"] for one in wish.assessment.reasons])
        assert found[""] == ("public", [])
        assert (found["https://lamps.example"][0], "honeypot" in found["https://lamps.example"][1]) == (
            "held",
            True,
        )

    @pytest.mark.sql
    def test_make_no_page_of_what_was_hidden_while_they_were_sent(
        self, client, signed_in, member, monkeypatch
    ):
        ada = born(3, 6, "ada", "nobody")
        # As a moment before.
        monkeypatch.setattr("birthdays.services.wishes.shown_to", lambda _reader: User.objects.all())
        answer = signed_in(member).post("/birthdays/wish/", {"member": "ada", "body": "Too late"})
        assertContains(answer, "It isn’t their birthday now.", status_code=422)
        assertContains(answer, "Too late</textarea>", status_code=422)
        assert (birthday_of(ada, 2026).post.published_at, Comment.objects.count()) == (None, 0)
        assert signed_in(member).get("/birthdays/ada~2026/").status_code == 404

    def test_two_at_once_make_one_page(self):
        ada = born(3, 6, "ada")
        assert birthday_of(ada, 2026) == birthday_of(ada, 2026)
        assert (Post.objects.count(), Birthday.objects.count()) == (1, 1)

    def test_to_oneself_are_refused_with_a_message(self, client, signed_in):
        ada = born(3, 6, "ada", "nobody")
        answer = signed_in(ada).post("/birthdays/wish/", {"member": "ada", "body": "To me"})
        assertContains(answer, "You can’t send a wish to yourself.", status_code=422)
        assert (Birthday.objects.count(), Post.objects.count()) == (0, 0)

    def test_leave_the_addresses_of_the_host_alone(self, signed_in, host, member):
        """Neither a page nor a post can have the slug of a birthday."""
        _wish(born(3, 6, "summer"), member)
        typed_page = Page(title="Summer 2026", author=host)
        assert (typed_page.free_slug(), Post(title="Summer 2026").free_slug()) == (
            "summer-2026",
            "summer-2026",
        )
        with pytest.raises(ValidationError):
            Page(title="Summer", slug="summer~2026", author=host).full_clean()

    def test_are_under_the_present_name(self, client, signed_in, member):
        ada = born(3, 6, "ada", display_name="Ada")
        _wish(ada, member)
        assertContains(client.get("/birthdays/ada~2026/"), "Ada’s birthday")
        said = typed(display_name="Countess", birthday_day=3, birthday_month=6, birthday_seen_by="all")
        signed_in(ada).post(EDIT, said)
        assertContains(client.get("/birthdays/ada~2026/"), "Countess’s birthday")
        assertContains(client.get("/search/?q=countess&kind=posts"), "/birthdays/ada~2026/")
        assertNotContains(client.get("/search/?q=ada&kind=posts"), "/birthdays/ada~2026/")

    def test_to_two_accounts_that_become_one_are_on_one_page(self, client, member):
        ada, old = born(3, 6, "ada"), born(3, 6, "old-ada")
        wishes = [_wish(ada, member), _wish(old, member), _wish(old, make_member())]
        reply = put_comment(parent=wishes[1])
        birthday_of(old, 2025)
        merge_accounts(ada, old, by=ada)
        assert list(Birthday.objects.order_by("year").values_list("member", "year", "post__title")) == [
            (ada.pk, 2025, "ada’s birthday"),
            (ada.pk, 2026, "ada’s birthday"),
        ]
        assert Post.objects.count() == 2
        post = birthday_of(ada, 2026).post
        assert set(Comment.objects.filter(post=post)) == {*wishes, reply}
        assert post.comment_count == 4
        assertContains(client.get("/birthdays/ada~2026/"), 'class="comment', count=4)
        assertRedirects(client.get("/birthdays/old-ada~2026/"), "/birthdays/ada~2026/", 301)
        call_command("check_threads")

    def test_to_a_birthday_for_members_are_for_members(self, client, signed_in, member):
        born(3, 6, "ada", "members")
        signed_in(member).post("/birthdays/wish/", {"member": "ada", "body": "Cheers"})
        assert client.get("/birthdays/ada~2026/").status_code == 302
        assertNotContains(client.get("/feed/comments/"), "Cheers")


class TestARemovedBirthday:
    def test_takes_its_page_out_of_sight_and_brings_it_back(self, client, signed_in, member):
        ada = born(3, 6, "ada")
        signed_in(member).post("/birthdays/wish/", {"member": "ada", "body": "Cheers"})
        seen = []
        for choice in ("nobody", "members", "all"):
            signed_in(ada).post(EDIT, typed(birthday_day=3, birthday_month=6, birthday_seen_by=choice))
            pages = (client.get("/birthdays/ada~2026/"), signed_in(member).get("/birthdays/ada~2026/"))
            seen.append((choice, [page.status_code for page in pages]))
        assert seen == [("nobody", [404, 404]), ("members", [302, 200]), ("all", [200, 200])]

    def test_is_gone_while_the_part_is_off(self, client, signed_in, member):
        born(3, 6, "ada")
        signed_in(member).post("/birthdays/wish/", {"member": "ada", "body": "Cheers"})
        switch_on()
        assert client.get("/birthdays/ada~2026/").status_code == 404
        assert client.get("/posts/ada~2026/").status_code == 404
        assertNotContains(client.get("/feed/comments/"), "Cheers")
        assertNotContains(signed_in(member).get("/search/?q=cheers"), "ada~2026")
        assertNotContains(signed_in(member).get("/notifications/settings/"), "Birthdays of people")
        switch_on("birthdays")
        assertContains(client.get("/birthdays/ada~2026/"), "Cheers")
        assertContains(signed_in(member).get("/notifications/settings/"), "Birthdays of people I follow")

    def test_of_a_deleted_account_goes_with_its_wishes(self, member):
        ada = born(3, 6, "ada")
        wish = Comment.objects.get(pk=_wish(ada, member).pk)
        deletion = request_deletion(ada, "keep")
        assert carry_out(deletion)
        assert (Birthday.objects.exists(), Post.objects.exists()) == (False, False)
        assert not Comment.objects.filter(pk=wish.pk).exists()


def _wish(to: User, by: User) -> Comment:
    from birthdays.services.wishes import send_wish  # noqa: PLC0415 - beside its only use

    return send_wish(to, by=by, words="Cheers")


class TestFollowers:
    @pytest.mark.parametrize(
        ("told", "channel", "notified"), [(True, "here", True), (False, "here", False), (True, "off", False)]
    )
    def test_are_notified_if_both_want(self, member, told, channel, notified):
        ada = born(3, 6, "ada", birthday_told=told)
        Follow.objects.create(follower=member, followed=ada)
        choose(member, birthdays=channel)
        announce_birthdays()
        announce_birthdays()
        with time_machine.travel(NOON + timedelta(minutes=5), tick=False):
            work()
        rows = [(row.kind, row.reasons, row.in_inbox) for row in Notification.objects.filter(member=member)]
        assert rows == ([("birthdays", ["birthday"], "has a birthday today")] if notified else [])

    def test_are_notified_in_the_morning_of_whose_birthday_it_is(self):
        born(4, 6, "tui", birthday_told=True, time_zone="Pacific/Auckland")  # 12 hours ahead
        told = {}
        for hour in (11, 13, 18, 20):
            with time_machine.travel(NOON.replace(hour=hour), tick=False):
                told[hour] = announce_birthdays()
        assert told == {11: 0, 13: 0, 18: 0, 20: 1}

    def test_read_it_in_the_inbox_until_it_is_hidden(self, signed_in, member):
        ada = born(3, 6, "ada", birthday_told=True, display_name="Ada")
        Follow.objects.create(follower=member, followed=ada)
        announce_birthdays()
        with time_machine.travel(NOON + timedelta(minutes=5), tick=False):
            work()
            assertContains(signed_in(member).get("/notifications/"), "has a birthday today")
            signed_in(ada).post(EDIT, typed(birthday_day=3, birthday_month=6, birthday_seen_by="nobody"))
            assertNotContains(signed_in(member).get("/notifications/"), "has a birthday today")


class TestTheCalendarOfAProgram:
    @pytest.fixture
    def address(self, member) -> str:
        return reverse("birthdays:calendar", args=[CalendarAddress.objects.create(member=member).secret])

    def test_has_what_its_owner_may_see(self, client, address):
        born(3, 6, "ada", "members", display_name="Ada, O’Neil; and more")
        born(4, 6, "bea", "nobody")
        response = client.get(address)
        assert (response["Content-Type"], response["Cache-Control"]) == (
            "text/calendar; charset=utf-8",
            "private, no-cache",
        )
        calendar = icalendar.Calendar.from_ical(response.content)
        assert [str(event["summary"]) for event in calendar.walk("VEVENT")] == [
            "Ada, O’Neil; and more’s birthday"
        ]
        assert all(len(line) <= 75 for line in response.content.split(b"\r\n"))

    def test_asks_the_same_for_many_as_for_one_and_says_who_and_when(
        self, client, address, django_assert_num_queries
    ):
        born(3, 6, "ada")
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        for number, name in enumerate(("bea", "cleo", "dora"), start=4):
            born(number, 6, name)
        with django_assert_num_queries(len(queries)):
            answer = client.get(address)
        calendar = icalendar.Calendar.from_ical(answer.content)
        assert [
            (event["uid"].partition("@")[0], event["dtstart"].dt, event["url"], dict(event["rrule"]), event["transp"])
            for event in calendar.walk("VEVENT")
        ] == [
            (f"birthday-{one.pk}", date(2026, 6, one.birthday_day), f"http://testserver{one.get_absolute_url()}", {"FREQ": ["YEARLY"]}, "TRANSPARENT")
            for one in User.objects.filter(birthday_month=6).order_by("birthday_day")
        ]  # fmt: skip
        assert len(calendar.walk("VEVENT")) == 4

    def test_forgets_a_removed_birthday_at_the_next_fetch(self, client, signed_in, address):
        ada = born(3, 6, "ada")
        assert client.get(address).content.count(b"BEGIN:VEVENT") == 1
        signed_in(ada).post(EDIT, typed(birthday_seen_by="all"))
        assert client.get(address).content.count(b"BEGIN:VEVENT") == 0

    def test_has_the_next_ones_of_many(self, client, address, monkeypatch):
        monkeypatch.setattr("birthdays.services.calendar.MAX_IN_CALENDAR", 3)
        for day, month, name in [(2, 6, "ada"), (3, 6, "bea"), (1, 2, "cleo"), (5, 12, "dora")]:
            born(day, month, name)
        calendar = icalendar.Calendar.from_ical(client.get(address).content)
        assert [str(one["summary"])[:4] for one in calendar.walk("VEVENT")] == ["bea’", "dora", "cleo"]

    def test_is_made_once_for_all_who_see_the_same_and_sent_once_to_each(self, client, address, monkeypatch):
        born(3, 6, "ada")
        other = CalendarAddress.objects.create(member=make_member("tui")).secret
        first = client.get(address, headers={"Accept-Encoding": "gzip"})
        monkeypatch.setattr("birthdays.views.as_ics", None)
        again = client.get(reverse("birthdays:calendar", args=[other]))
        assert (first["Content-Encoding"], gunzip(first.content), again["ETag"]) == (
            "gzip",
            again.content,
            first["ETag"],
        )
        assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304

    def test_knows_what_29_february_is_in_other_years(self, client, address):
        born(29, 2, "ada")
        born(29, 2, "bea", birthday_in_march=True)
        query = recurring_ical_events.of(icalendar.Calendar.from_ical(client.get(address).content))
        days = {
            (str(event["summary"])[:3], event.start)
            for event in query.between(date(2027, 1, 1), date(2029, 1, 1))
        }
        assert days == {
            ("ada", date(2027, 2, 28)),
            ("ada", date(2028, 2, 29)),
            ("bea", date(2027, 3, 1)),
            ("bea", date(2028, 2, 29)),
        }

    def test_is_at_an_address_that_its_owner_makes_renews_and_ends(self, client, signed_in, member):
        alice, page = signed_in(member), "/birthdays/"
        assertContains(alice.get(page), "Get the address")
        alice.post("/members/me/calendars/", {"do": "make", "next": page})
        first = CalendarAddress.objects.get().secret
        assertContains(alice.get(page), f"/birthdays/{first}.ics")
        alice.post("/members/me/calendars/", {"do": "renew", "next": page})
        second = CalendarAddress.objects.get().secret
        assert [client.get(f"/birthdays/{one}.ics").status_code for one in (first, second)] == [404, 200]
        User.objects.filter(pk=member.pk).update(is_active=False)
        assert client.get(f"/birthdays/{second}.ics").status_code == 404
        User.objects.filter(pk=member.pk).update(is_active=True)
        answer = alice.post("/members/me/calendars/", {"do": "end", "next": "https://elsewhere.example/"})
        assert (answer["Location"], CalendarAddress.objects.count()) == ("/members/me/", 0)


def test_a_moderator_sees_no_more_than_a_member(signed_in):
    born(3, 6, "ada", "nobody")
    assert signed_in(make_moderator()).get("/birthdays/").context["celebrating"] == []


def test_a_birthday_of_last_week_can_no_longer_be_wished_for(signed_in, member):
    born(31, 5, "ada")
    answer = signed_in(member).post("/birthdays/wish/", {"member": "ada", "body": "Late"})
    assert answer.status_code == 422
    assert timezone.localdate() == date(2026, 6, 3)
