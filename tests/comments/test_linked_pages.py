"""Cards in comments store the titles of linked pages, and say if a page is gone. The web is a dict here."""

from datetime import UTC, date, datetime, timedelta
from http.client import HTTPMessage
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.asserts import assertContains, assertNotContains

from comments.models import Comment, LinkedPage
from comments.services.linked_pages import ask, due_pages, fetch_linked_page, forget_pages
from comments.services.writing import delete_comment, edit_comment, set_status
from core.markup.cards import PageFacts, with_dates_formatted
from core.markup.comments import render_markdown
from core.markup.plain import for_elsewhere
from core.utils import http_client
from core.utils.http_client import FetchError, Page
from core.utils.page_head import page_metadata
from tests.factories import make_comment, make_member, make_post, put_comment

URL = "https://example.org/bread"
NOW = datetime(2026, 6, 3, 12, tzinfo=UTC)
HEAD = (
    '<title>Bread &amp; salt</title><meta property="article:published_time" content="2012-04-25T10:00:00Z">'
)


class Web:
    """The response for each URL: the text of a page, a status, or an error. Requests are recorded."""

    def __init__(self, monkeypatch) -> None:
        self.pages, self.asked = {}, []
        monkeypatch.setattr(http_client, "fetch", self.fetch)

    def fetch(self, url, rules, **_more):
        self.asked.append(url)
        found = self.pages.get(url, 404)
        if isinstance(found, FetchError):
            raise found
        headers = HTTPMessage()
        headers["Content-Type"] = "text/plain" if url.endswith(".txt") else "text/html; charset=utf-8"
        status, body = (found, "") if isinstance(found, int) else (200, found)
        return Page(url, status, headers, body.encode()[: rules.max_bytes])


@pytest.fixture(autouse=True)
def web(monkeypatch):
    cache.clear()
    return Web(monkeypatch)


@pytest.fixture
def post(host):
    return make_post(host, published_at=NOW - timedelta(days=9))


@pytest.fixture
def card(post, web):
    """A comment with a card, on an evening in June; the worker has requested the page once."""
    web.pages[URL] = HEAD
    with time_machine.travel(NOW, tick=False):
        comment = make_comment(post, make_member("ada"), status="public", body=f"Look:\n\n{URL}")
        look(comment)
    return comment


def look(_comment=None):
    for page in due_pages(10):
        fetch_linked_page(page.pk)


def after(days):
    """Run the worker some days later."""
    with time_machine.travel(NOW + timedelta(days=days), tick=False):
        look()


def shown(client, post):
    return client.get(post.get_absolute_url()).content.decode()


@pytest.mark.django_db
class TestWhatIsKept:
    def test_title_site_and_date_of_the_page_are_shown(self, card, post, client):
        page = client.get(post.get_absolute_url())
        assertContains(
            page,
            f'<a class="linkcard" href="{URL}" rel="nofollow ugc noopener"><span><b>Bread &amp; salt</b>'
            ' <span>example.org · <time datetime="2012-04-25">25 Apr 2012</time></span></span></a>',
        )

    def test_what_a_page_says_later_is_not_taken(self, card, post, client, web):
        web.pages[URL] = "<title>Cheap watches</title>"
        after(8)
        assert len([url for url in web.asked if url == URL]) == 2
        assertNotContains(client.get(post.get_absolute_url()), "Cheap watches")

    def test_a_label_of_the_author_stays(self, post, web):
        web.pages[URL] = HEAD
        with time_machine.travel(NOW, tick=False):
            comment = make_comment(post, make_member("ada"), status="public", body=f"[My bread]({URL})")
            look()
        comment.refresh_from_db()
        assert "<b>My bread</b> <span>example.org · " in comment.html
        assert "salt" not in comment.html

    def test_a_title_cannot_be_markup(self, post, web, client):
        web.pages[URL] = "<title>&lt;script&gt;alert(1)&lt;/script&gt;\n</title>"
        make_comment(post, make_member("ada"), status="public", body=URL)
        look()
        assertContains(client.get(post.get_absolute_url()), "<b>&lt;script&gt;alert(1)&lt;/script&gt;</b>")

    def test_stored_text_is_in_no_language(self, card):
        card.refresh_from_db()
        assert '<time datetime="2012-04-25">2012-04-25</time>' in card.html
        with translation.override("de"):
            assert "25. April 2012" in with_dates_formatted(card.html)


