"""The main pages meet those requirements of Lighthouse that can be checked without a browser."""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.utils import timezone

from birthdays.services.wishes import birthday_of
from comments.services.images import add_picture, picture_markdown
from core.services.site_settings import save_settings
from events.services.planning import propose_event
from tests.events.plans import a_plan
from tests.factories import make_comment, make_host, make_member, make_picture, make_post, switch_on
from tests.memorials.people import a_memorial

pytestmark = pytest.mark.django_db


class Page(HTMLParser):
    """The elements of a page: (tag, attributes)."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        return [
            attrs
            for name, attrs in self.found
            if name == tag and all(attrs.get(key) == value for key, value in wanted.items())
        ]

    @property
    def ids(self) -> set[str]:
        return {attrs["id"] for _tag, attrs in self.found if "id" in attrs}


def request_pages(client: Client) -> dict[str, Page]:
    host = make_host("nora", tagline="Bakes on Sundays.")
    post = make_post(
        host, title="Bread", slug="bread", summary="Flour and water.", cover=make_picture(size=(1200, 600))
    )
    bob = make_member("bob", avatar=make_picture(), known_since=timezone.now())
    for number in range(6):
        line = picture_markdown(add_picture(make_picture(size=(900, 600 + number)), by=bob, alt="A loaf"))
        make_comment(post, author=bob, body=f"Number {number}\n\n{line}", status="public")
    make_post(host, title="Soup", cover=make_picture(size=(1200, 600)))
    paths = (
        "/",
        "/posts/",
        "/posts/bread/",
        "/members/bob/",
        "/members/",
        "/search/",
        "/search/?q=bread",
        "/accounts/login/",
    )
    return {path: Page(client.get(path).content.decode()) for path in paths}


@pytest.fixture(scope="module")
def known_pages() -> dict[str, Page]:
    return {}


@pytest.fixture
def pages(known_pages, client) -> dict[str, Page]:
    """The pages as visitors get them, requested by the first test and only read by all."""
    if not known_pages:
        known_pages.update(request_pages(client))
    return known_pages


def test_every_picture_has_its_size_and_an_alt_text(pages):
    for path, page in pages.items():
        bare = [one for one in page.all("img") if not {"width", "height", "alt"} <= one.keys()]
        assert (path, bare) == (path, [])


def test_pictures_below_the_first_screen_are_lazy_and_the_cover_is_not(pages):
    post = pages["/posts/bread/"]
    assert [one["loading"] for one in post.all("img", **{"class": "cover"})] == ["eager"]
    in_comments = [one for one in post.all("img") if one["alt"] == "A loaf"]
    assert [one.get("loading") for one in in_comments] == ["lazy"] * 6


def test_each_page_says_what_it_is(pages):
    titles = {path: len(page.all("title")) for path, page in pages.items()}
    assert set(titles.values()) == {1}
    for path, page in pages.items():
        assert (path, page.all("html")[0]["lang"]) == (path, "en-gb")
        viewport = page.all("meta", name="viewport")[0]["content"]
        assert not re.search("user-scalable|maximum-scale", viewport)


def test_what_is_found_by_search_engines_has_a_description_and_one_address(pages):
    found = {path: page for path, page in pages.items() if path != "/search/?q=bread"}
    assert {
        path: [one["href"] for one in page.all("link", rel="canonical")] for path, page in found.items()
    } == {path: [f"http://testserver{path}"] for path in found}
    lengths = {
        path: [len(one["content"]) for one in page.all("meta", name="description")]
        for path, page in found.items()
    }
    assert {path: each for path, each in lengths.items() if len(each) != 1 or not 0 < each[0] <= 320} == {}
    assert [path for path, page in found.items() if page.all("meta", name="robots")] == []


def test_nothing_comes_from_elsewhere_and_scripts_do_not_hold_up_the_page(pages):
    for path, page in pages.items():
        loaded = [one["src"] for one in [*page.all("script"), *page.all("img")] if "src" in one]
        loaded += [one["href"] for one in page.all("link", rel="stylesheet")]
        assert (path, [address for address in loaded if not address.startswith("/")]) == (path, [])
        head = page.found[: [name for name, _attrs in page.found].index("body")]
        scripts = [attrs for name, attrs in head if name == "script" and "src" in attrs]
        waited_for = [one for one in scripts if "defer" not in one and one.get("type") != "module"]
        assert (path, waited_for) == (path, [])


def test_each_page_with_a_discussion_has_links_that_skip_to_it_and_to_its_form(client):
    """WCAG 2.4.1. They are the first links of the page, and lead to elements that exist."""
    host = make_host("nora")
    switch_on("birthdays", "board", "events", "memorials")
    save_settings({"embed_origins": "https://blog.example"}, by=None)
    post, memorial = make_post(host), a_memorial()
    event = propose_event(a_plan(), by=host).post
    born = make_member("wanda", birthday_day=3, birthday_month=6, birthday_seen_by="all")
    links = {
        post.get_absolute_url(): ["#main", "#talk", "#reply"],
        event.get_absolute_url(): ["#main", "#talk", "#reply"],
        f"/birthdays/{birthday_of(born, 2026).post.slug}/": ["#main", "#talk", "#reply"],
        "/board/~cards/": ["#main", "#talk", "#reply"],
        memorial.post.get_absolute_url(): ["#main", "#talk", "#reply"],
        f"/embed/{post.slug}/": ["#write"],
    }
    found = {path: Page(client.get(path).content.decode()) for path in links}
    assert {
        path: [one["href"] for one in page.all("a")[: len(links[path])]] for path, page in found.items()
    } == links
    for path, page in found.items():
        assert (path, {one.removeprefix("#") for one in links[path]} - page.ids) == (path, set())
