"""Live updates: a comment appears for another member while the page is open."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from comments.models import Comment
from comments.services.writing import edit_comment, publish_comment, set_status
from notifications.models import Notification
from posts.models import Post
from tests.browser.conftest import Visitor
from tests.factories import make_comment, make_member, make_post, put_comment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def talk(host) -> Post:
    post = make_post(author=host, slug="live")
    for number in range(12):
        put_comment(
            post, author=make_member(f"m{number}"), body=f"Number {number}. " + "Words and words. " * 40
        )
    return post


@pytest.fixture
def open_talk(visit, talk) -> Callable[..., Visitor]:
    """open_talk(user, …) is visit(…) at the post, with a fake clock in the page."""

    def open_it(user: User | None = None, **window: Any) -> Visitor:
        visitor = visit(**window)
        if user is not None:
            visitor.sign_in(user.username)
        visitor.page.clock.install()
        visitor.open(talk.get_absolute_url())
        return visitor

    return open_it


def bar(page: Page):
    return page.locator(".livebar")


def let_time_pass(page: Page, seconds: int = 17) -> None:
    """Advance the page's clock, far enough for the first poll of a new page; wait for its response."""
    with page.expect_response(lambda answer: "/live/" in answer.url):
        page.clock.fast_forward(seconds * 1000)
    page.evaluate("fetch('/healthz').then((answer) => answer.text())")  # earlier requests have been handled


def place_on_screen(page: Page, comment: Comment) -> float:
    return page.evaluate("id => document.getElementById(id).getBoundingClientRect().top", comment.anchor)


@pytest.mark.journey
def test_a_reply_comes_in_place_and_nothing_else_moves(open_talk, talk):
    comments = list(talk.comments.order_by("pk"))
    reader, writer = open_talk(make_member("reader")), open_talk(make_member("writer"))

    # The reader is in the middle of the thread, with an unfinished sentence in the form below.
    page = reader.page
    page.fill("#reply textarea", "Half a sen")
    page.locator(f"#{comments[8].anchor}").scroll_into_view_if_needed()
    page.evaluate("scrollBy(0, -200)")
    page.locator("#reply textarea").evaluate("field => field.focus({ preventScroll: true })")
    page.wait_for_function("document.activeElement.matches('textarea')")

    other = writer.page
    other.goto(f"{writer.site}{talk.get_absolute_url()}?reply={comments[2].pk}#reply")
    other.fill("#reply textarea", "I saw it too.")
    other.click("#reply button.btn:not([name])")
    other.wait_for_url("**#comment-*")
    reply = Comment.objects.get(body="I saw it too.")

    let_time_pass(page)
    button = bar(page).get_by_role("button", name="1 new reply: show it")
    expect(button).to_be_visible()
    expect(page.locator(f"#{reply.anchor}")).to_have_count(0)
    before = place_on_screen(page, comments[8])
    # By coordinates: Playwright would scroll to a sticky button.
    box = button.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(bar(page)).to_contain_text("1 new reply has been added.")
    expect(
        page.locator(
            f"#{comments[2].anchor} ~ details.replies > ol > li.node > #{reply.anchor} .comment-body"
        )
    ).to_have_text("I saw it too.")

    assert abs(place_on_screen(page, comments[8]) - before) < 2
    assert page.evaluate("document.activeElement.matches('#reply textarea')")
    assert page.input_value("#reply textarea") == "Half a sen"
    assert (reader.complaints, reader.foreign) == ([], [])


def test_the_keyboard_is_led_on(open_talk, talk):
    page = open_talk().page
    first = publish_comment(post=talk, author=make_member("writer"), body="One.")
    let_time_pass(page)
    button = bar(page).get_by_role("button", name="1 new reply: show it")
    button.press("Enter")
    link = bar(page).get_by_role("link", name="Go to the first")
    expect(link).to_be_focused()
    link.press("Enter")
    expect(page.locator(f"#{first.anchor}")).to_be_in_viewport()
    expect(bar(page)).to_be_empty()


def test_the_number_grows_and_is_said_once(open_talk, talk):
    page = open_talk().page
    author = make_member("writer")
    publish_comment(post=talk, author=author, body="One.")
    let_time_pass(page)
    expect(bar(page).get_by_role("button", name="1 new reply: show it")).to_be_visible()
    assert bar(page).get_attribute("aria-live") == "polite"
    publish_comment(post=talk, author=author, body="Two.")
    let_time_pass(page)
    expect(bar(page).get_by_role("button", name="2 new replies: show them")).to_be_visible()
    assert bar(page).get_attribute("aria-live") == "off"


def test_changed_comments_are_replaced_and_folded_ones_stay_folded(open_talk, talk, host):
    changed, removed, held_in_hand, parent = talk.comments.order_by("pk")[:4]
    make_comment(talk, parent=parent, body="An old answer.")
    reader = open_talk(make_member("reader"))
    page = reader.page
    page.locator(f"#{parent.anchor} ~ details.replies > summary").click()
    page.locator(f"#{held_in_hand.anchor} .acts a").first.focus()
    edit_comment(changed, by=changed.author, body="Said better.")
    edit_comment(held_in_hand, by=held_in_hand.author, body="Said anew.")
    set_status(removed, Comment.Status.SPAM)
    reply = publish_comment(post=talk, author=make_member("writer"), body="New.", parent=parent)
    let_time_pass(page)
    bar(page).get_by_role("button", name="1 new reply: show it").click()

    expect(page.locator(f"#{changed.anchor} .comment-body")).to_have_text("Said better.")
    expect(page.locator(f"#{removed.anchor}")).to_have_count(0)
    assert page.evaluate(
        "id => document.getElementById(id).contains(document.activeElement)", held_in_hand.anchor
    )
    expect(page.locator(f"#{reply.anchor}")).to_have_count(1)
    replies = page.locator(f"#{parent.anchor} ~ details.replies")
    assert replies.get_attribute("open") is None
    expect(replies.locator("> summary")).to_contain_text("2 replies")
    assert reader.complaints == []


