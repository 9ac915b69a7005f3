"""Reading a long discussion: by keyboard past everything to the form, in forced colours, on paper."""

import pytest
from playwright.sync_api import expect

from tests.factories import make_comment, make_host, make_member, make_post

pytestmark = pytest.mark.django_db(transaction=True)

# WCAG 2.4.1: past what repeats on each page. As many Tab stops are bearable; without the links there were 187.
MOST_STOPS = 12


@pytest.fixture
def long_discussion(site):
    post = make_post(author=make_host("nora"))
    first = make_comment(post, author=make_member("bob"), status="public")
    for other in (make_member(), make_member(), make_member()):
        for _number in range(4):
            make_comment(post, author=other, status="public")
            make_comment(post, author=other, parent=first, status="public")
    return post


def stops_to(page, selector: str, by: str) -> int:
    """How often Tab is pressed until the element has the focus, when the link `by` on the way is followed."""
    for stops in range(1, 100):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return stops
        if page.evaluate("document.activeElement.textContent").strip() == by:
            page.keyboard.press("Enter")
    raise AssertionError(f"{selector} is more than a hundred Tab stops away")


@pytest.mark.parametrize("who", ["", "ada"], ids=["a visitor without scripts", "a member"])
def test_the_form_is_few_tab_stops_away(visit, long_discussion, who):
    make_member("ada")
    reader = visit(javascript=bool(who))
    if who:
        reader.sign_in(who)
    page = reader.open(long_discussion.get_absolute_url())
    assert stops_to(page, "#reply textarea", by="Skip to the comment form") <= MOST_STOPS
    expect(page.locator("#reply textarea")).to_be_in_viewport()
    reader.open(long_discussion.get_absolute_url())
    assert stops_to(page, "#talk a", by="Skip to comments") <= MOST_STOPS


def test_a_link_to_skip_is_seen_only_while_it_has_the_focus(visit, long_discussion):
    page = visit(width=320).open(long_discussion.get_absolute_url())
    links = page.locator(".skip")
    assert links.all_inner_texts() == ["Skip to content", "Skip to comments", "Skip to the comment form"]
    for link in links.all():
        page.keyboard.press("Tab")
        expect(link).to_be_focused()
        expect(link).to_be_in_viewport(ratio=1)
    expect(links.first).not_to_be_in_viewport()
