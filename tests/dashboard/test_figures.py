"""Readers are counted without cookies or stored IP addresses, without bots and hosts, at almost no cost."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django.asserts import assertContains, assertNotContains

from comments.models import Comment
from core.services.site_settings import save_settings
from dashboard.middleware import CountViewsMiddleware
from dashboard.models import DayReader, DaySalt, PageDay, ReferrerDay, SearchDay
from dashboard.services import searches, views
from dashboard.services.figures import PERIODS, figures, read_figures
from dashboard.services.week import WIDTH, counted_by_day, this_week
from tests.factories import put_comment

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15"


@pytest.fixture(autouse=True)
def nothing_noted():
    views._noted.clear()
    yield
    views._noted.clear()


def read(client, post, browser=FIREFOX, address="192.0.2.7", **headers):
    return client.get(
        post.get_absolute_url(), headers={"User-Agent": browser, **headers}, REMOTE_ADDR=address
    )


def counted(page: int = 0) -> tuple[int, int]:
    views.flush()  # the tests run tasks at once
    row = PageDay.objects.filter(page=page).first()
    return (row.views, row.readers) if row else (0, 0)


def test_views_are_counted_and_readers_once_a_day(client, post):
    for browser, address in [
        (FIREFOX, "192.0.2.7"),
        (FIREFOX, "192.0.2.7"),
        (SAFARI, "192.0.2.7"),
        (FIREFOX, "192.0.2.8"),
    ]:
        read(client, post, browser, address)
    client.get("/", headers={"User-Agent": FIREFOX}, REMOTE_ADDR="192.0.2.7")
    assert (counted(post.pk), counted()) == ((4, 3), (5, 3))
    read(client, post)
    assert counted(post.pk) == (5, 3)


@pytest.mark.parametrize(
    "browser", ["", "Googlebot/2.1", "curl/8.5", "Mozilla/5.0 (compatible; bingbot/2.0)", "Feedly/1.0"]
)
def test_programs_are_not_readers(client, post, browser):
    read(client, post, browser)
    assert counted() == (0, 0)


def test_hosts_prefetches_and_pages_that_are_not_there_do_not_count(client, post, host, signed_in):
    read(signed_in(host), post)
    read(client, post, **{"Sec-Purpose": "prefetch"})
    client.get("/posts/no-such-post/", headers={"User-Agent": FIREFOX})
    client.head(post.get_absolute_url(), headers={"User-Agent": FIREFOX})
    assert counted() == (0, 0)


def test_members_count_as_readers(post, member, signed_in):
    read(signed_in(member), post)
    assert counted() == (1, 1)


def test_a_host_can_switch_it_off(client, post, host):
    save_settings({"counts_views": False}, by=host)
    read(client, post)
    assert counted() == (0, 0)


def test_no_address_and_no_browser_is_stored_and_no_cookie_is_set(client, post):
    response = read(client, post)
    views.flush()
    stored = str(list(DayReader.objects.values()))
    assert "192.0.2.7" not in stored
    assert "Firefox" not in stored
    assert {name for name in response.cookies if "csrf" not in name} == set()


def test_tomorrow_nobody_can_be_recognised(client, post):
    read(client, post)
    views.flush()
    before = set(DayReader.objects.values_list("reader", flat=True))
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        read(client, post)
        views.flush()
        assert before.isdisjoint(
            DayReader.objects.filter(day=timezone.localdate()).values_list("reader", flat=True)
        )
        assert views.forget_readers() == 2  # of the post, and of the whole site
        assert list(DaySalt.objects.values_list("day", flat=True)) == [timezone.localdate()]
    assert PageDay.objects.filter(page=0).count() == 2


def test_of_where_readers_came_from_the_host_name_stays(client, post):
    for referrer in (
        "https://www.search.example/?q=secret",
        "http://testserver/",
        "nonsense",
        "https://[broken",
    ):
        read(client, post, Referer=referrer)
    views.flush()
    assert list(ReferrerDay.objects.values_list("host", "views")) == [("search.example", 1)]


def test_the_page_shows_them_by_period_and_as_csv(client, post, member, host, signed_in):
    read(client, post, Referer="https://friend.example/")
    views.flush()
    comment = put_comment(post, author=member)
    put_comment(parent=comment, author=host)
    browser = signed_in(host)
    for period in ("week", "month", "year", "century"):
        page = browser.get(f"/admin/figures/?period={period}")
        assertContains(page, "friend.example")
        assertContains(page, post.title)
        assertContains(page, "1 of 1 comments got a reply, 1 from a host.")
    lines = browser.get("/admin/figures/?period=week&format=csv").content.decode().splitlines()
    assert (lines[0], len(lines)) == ("day,readers,views,comments,members,subscribers,searches", 8)
    assert lines[-1].startswith(f"{timezone.localdate()},1,1,2,")


@pytest.mark.parametrize("period", PERIODS)
def test_every_bar_of_every_period_is_wide_enough_to_be_seen(period, post, member):
    put_comment(post, author=member, body="Today")
    for series in figures(period).series:
        edges = [edge for bar in series.bars for edge in (bar.x, bar.x + bar.width)]
        assert edges == sorted(edges)
        assert min(bar.width for bar in series.bars) >= 0.2
        assert (edges[0] > 0, edges[-1] < WIDTH) == (True, True)


def test_large_numbers_have_separators_and_the_menu_says_where_the_page_is(post, host, signed_in):
    PageDay.objects.create(page=0, day=timezone.localdate(), views=12345, readers=6789)
    PageDay.objects.create(page=post.pk, day=timezone.localdate(), views=1234, readers=1200)
    page = signed_in(host).get("/admin/figures/?period=year")
    assertContains(page, "<b>12,345</b>")
    assertContains(page, "<b>6,789</b>")
    assertContains(page, "1,234 views, 1,200 readers")
    assertNotContains(page, 'width="-')
    assertContains(page, '<a href="/admin/">Dashboard</a> &rsaquo; Figures')
    assertContains(page, '<a href="/admin/" class="on">')


def test_only_hosts_see_the_figures(client, member, moderator, signed_in):
    for reader in (client, signed_in(member), signed_in(moderator)):
        assert "/login/" in reader.get("/admin/figures/")["Location"]


def test_the_first_answer_is_measured_from_the_comment_to_its_first_reply(post, member, host):
    comment = put_comment(post, author=member, created_at=timezone.now() - timedelta(hours=5))
    put_comment(parent=comment, author=host, created_at=timezone.now() - timedelta(hours=2))
    put_comment(parent=comment, author=host)
    assert round(figures("week").median_wait.total_seconds() / 3600) == 3


def test_counting_a_view_asks_the_database_nothing(post):
    request = RequestFactory().get(
        post.get_absolute_url(), headers={"User-Agent": FIREFOX, "Referer": "https://a.example/"}
    )
    request.resolver_match = type(
        "Match", (), {"view_name": "posts:post-detail", "kwargs": {"slug": post.slug}}
    )()
    response = HttpResponse()
    middleware = CountViewsMiddleware(lambda _request: response)
    with CaptureQueriesContext(connection) as queries:
        for _ in range(500):
            middleware(request)
    assert (len(queries), len(views._noted)) == (0, 500)


def test_answers_to_guests_count_and_those_to_oneself_do_not(post, member, host):
    asked = put_comment(post, author=member, created_at=timezone.now() - timedelta(hours=4))
    put_comment(parent=asked, author=member)
    Comment.objects.filter(pk=put_comment(post, author=member).pk).update(author=None, guest_name="Debbie")
    guest = Comment.objects.get(guest_name="Debbie")
    put_comment(parent=guest, author=host)
    assert figures("week").answered == {"all": 3, "answered": 1, "by_host": 1}
    assert this_week().answered == 1


@pytest.mark.sql
def test_guests_without_an_address_are_as_many_people_as_there_are_names(post, member):
    put_comment(post, author=member)
    for name, email in [
        ("Ada", ""),
        ("Ben", ""),
        ("Ben", ""),
        ("Cy", "cy@example.org"),
        ("C.", "cy@example.org"),
    ]:
        guest = put_comment(post)
        Comment.objects.filter(pk=guest.pk).update(author=None, guest_name=name, guest_email=email)
    assert (this_week().people, figures("week").people) == (4, 4)


@pytest.mark.sql
def test_views_that_are_counted_when_the_day_is_over_take_no_reader_away_and_recognise_nobody():
    """As after two days without a worker: the readers' hashes have been deleted by then."""
    today = timezone.localdate().isoformat()
    views.count_batch([[today, "", f"reader {number}", "", 1] for number in range(5)])
    searches.count_batch([[today, "bread", "reader 1", True, 1]])
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        views.forget_readers()
        for _batch in range(2):
            views.count_batch([[today, "", "reader 1", "", 1]])
            searches.count_batch([[today, "bread", "reader 1", True, 1]])
        assert [(row.views, row.readers) for row in PageDay.objects.all()] == [(7, 5)]
        found = SearchDay.objects.get(words="bread")
        assert (found.times, found.readers, DayReader.objects.count()) == (3, 1, 0)


