"""The toolbar below the comment field, and Escape, which leaves a reply without losing its text."""

import pytest
from playwright.sync_api import expect

from tests.factories import make_comment, make_host, make_member, make_post

pytestmark = pytest.mark.django_db(transaction=True)

FIELD = "#reply textarea"


@pytest.fixture
def bob(visit, site):
    make_comment(
        make_post(author=make_host("nora"), slug="open"), author=make_member("dora"), status="public"
    )
    make_member("bob")
    person = visit()
    person.sign_in("bob")
    person.open("/posts/open/")
    return person


def press(page, name: str) -> None:
    page.get_by_role("toolbar").get_by_role("button", name=name).click()


@pytest.mark.journey
def test_buttons_mark_what_is_selected_and_take_it_back(bob):
    page = bob.page
    said = []
    page.fill(FIELD, "one two")
    page.evaluate("document.querySelector('#reply textarea').setSelectionRange(4, 7)")
    for name in ("Bold", "Italic", "Bold", "Italic"):
        press(page, name)
        said.append(page.input_value(FIELD))
    assert said == ["one **two**", "one ***two***", "one *two*", "one two"]
    press(page, "Link")
    page.keyboard.type("https://a.example")
    assert page.input_value(FIELD) == "one [two](https://a.example)"
    page.fill(FIELD, "one\ntwo")
    page.keyboard.press("Control+a")
    said = []
    for name in ("List", "List", "Quote"):
        press(page, name)
        said.append(page.input_value(FIELD))
    assert said == ["- one\n- two", "one\ntwo", "> one\n> two"]
    page.keyboard.press("Control+z")
    assert page.input_value(FIELD) == "one\ntwo"
    assert bob.complaints == []


def test_the_keyboard_does_the_same_and_the_buttons_are_one_stop(bob):
    page = bob.page
    page.fill(FIELD, "word")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+b")
    page.keyboard.press("Control+k")
    assert page.input_value(FIELD) == "**[word](https://)**"
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Bold")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("button", name="Picture")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Italic")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('[role=toolbar]')") is None


def test_escape_leaves_a_reply_and_keeps_what_is_written(bob):
    page = bob.page
    place = page.locator(".composing")
    reply = page.get_by_role("link", name="Reply to dora")
    for words in ("", "Half a thought"):
        reply.click()
        place.locator("textarea").fill(words)
        page.keyboard.press("Escape")
        expect(place.locator("form")).to_have_count(0)
        expect(reply).to_be_focused()
    reply.click()
    expect(place.locator("textarea")).to_have_value("Half a thought")
