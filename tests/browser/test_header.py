"""The header in a small window: the site's name beside the icons, and the navigation in one row below it."""

import pytest
from playwright.sync_api import expect

from tests.factories import make_host, make_moderator, switch_on
from tests.moderation.helpers import make_held

pytestmark = pytest.mark.django_db(transaction=True)

# The vertical centres of these elements, from top to bottom, each row once.
ROWS = """() => {
  const middle = (one) => { const box = one.getBoundingClientRect(); return Math.round(box.top + box.height / 2); };
  const rows = (selector) => new Set([...document.querySelectorAll(selector)].map(middle)).size;
  return {name_and_icons: rows(".top .brand, .me > *"), navigation: rows(".navlist > li"),
    height: document.querySelector(".top").offsetHeight <= 112};
}"""
TWO = {"name_and_icons": 1, "navigation": 1, "height": True}


@pytest.fixture
def carol(visit, site):
    """A moderator, who has the longest navigation, in a community with many parts."""
    switch_on("birthdays", "events", "rooms", "board")
    make_host("nora")
    make_moderator("carol")
    make_held()
    carol = visit(width=360)
    carol.sign_in("carol")
    return carol


@pytest.mark.journey
def test_it_takes_two_rows(carol):
    page = carol.open("/")
    found = {}
    for width in (320, 360, 600):
        page.set_viewport_size({"width": width, "height": 700})
        found[width] = page.evaluate(ROWS)
    assert found == {320: TWO, 360: TWO, 600: TWO}


def test_its_navigation_scrolls_by_itself_and_shows_where_one_is(carol):
    page = carol.open("/moderation/")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.locator(".navlist [aria-current]")).to_be_in_viewport(ratio=0.9)
    assert page.evaluate("scrollY") == 0
    page.locator(".navlist a").first.focus()
    expect(page.locator(".navlist a").first).to_be_in_viewport(ratio=0.9)
    assert carol.faults() == []
    page = carol.open("/members/")
    assert page.locator(".navlist").evaluate("list => list.scrollLeft") == 0
    expect(page.locator("#waits")).to_be_in_viewport(ratio=1)


def test_the_menu_of_the_parts_is_not_cut_off(carol):
    page = carol.open("/")
    page.locator(".navlist summary").click()
    last = page.locator(".navlist .menu a").last
    expect(last).to_be_in_viewport(ratio=1)
    last.click()
    page.wait_for_url(lambda url: url.rstrip("/") != carol.site)
