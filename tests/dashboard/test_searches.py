"""Visitors' searches are counted anonymously; rare ones are omitted."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from core.services.site_settings import save_settings
from dashboard.models import DayReader, PageDay, SearchDay
from dashboard.services import views
from dashboard.services.searches import forget_rare_searches, tidy, top_searches
from tests.dashboard.test_figures import FIREFOX, nothing_noted  # noqa: F401 - runs around each test
from tests.factories import make_member, make_post

pytestmark = pytest.mark.django_db

PAGE = "/admin/figures/?period=week"


def search(client, words: str, times: int = 1, address: str = "192.0.2.7", **more: str) -> None:
    for _ in range(times):
        client.get("/search/", {"q": words, **more}, headers={"User-Agent": FIREFOX}, REMOTE_ADDR=address)


def counted() -> dict[str, tuple[int, int, int]]:
    views.flush()  # the tests run tasks at once
    rows = SearchDay.objects.order_by("words")
    return {row.words: (row.times, row.readers, row.fruitless) for row in rows if row.words}


def test_searches_are_counted_by_words_with_those_that_found_nothing(client):
    make_post(title="Sourdough")
    search(client, "Sourdough")
    search(client, "  sourdough ", times=2)
    search(client, "sourdough", address="192.0.2.8")
    search(client, "marmalade")
    assert counted() == {"sourdough": (4, 2, 0), "marmalade": (1, 1, 1)}
    search(client, "marmalade")
    assert counted()["marmalade"] == (2, 1, 2)
    assert SearchDay.objects.get(words="").times == 6
    assert not PageDay.objects.exists()


def test_filters_and_further_pages_of_a_search_are_no_searches(client):
    search(client, "bread", kind="posts")
    search(client, "bread", sort="newest")
    search(client, "")
    assert counted() == {}


def test_hosts_bots_and_sites_that_count_nothing_are_left_out(client, host, signed_in):
    search(signed_in(host), "bread")
    client.get("/search/?q=bread", headers={"User-Agent": "curl/8.5"})
    save_settings({"counts_views": False}, by=None)
    search(client, "bread")
    assert counted() == {}


@pytest.mark.parametrize("secret", ["ann@example.org", "0171 2345 6789", "4111111111111111"])
def test_what_may_be_a_secret_is_counted_but_not_stored(secret, client):
    search(client, secret)
    assert (counted(), SearchDay.objects.get().times) == ({}, 1)


def test_search_terms_are_normalised_and_shortened():
    assert (tidy(" The  BREAD of 2024 "), len(tidy("x" * 300))) == ("the bread of 2024", 60)


@pytest.mark.parametrize("secret", ["dora.wren@example.org", "+49 151 5550 1234"])
def test_what_may_be_a_secret_is_not_counted_cut_off_either(secret):
    words = "x" * 50
    assert [tidy(secret), tidy(f"{words} {secret}")] == ["", ""]


def test_the_hashes_of_two_searches_of_one_browser_have_nothing_in_common(client):
    search(client, "bread")
    search(client, "butter")
    client.get("/", headers={"User-Agent": FIREFOX}, REMOTE_ADDR="192.0.2.7")
    views.flush()
    assert DayReader.objects.values("reader").distinct().count() == 3


class TestFigures:
    @pytest.fixture
    def searches(self):
        today = timezone.localdate()
        for words, times, readers, fruitless in [("", 20, 0, 4), ("=bread", 9, 3, 2), ("rare", 8, 2, 0)]:
            SearchDay.objects.create(
                day=today, words=words, times=times, readers=readers, fruitless=fruitless
            )

    def test_show_what_several_readers_searched_for(self, searches, host, signed_in):
        page = signed_in(host).get(PAGE)
        assertContains(page, '<a href="/search/?q=%3Dbread">=bread</a>', html=True)
        assertContains(page, "9 (2 without a result)")
        assertNotContains(page, "rare</a>")
        assertContains(page, "<span>Searches</span> <b>20</b>")

    def test_are_files_too(self, searches, host, signed_in):
        browser = signed_in(host)
        by_day = browser.get(f"{PAGE}&format=csv").content.decode().splitlines()
        assert by_day[0].split(",")[-1] == "searches"
        assert by_day[-1].split(",")[-1] == "20"
        answer = browser.get(f"{PAGE}&format=searches")
        assert answer.content.decode() == "words,times,without_result\r\n'=bread,9,2\r\n"
        assert "searches-" in answer["Content-Disposition"]

    def test_are_for_hosts_alone(self, searches, signed_in):
        editor = make_member(is_staff=False)
        assert signed_in(editor).get(f"{PAGE}&format=searches").status_code in {302, 403}

    def test_leave_out_what_one_reader_may_have_searched_for_on_many_days(self):
        """Whether three days had three readers is unknown, so one day must have had them."""
        today = timezone.localdate()
        week = today - timedelta(days=6)
        for days in range(3):
            day = today - timedelta(days=days)
            SearchDay.objects.create(day=day, words="bread", times=2, readers=1)
        assert top_searches(week) == []
        SearchDay.objects.filter(day=today).update(readers=3)
        assert top_searches(week) == [{"words": "bread", "total": 6, "without_result": 0}]


def test_ever_new_search_terms_fill_no_table(client, monkeypatch):
    monkeypatch.setattr("dashboard.services.searches.MAX_PER_DAY", 2)
    for words in ("bread", "butter", "jam", "bread", "jam"):
        search(client, words)
    assert counted() == {"bread": (2, 1, 2), "butter": (1, 1, 1)}
    search(client, "butter")
    search(client, "honey")
    assert counted() == {"bread": (2, 1, 2), "butter": (2, 1, 2)}
    assert SearchDay.objects.get(words="").times == 7
    assert DayReader.objects.count() == 2


def test_what_stays_rare_is_forgotten_after_two_months():
    old = timezone.localdate() - timedelta(days=61)
    for day, words, readers in [
        (old, "rare", 2),
        (old, "often", 3),
        (old, "", 0),
        (timezone.localdate(), "fresh", 1),
    ]:
        SearchDay.objects.create(day=day, words=words, times=9, readers=readers)
    assert forget_rare_searches() == 1
    assert {row.words for row in SearchDay.objects.all()} == {"often", "", "fresh"}
