"""A host's text is not lost when the site is down, the connection drops, or two windows edit one post."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from posts.models import Autosave, Post
from tests.browser.editing import BOX, to_end
from tests.factories import make_host, make_post

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def open_window(visit) -> Callable[[User], Page]:
    """open_window(user) opens a browser in which that user is signed in. It takes the options of `visit`."""

    def open_it(user: User, **options: bool) -> Page:
        visitor = visit(**options)
        visitor.sign_in(user.username)
        return visitor.page

    return open_it


def state(page: Page):
    return page.locator(".statusline .state")


def write(page: Page, text: str) -> None:
    to_end(page)
    page.keyboard.type(text)


def test_a_site_that_is_away_loses_nothing_that_was_written(open_window, site):
    page = open_window(make_host("nora"))
    page.goto(f"{site}/admin/posts/post/add/")
    page.fill("[name=title]", "Tea")
    page.click(BOX)
    write(page, "Before. ")
    expect(state(page)).to_have_text("Saved")
    page.route("**", lambda route: route.abort("connectionrefused"))  # as with a killed server
    write(page, "While it was away. ")
    expect(state(page)).to_have_text(
        "Can’t reach the site. Your text is kept on this device and saved when the connection is back."
    )
    page.unroute("**")
    expect(state(page)).to_have_text("Saved")
    assert [row.body for row in Autosave.objects.all()] == ["<p>Before. While it was away. </p>"]
    # The browser is closed, too, and returns to its URL.
    address = page.url
    other = page.context.new_page()
    page.close()
    other.goto(address)
    expect(other.locator(BOX)).to_have_text("Before. While it was away.")
    expect(other.locator(".notice")).to_contain_text("Unsaved changes from")


def test_text_that_reached_the_device_alone_is_offered_again(open_window, site):
    nora = make_host("nora")
    post = make_post(nora, body="<p>Public.</p>")
    # Offline, the headless shell still lets through what a page sends while it closes.
    page = open_window(nora, whole=True)
    page.goto(f"{site}/admin/posts/post/{post.pk}/change/")
    page.click(BOX)
    page.context.set_offline(True)
    write(page, " And more.")
    expect(state(page)).to_contain_text("Can’t reach the site.")
    other = page.context.new_page()
    page.close()
    other.wait_for_timeout(3000)  # requests that a page sends while it closes must fail, too
    other.context.set_offline(False)
    other.goto(f"{site}/admin/posts/post/{post.pk}/change/")
    expect(other.locator(BOX)).to_have_text("Public.")
    other.get_by_role("button", name="Restore it").click()
    expect(other.locator(BOX)).to_have_text("Public. And more.")
    expect(state(other)).to_have_text("Changes saved, not published yet")
    assert Autosave.objects.get().body == "<p>Public. And more.</p>"
    assert Post.objects.get().body == "<p>Public.</p>"


def test_leaving_with_unsaved_text_asks_first_and_a_form_with_a_mistake_comes_back_with_it(open_window, site):
    page = open_window(make_host("nora"))
    page.route("**/editor/autosave/**", lambda route: route.abort())
    page.goto(f"{site}/admin/posts/post/add/")
    page.click(BOX)
    write(page, "Two paragraphs.")
    expect(state(page)).to_contain_text("Can’t reach the site.")
    asked = []

    def stay(dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.locator("#site-name a").click(no_wait_after=True)
    expect(page.locator(BOX)).to_have_text("Two paragraphs.")
    assert asked == ["beforeunload"]
    page.locator("#post_form").evaluate("form => { form.noValidate = true }")
    page.locator("[name=_save]").click()
    expect(page.locator(".errorlist")).to_have_text("This field is required.")
    expect(page.locator(BOX)).to_have_text("Two paragraphs.")
    expect(page.locator(".notice")).to_have_count(0)


def test_the_later_of_two_windows_shows_a_conflict_and_compares(open_window, site):
    nora, piet = make_host("nora", display_name="Nora"), make_host("piet", display_name="Piet")
    post = make_post(nora, body="<p>Public.</p>")
    address = f"{site}/admin/posts/post/{post.pk}/change/"
    first, second = open_window(nora), open_window(piet)
    for page in (first, second):
        page.goto(address)
        page.click(BOX)
    write(first, " Nora’s.")
    expect(state(first)).to_have_text("Changes saved, not published yet")
    write(second, " Piet’s.")
    told = second.locator(".notice[data-kind=conflict]")
    expect(told).to_contain_text("Nora changed this post in another window at")
    told.get_by_role("button", name="Compare").click()
    expect(second.locator("dialog mark")).to_have_text(["Public. Piet’s.", "Public. Nora’s."])
    second.get_by_role("button", name="Close").click()
    told.get_by_role("button", name="Keep my version").click()
    expect(state(second)).to_have_text("Changes saved, not published yet")
    assert Autosave.objects.get().body == "<p>Public. Piet’s.</p>"
    write(first, " Again.")
    first.locator(".notice[data-kind=conflict]").get_by_role("button", name="Use the other version").click()
    expect(first.locator(BOX)).to_have_text("Public. Piet’s.")
