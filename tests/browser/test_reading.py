"""Reading a long discussion: skipping to the form by keyboard, forced colours, print; and a post by email."""

import pytest
from playwright.sync_api import expect

from comments.models import Bookmark
from notifications.email.posts import build_post_mail, preview_foot
from notifications.models import Mailing
from tests.browser.test_long_words import TOO_WIDE, WORD
from tests.factories import make_host, make_member, make_picture, make_post, put_comment

pytestmark = pytest.mark.django_db(transaction=True)

# WCAG 2.4.1: skip repeated blocks. The most Tab stops that we accept; without the links there were 187.
MAX_STOPS = 12


@pytest.fixture
def long_discussion(site):
    post = make_post(author=make_host("nora"))
    first = put_comment(post, author=make_member("bob"), status="public")
    for other in (make_member(), make_member(), make_member()):
        for _number in range(4):
            put_comment(post, author=other, status="public")
            put_comment(post, author=other, parent=first, status="public")
    return post


def stops_to(page, selector: str, by: str) -> int:
    """Return how often Tab is pressed until the element has the focus, if the link `by` is followed."""
    for stops in range(1, 100):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return stops
        if page.evaluate("document.activeElement.textContent").strip() == by:
            page.keyboard.press("Enter")
    raise AssertionError(f"{selector} is more than a hundred Tab stops away")


@pytest.mark.journey
@pytest.mark.parametrize("who", ["", "ada"], ids=["a visitor without scripts", "a member"])
def test_the_form_is_few_tab_stops_away(visit, long_discussion, who):
    make_member("ada")
    reader = visit(javascript=bool(who))
    if who:
        reader.sign_in(who)
    page = reader.open(long_discussion.get_absolute_url())
    assert stops_to(page, "#reply textarea", by="Skip to the comment form") <= MAX_STOPS
    expect(page.locator("#reply textarea")).to_be_in_viewport()
    reader.open(long_discussion.get_absolute_url())
    assert stops_to(page, "#talk a", by="Skip to comments") <= MAX_STOPS


def test_a_link_to_skip_is_seen_only_while_it_has_the_focus(visit, long_discussion):
    page = visit(width=320).open(long_discussion.get_absolute_url())
    links = page.locator(".skip")
    assert links.all_inner_texts() == ["Skip to content", "Skip to comments", "Skip to the comment form"]
    for link in links.all():
        page.keyboard.press("Tab")
        expect(link).to_be_focused()
        expect(link).to_be_in_viewport(ratio=1)
    expect(links.first).not_to_be_in_viewport()


@pytest.mark.journey
def test_more_opens_below_the_comment_and_keeps_a_bookmark(visit, long_discussion):
    make_member("ada")
    ada = visit()
    ada.sign_in("ada")
    ada.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = ada.open(long_discussion.get_absolute_url())
    first = page.locator(".node").first
    first.locator(".acts").first.get_by_role("link", name="More").click()
    more = first.locator(".composing").first
    expect(more.get_by_role("heading", name="Comment by bob")).to_be_focused()
    more.get_by_role("button", name="Copy link").click()
    expect(more.get_by_role("button", name="Copied")).to_be_visible()
    address = page.evaluate("navigator.clipboard.readText()")
    assert address == more.get_by_label("Link to this comment").input_value()
    more.get_by_role("button", name="Bookmark").click()
    expect(more.get_by_role("button", name="Bookmark")).to_have_attribute("aria-pressed", "true")
    assert ada.faults() == []
    more.get_by_role("link", name="Close").click()
    expect(more).to_be_empty()
    assert Bookmark.objects.get().comment_id == int(address.rstrip("/").rpartition("/")[2])


def test_the_map_is_beside_the_discussion_if_there_is_room(visit, long_discussion):
    page = visit().open(long_discussion.get_absolute_url())
    beside, talk = page.locator(".map"), page.locator("ol.talk")
    expect(beside.locator("li").first).to_be_visible()
    for width, is_beside in ((1280, True), (1024, True), (1000, False), (320, False)):
        page.set_viewport_size({"width": width, "height": 900})
        left, right = beside.bounding_box()["x"], talk.bounding_box()["x"] + talk.bounding_box()["width"]
        assert (left >= right) == is_beside, width
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    expect(beside.locator("li").first).to_be_hidden()
    page.emulate_media(reduced_motion="reduce")
    beside.locator("summary").click()
    entry = beside.locator("li a").nth(3)
    entry.click()
    expect(page.locator(entry.get_attribute("href"))).to_be_in_viewport()


def test_one_goes_on_reading_where_one_stopped(visit, long_discussion):
    page = visit().open(long_discussion.get_absolute_url())
    back = page.get_by_role("link", name="Where you left off")
    expect(back).to_be_hidden()
    page.emulate_media(reduced_motion="reduce")
    tenth = page.locator(".comment").nth(9)
    tenth.evaluate("one => one.scrollIntoView({ block: 'end' })")
    page.goto("about:blank")
    page.goto(f"{visit().site}{long_discussion.get_absolute_url()}")
    back.click()
    page.wait_for_url("**#comment-*")
    expect(page.locator(".comment:target")).to_be_in_viewport()


def test_a_post_by_email_is_not_wider_than_a_small_telephone(visit, site):
    """Tables in emails are as wide as the pictures in them, unless their layout is fixed."""
    cover = make_picture(size=(1200, 600))
    post = make_post(make_host("nora"), title=WORD, body=f"<p>{WORD * 4}</p>", cover=cover)
    mail = build_post_mail("ada@example.org", post, Mailing.Content.WHOLE, preview_foot())
    page = visit(width=320).page
    page.set_content(mail.alternatives[0][0])
    assert page.locator("img").bounding_box()["width"] <= 320
    assert page.evaluate(TOO_WIDE) == ""