@pytest.mark.sql
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "Pacific/Auckland", "America/New_York"])
def test_days_are_those_of_the_sites_clocks(zone, post, member):
    at = datetime(2026, 6, 10, 18, 20, tzinfo=UTC)
    for hours in range(30):
        put_comment(post, author=member, body=f"{hours}", created_at=at + timedelta(hours=hours))
    with timezone.override(zone):
        expected = Counter(timezone.localdate(at + timedelta(hours=hours)) for hours in range(30))
        assert counted_by_day(Comment.objects.order_by(), "created_at") == expected


class TestWhatIsShown:
    def test_without_anything_to_count_the_page_says_what_to_do(self, host, signed_in):
        page = signed_in(host).get("/admin/figures/")
        assertContains(page, "Nothing to count yet")
        assertContains(page, '<a class="btn" href="/admin/posts/post/add/">New post</a>', html=True)
        assertNotContains(page, '<svg class="plot"')
        put_comment()
        assertNotContains(signed_in(host).get("/admin/figures/"), "Nothing to count yet")

    def test_without_counted_readers_the_page_says_so(self, host, signed_in):
        said = "Readers, views and searches aren’t counted."
        assertNotContains(signed_in(host).get("/admin/figures/"), said)
        save_settings({"counts_views": False}, by=host)
        assertContains(signed_in(host).get("/admin/figures/"), said)

    def test_of_a_large_site_the_worker_reads_once_an_hour_what_takes_long(
        self, host, signed_in, monkeypatch
    ):
        monkeypatch.setattr("dashboard.services.kept.READ_AT_ONCE", 2)
        put_comment()
        assert read_figures() == 0
        put_comment()
        put_comment()
        assert read_figures() == len(PERIODS)
        put_comment()
        browser = signed_in(host)
        page = browser.get("/admin/figures/?period=year")
        assertContains(page, "<span>Comments</span> <b>3</b>")
        assertContains(page, "Everything except readers, views and searches was counted at")
        read_figures()
        assertContains(browser.get("/admin/figures/?period=year"), "<span>Comments</span> <b>4</b>")

    def test_on_the_first_page_the_week_of_a_large_site_is_what_the_worker_counted(
        self, host, signed_in, monkeypatch
    ):
        monkeypatch.setattr("dashboard.services.kept.READ_AT_ONCE", 2)
        put_comment()
        put_comment()
        browser, said = signed_in(host), "Comments and members were counted at"
        assertNotContains(browser.get("/admin/"), said)
        put_comment()
        read_figures()
        put_comment()
        page = browser.get("/admin/")
        assertContains(page, "<span>Comments</span> <b>3</b>")
        assertContains(page, said)
        read_figures()
        assertContains(browser.get("/admin/"), "<span>Comments</span> <b>4</b>")

    def test_before_the_worker_has_counted_a_large_site_the_pages_say_so_and_ask_it(
        self, host, signed_in, monkeypatch, settings
    ):
        monkeypatch.setattr("dashboard.services.kept.READ_AT_ONCE", 2)
        settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}
        for _number in range(3):
            put_comment()
        browser = signed_in(host)
        week, year = browser.get("/admin/"), browser.get("/admin/figures/?period=year")
        assertContains(week, "Comments and members are being counted.")
        assertNotContains(week, "New members")
        assertContains(year, "Everything except readers, views and searches is being counted.")
        assertNotContains(year, "<span>Comments</span> <b>")
        (asked,) = DBTaskResult.objects.filter(task_path="dashboard.tasks.count_figures")
        asked.task.func()
        assertContains(browser.get("/admin/"), "<span>Comments</span> <b>3</b>")
        page = browser.get("/admin/figures/?period=year")
        assertContains(page, "<span>Comments</span> <b>3</b>")
        assertNotContains(page, "being counted")

    def test_the_file_of_figures_waits_for_what_has_not_been_counted(
        self, host, signed_in, monkeypatch, settings
    ):
        monkeypatch.setattr("dashboard.services.kept.READ_AT_ONCE", 2)
        settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}
        for _number in range(3):
            put_comment()
        lines = signed_in(host).get("/admin/figures/?period=week&format=csv").content.decode().splitlines()
        assert lines[0] == "day,readers,views,comments,members,subscribers,searches"
        assert lines[-1].split(",")[3] == "3"

    def test_views_by_post_and_day_are_a_file(self, post, client, host, signed_in):
        read(client, post)
        counted()
        today = timezone.localdate()
        answer = signed_in(host).get("/admin/figures/?format=posts")
        lines = answer.content.decode().splitlines()
        assert lines == ["post,day,views,readers", f"{post.slug},{today},1,1"]

    def test_hosts_read_on_the_page_of_a_post_how_often_it_was_viewed(
        self, post, client, member, host, signed_in
    ):
        page = post.get_absolute_url()
        assertNotContains(signed_in(host).get(page), "Viewed")
        for address in ("192.0.2.7", "192.0.2.8"):
            read(client, post, address=address)
        counted()
        assertContains(signed_in(host).get(page), "Viewed 2 times")
        for reader in (client, signed_in(member)):
            assertNotContains(reader.get(page), "Viewed")