@pytest.mark.django_db
class TestGone:
    def fail(self, web, *days, with_=404):
        web.pages[URL] = with_
        for day in days:
            after(day)

    def test_it_is_said_after_four_days_with_a_copy_in_an_archive(self, card, post, client, web):
        self.fail(web, 7, 8, 9)
        assertNotContains(client.get(post.get_absolute_url()), "Unavailable")
        self.fail(web, 10)
        assertContains(
            client.get(post.get_absolute_url()),
            ' <span class="soft">Unavailable since 10 Jun 2026. Archived copy: <a'
            f' href="https://web.archive.org/web/20260603/{URL}" rel="nofollow ugc noopener">web.archive.org</a></span>',
        )

    def test_several_looks_on_one_day_are_one_failure(self, card, web):
        web.pages[URL] = 404
        for hour in range(8):
            with time_machine.travel(NOW + timedelta(days=8, hours=hour), tick=False):
                LinkedPage.objects.update(next_check_at=timezone.now())
                look()
        page = LinkedPage.objects.get()
        assert (page.failed_days, page.gone_since) == (1, None)

    def test_a_page_that_comes_back_is_there_again(self, card, post, client, web):
        self.fail(web, 7, 8, 9, 10)
        web.pages[URL] = HEAD
        after(20)
        assertNotContains(client.get(post.get_absolute_url()), "Unavailable")

    @pytest.mark.parametrize(
        "with_",
        [
            403,
            429,
            500,
            503,
            FetchError(FetchError.TOO_SLOW),
            FetchError(FetchError.NOT_REACHED),
            FetchError(FetchError.BAD_CERTIFICATE),
        ],
    )
    def test_what_says_nothing_about_the_page_changes_nothing(self, card, web, with_):
        self.fail(web, *range(7, 200, 7), with_=with_)
        page = LinkedPage.objects.get()
        assert (page.failed_days, page.gone_since, page.title) == (0, None, "Bread & salt")

    def test_it_is_asked_ever_less_often(self, card, web):
        web.asked.clear()
        for day in range(1, 100):
            after(day)
        assert web.asked.count(URL) == 3  # after one, three and seven weeks


@pytest.mark.django_db
class TestWhoIsAsked:
    def test_a_site_that_forbids_it_is_not_asked(self, post, web):
        web.pages |= {"https://example.org/robots.txt": "User-agent: *\nDisallow: /bread", URL: HEAD}
        make_comment(post, make_member("ada"), status="public", body=URL)
        look()
        assert (web.asked, LinkedPage.objects.get().title) == (["https://example.org/robots.txt"], "")

    def test_one_page_of_each_site_at_a_time(self, post):
        make_comment(
            post,
            make_member("ada"),
            status="public",
            body=f"{URL}\n\nand\n\nhttps://example.org/salt\n\nor\n\nhttps://example.com/",
        )
        assert sorted(page.url for page in due_pages(10)) == ["https://example.com/", URL]

    def test_many_pages_of_one_site_keep_no_other_site_waiting(self):
        yesterday, now = timezone.now() - timedelta(days=1), timezone.now()
        urls = [f"https://{who}example.org/{number}" for number in range(60) for who in ("", "a@")]
        LinkedPage.objects.bulk_create(
            [LinkedPage(url=url, next_check_at=yesterday) for url in urls]
            + [LinkedPage(url="https://example.com/", next_check_at=now)]
        )
        assert [urlsplit(page.url).hostname for page in due_pages(10)] == ["example.org", "example.com"]

    def test_nobody_asks_for_members_who_are_new_or_for_comments_that_are_held_or_gone(self, post, web):
        make_comment(post, make_member("newcomer", known_since=None), status="public", body=URL)
        look()
        put_comment(post, make_member("eve"), body="https://example.org/held", status="held")
        assert (web.asked, LinkedPage.objects.count()) == ([], 1)

    def test_a_page_that_no_comment_leads_to_any_more_is_forgotten(self, card, web):
        with time_machine.travel(NOW + timedelta(days=1), tick=False):
            delete_comment(card, by=card.author)
        assert forget_pages() > 0
        assert LinkedPage.objects.count() == 0

    def test_a_page_with_comments_is_kept(self, card):
        assert (forget_pages(), LinkedPage.objects.count()) == (0, 1)

    def test_an_edit_brings_and_takes_cards(self, card, web):
        web.pages["https://example.com/"] = "<title>Salt</title>"
        with time_machine.travel(NOW + timedelta(days=1), tick=False):
            edit_comment(card, by=card.author, body="https://example.com/")
            card.refresh_from_db()
            set_status(card, Comment.Status.PUBLIC)
            look()
        after(30)
        card.refresh_from_db()
        assert ("<b>Salt</b>" in card.html, [page.url for page in LinkedPage.objects.all()]) == (
            True,
            ["https://example.com/"],
        )

    def test_videos_and_links_in_sentences_are_not_asked(self, post):
        make_comment(
            post,
            make_member("ada"),
            status="public",
            body=f"https://youtu.be/dQw4w9WgXcQ\n\nSee {URL} for more.",
        )
        assert LinkedPage.objects.count() == 0

    def test_the_host_can_switch_it_off(self, post, settings):
        settings.LINKED_PAGES = False
        make_comment(post, make_member("ada"), status="public", body=URL)
        assert LinkedPage.objects.count() == 0

    def test_switched_off_later_no_page_that_is_known_is_asked(self, card, web, settings):
        settings.LINKED_PAGES = False
        web.asked.clear()
        after(30)
        fetch_linked_page(LinkedPage.objects.get().pk)  # was queued already
        assert web.asked == []

    def test_pages_of_imported_comments_are_asked_when_the_host_says_so(self, post, capsys):
        put_comment(post, make_member("ada"), body=URL)
        put_comment(post, make_member("bob"), body="Bread.")
        call_command("note_cards")
        call_command("note_cards")
        assert ("Comments with cards: 1." in capsys.readouterr().out, LinkedPage.objects.count()) == (True, 1)

    def test_a_comment_without_a_card_costs_nothing(self, post, django_assert_num_queries):
        comment = put_comment(post, make_member("ada"), body="Bread.")
        with django_assert_num_queries(0):
            comment.set_body(f"Bread, and {URL} in a sentence.")


