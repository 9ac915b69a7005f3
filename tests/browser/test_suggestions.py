"""Search suggestions by keyboard and by accessible name (ARIA Authoring Practices, combobox)."""

import pytest
from playwright.sync_api import expect

from tests.factories import make_host, make_post

pytestmark = pytest.mark.django_db(transaction=True)


def test_suggestions_are_chosen_with_the_keyboard(visit):
    host = make_host("vera")
    make_post(host, title="Tea at four", slug="four")
    make_post(host, title="Tea at five", slug="five")
    visitor = visit(width=360, scheme="dark")
    page = visitor.open("/")
    page.keyboard.press("/")
    box = page.get_by_role("combobox", name="Search posts, comments and members")
    expect(box).to_be_focused()
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press_sequentially("te")
    options = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    expect(options).to_have_text(["Tea at five Post", "Tea at four Post"])
    expect(page.locator("form p[role=status]")).to_have_text("2 suggestions")
    expect(box).to_have_attribute("aria-expanded", "true")
    assert visitor.faults() == []
    box.press("ArrowDown")
    box.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", "suggestion-1")
    box.press("Escape")
    expect(options).to_have_count(0)
    expect(box).to_have_value("te")
    box.press_sequentially("a a")
    expect(options).to_have_count(2)
    box.press("ArrowUp")
    box.press("Enter")
    page.wait_for_url("**/posts/four/")
    assert visitor.complaints == []


def test_enter_searches_for_what_was_typed(visit):
    make_post(make_host("vera"), title="Tea at four")
    page = visit().open("/")
    page.keyboard.press("/")
    box = page.get_by_role("combobox", name="Search")  # in the header, once the script is loaded
    expect(box).to_be_focused()
    box.press_sequentially("tea")
    expect(page.get_by_role("option")).to_have_count(1)
    box.press("Enter")
    page.wait_for_url("**/search/?q=tea")


def test_without_scripts_the_box_is_a_plain_one(visit):
    page = visit(javascript=False).open("/search/")
    expect(page.get_by_role("searchbox")).to_be_visible()
    assert page.locator("[role=listbox]").count() == 0