def test_the_first_comment_of_all_comes_too(open_talk, talk):
    Comment.objects.all().delete()
    page = open_talk().page
    comment = publish_comment(post=talk, author=make_member("writer"), body="The first.")
    let_time_pass(page)
    bar(page).get_by_role("button").click()
    expect(page.locator(f"ol.talk > li.node > #{comment.anchor}")).to_be_visible()


def test_comments_on_another_page_of_the_discussion_are_a_link(open_talk, talk):
    reader = open_talk()
    page = reader.open(f"{talk.get_absolute_url()}?page={talk.comments.order_by('-tree_id').first().tree_id}")
    comment = publish_comment(
        post=talk,
        author=make_member("writer"),
        body="Far up.",
        parent=talk.comments.order_by("tree_id").first(),
    )
    let_time_pass(page)
    bar(page).get_by_role("button").click()
    bar(page).get_by_role("link", name="Go there").click()
    expect(page.locator(f"#{comment.anchor}")).to_be_in_viewport()


def test_a_new_comment_that_was_withdrawn_says_so(open_talk, talk):
    page = open_talk().page
    comment = publish_comment(post=talk, author=make_member("writer"), body="Hasty.")
    let_time_pass(page)
    expect(bar(page).get_by_role("button")).to_be_visible()
    set_status(comment, Comment.Status.DELETED)
    bar(page).get_by_role("button").click()
    expect(bar(page)).to_have_text("The new reply has been deleted.")


def questions(page: Page) -> list[str]:
    """Return a list that collects the URLs that the page polls from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/live/" in request.url else None)
    return asked


HIDE = "hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true }); document.dispatchEvent(new Event('visibilitychange')) }"


def test_a_hidden_page_asks_nothing_and_catches_up_at_once(open_talk, talk):
    page = open_talk().page
    asked = questions(page)
    page.evaluate(HIDE, True)
    publish_comment(post=talk, author=make_member("writer"), body="While you were away.")
    page.clock.run_for(600_000)
    assert asked == []
    with page.expect_response(lambda answer: "/live/?since=" in answer.url):
        page.evaluate(HIDE, False)
    expect(bar(page).get_by_role("button", name="1 new reply: show it")).to_be_visible()


def test_a_quiet_page_asks_ever_more_seldom_and_a_lively_one_often(open_talk, talk):
    page = open_talk().page
    asked = questions(page)
    let_time_pass(page)
    for _ in range(12):
        let_time_pass(page, 140)
    assert len(asked) == 13
    page.clock.run_for(100_000)  # two minutes between two polls, plus or minus a tenth
    assert len(asked) == 13
    publish_comment(post=talk, author=make_member("writer"), body="New.")
    let_time_pass(page, 40)
    let_time_pass(page)
    assert len(asked) == 15


def test_a_site_that_is_away_is_asked_again(open_talk, talk):
    page = open_talk().page
    page.context.set_offline(True)
    with page.expect_event("requestfailed"):
        page.clock.fast_forward(17_000)
    page.context.set_offline(False)
    publish_comment(post=talk, author=make_member("writer"), body="New.")
    let_time_pass(page, 34)
    expect(bar(page).get_by_role("button", name="1 new reply: show it")).to_be_visible()


def test_a_post_that_is_gone_is_asked_for_no_more(open_talk, talk):
    page = open_talk().page
    asked = questions(page)
    Post.objects.filter(pk=talk.pk).update(published_at=None)
    let_time_pass(page)
    page.clock.run_for(600_000)
    assert len(asked) == 1


def test_the_bar_is_accessible(open_talk, talk):
    Comment.objects.all().delete()  # only the bar is checked, twice
    reader = open_talk(width=320, scheme="dark")
    publish_comment(post=talk, author=make_member("writer"), body="Look.")
    let_time_pass(reader.page)
    expect(bar(reader.page).get_by_role("button")).to_be_visible()
    assert reader.faults() == []
    bar(reader.page).get_by_role("button").click()
    expect(bar(reader.page).get_by_role("link")).to_be_visible()
    reader.page.evaluate("scrollTo(0, 0)")  # if the bar covers half of a link, that link is too small for axe
    assert reader.faults() == []


def test_without_scripts_the_page_is_whole(open_talk, talk):
    reader = open_talk(javascript=False)
    expect(bar(reader.page)).to_be_empty()
    comment = publish_comment(post=talk, author=make_member("writer"), body="New.")
    reader.page.reload()
    expect(reader.page.locator(f"#{comment.anchor}")).to_have_count(1)


@pytest.mark.journey
def test_the_bell_rings_while_the_page_is_open(open_talk, talk, member):
    mine = make_comment(talk, author=member)
    Notification.objects.all().delete()
    page = open_talk(member).page
    bell = page.locator("[data-bell]")
    expect(bell).to_have_accessible_name("Inbox")
    expect(bell.locator(".count")).to_be_hidden()
    make_comment(talk, parent=mine)
    Notification.objects.filter(member=member).update(due_at=timezone.now())
    let_time_pass(page)
    expect(bell).to_have_accessible_name("Inbox, 1 unread")
    expect(bell.locator(".count")).to_have_text("1")
    Notification.objects.update(seen_at=timezone.now())
    let_time_pass(page)
    expect(bell).to_have_accessible_name("Inbox")
    expect(bell.locator(".count")).to_be_hidden()