@pytest.mark.parametrize(
    "robots", ["User-agent: *\nDisallow: //[x", "User-agent: *\nDisallow: /a\nCrawl-delay: ²"]
)
def test_rules_for_robots_that_cannot_be_read_are_no_reason_to_fail(web, robots):
    web.pages |= {"https://example.org/robots.txt": robots, URL: HEAD}
    assert ask(URL, http_client.public_web()).is_there is None
    assert web.asked == ["https://example.org/robots.txt"]


def test_a_title_does_not_turn_the_host_beside_it(web):
    web.pages |= {"https://example.org/robots.txt": "", URL: "<title>Bread\u202e &#x2066;and salt</title>"}
    assert ask(URL, http_client.public_web()).title == "Bread and salt"


@pytest.mark.parametrize(
    ("charset", "body", "title"),
    [
        ("undefined", b"<title>Bread</title>", "Bread"),
        ("idna", b"<title>Bread</title>", "Bread"),
        ("utf-7", b"<title>Bread +2AA-</title>", "Bread ?"),
        ("utf-8", b"<title>Bread\0</title>", "Bread\N{REPLACEMENT CHARACTER}"),
        ("latin-1", b"<title>Caf\xe9</title>", "Café"),
    ],
)
def test_whatever_encoding_a_page_names_its_title_can_be_stored(charset, body, title):
    headers = HTTPMessage()
    headers["Content-Type"] = f"text/html; charset={charset}"
    assert page_metadata(Page(URL, 200, headers, body))["title"] == title


def test_an_address_with_http_is_asked_over_https_and_not_called_gone_for_having_none(web):
    rules = http_client.public_web()
    web.pages["https://old.example/"] = FetchError(FetchError.NO_ANSWER)
    assert ask("http://old.example/", rules).is_there is None
    assert ask("https://old.example/", rules).is_there is False
    web.pages["https://old.example/"] = 410
    assert ask("http://old.example/", rules).is_there is False
    web.pages["https://old.example/robots.txt"] = FetchError(FetchError.NO_HOST)
    cache.clear()
    assert ask("https://old.example/", rules).is_there is False


@given(
    title=st.text(max_size=60),
    day=st.none() | st.dates(date(1990, 1, 1)),
    gone=st.none() | st.dates(date(2000, 1, 1)),
)
def test_whatever_a_page_is_called_its_card_is_one_link_and_perhaps_a_copy(title, day, gone):
    facts = PageFacts(title, day, date(2012, 4, 25), gone)
    html = with_dates_formatted(render_markdown(URL, find_pages=lambda urls: dict.fromkeys(urls, facts)).html)
    assert html.count("<a ") == 1 + (gone is not None)
    assert html.count("<") == html.count(">")


def test_feeds_emails_and_the_api_say_that_a_page_is_gone():
    facts = PageFacts("Bread & salt", date(2012, 4, 25), date(2012, 5, 1), date(2026, 5, 4))
    said = for_elsewhere(render_markdown(URL, find_pages=lambda urls: dict.fromkeys(urls, facts)).html)
    assert "Bread &amp; salt" in said
    assert "Unavailable since 4 May 2026. Archived copy: <a " in said
    assert "data-gone" not in said
