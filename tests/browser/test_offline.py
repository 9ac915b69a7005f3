"""Reading and writing offline: recent pages, the fallback page, and unsent comments that are offered again."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from comments.models import Comment, Thanks
from comments.services.writing import delete_comment
from tests.browser.editing import picture_file
from tests.factories import make_comment, make_host, make_member, make_post

pytestmark = pytest.mark.django_db(transaction=True)

AWAY = "You’re offline"
PAUSE = "await new Promise((resolve) => setTimeout(resolve, 50));"
# Playwright's wait_for_function evaluates strings in the page, which our content security policy forbids.
CONTROLLED = f"async () => {{ while (!navigator.serviceWorker.controller) {{ {PAUSE} }} }}"
KEPT = f"""async (wanted) => {{
  const find = async () => {{
    const name = (await caches.keys()).find((one) => one.startsWith("pages-"));
    const keys = name ? await (await caches.open(name)).keys() : [];
    return keys.map(({{url}}) => new URL(url).pathname).filter((path) => path !== "/owner");
  }};
  let found = await find();
  for (let tries = 0; tries < 200 && found.join() !== wanted.join(); tries += 1) {{ {PAUSE} found = await find(); }}
  return found;
}}"""

ROOM_BELOW_THE_NOTE = """() => {
  const note = document.querySelector("[data-offline-note]");
  return note.nextElementSibling.getBoundingClientRect().top - note.getBoundingClientRect().bottom;
}"""


@pytest.fixture
def tea():
    return make_post(make_host("vera"), slug="tea", title="Tea at four", body="<p>Cups and saucers.</p>")


def ready(visitor, path: str) -> Page:
    """Open the page, and wait until the service worker controls it."""
    page = visitor.open(path)
    page.evaluate(CONTROLLED)
    return page


def kept(page: Page, *paths: str) -> None:
    """Wait until exactly these posts are cached."""
    assert page.evaluate(KEPT, [*paths]) == [*paths]


@pytest.mark.journey
def test_posts_read_last_open_without_a_line_and_other_pages_say_so(visit, tea):
    visitor = visit(offline=True, width=360)
    page = ready(visitor, "/")
    visitor.open("/posts/tea/")
    kept(page, "/posts/tea/")
    visitor.context.set_offline(True)
    visitor.open("/posts/tea/")
    expect(page.locator("h1")).to_have_text("Tea at four")
    expect(page.locator("[data-offline-note]")).to_contain_text("You’re offline.")
    assert page.evaluate(ROOM_BELOW_THE_NOTE) >= 8
    visitor.open("/members/")
    expect(page.locator("h1")).to_have_text("You’re offline")
    expect(page.locator("[data-saved] a")).to_have_text("Tea at four")
    assert visitor.faults() == []
    page.click("[data-saved] a")
    expect(page.locator("article.post")).to_contain_text("Cups and saucers.")
    visitor.context.set_offline(False)


def test_with_a_line_a_page_is_never_an_old_one(visit, tea):
    visitor = visit(offline=True)
    page = ready(visitor, "/")
    visitor.open("/posts/tea/")
    kept(page, "/posts/tea/")
    make_comment(tea, make_member("dora"), body="A new cup.")
    visitor.open("/posts/tea/")
    expect(page.locator(".comment-body")).to_have_text("A new cup.")


def test_what_a_member_read_goes_when_they_sign_out(visit, tea):
    make_member("bob")
    bob = visit(offline=True)
    bob.sign_in("bob")
    page = ready(bob, "/")
    bob.open("/posts/tea/")
    kept(page, "/posts/tea/")
    bob.open("/accounts/logout/")
    page.click("main form[data-sign-out] button")
    page.wait_for_url(lambda url: "/logout/" not in url)
    kept(page)
    bob.context.set_offline(True)
    bob.open("/posts/tea/")
    expect(page.locator("h1")).to_have_text("You’re offline")
    bob.context.set_offline(False)


def test_a_session_that_ended_elsewhere_takes_its_pages_along(visit, tea):
    make_member("bob")
    bob = visit(offline=True)
    bob.sign_in("bob")
    page = ready(bob, "/")
    bob.open("/posts/tea/")
    kept(page, "/posts/tea/")
    bob.context.clear_cookies()
    bob.open("/members/")
    kept(page)


def test_an_unsent_comment_is_offered_again_and_the_line_is_asked_anew(visit, tea, tmp_path):
    make_member("bob")
    cup = make_comment(tea, make_member("dora"), body="A new cup.")
    bob = visit(offline=True)
    bob.sign_in("bob")
    ready(bob, "/")
    page = bob.open("/posts/tea/")
    form = page.locator("form.comment-form").first
    bob.context.set_offline(True)
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(urlsplit(request.url).path))
    form.locator("textarea").press_sequentially("@do", delay=1)
    form.locator("[data-pictures]").set_input_files(picture_file(tmp_path, "cup.jpg", (40, 40)))
    expect(form.locator("[data-picture-state]")).to_contain_text("cup.jpg: ")
    away = page.locator("[data-away-note]")
    expect(form.locator("[data-away-note]")).to_have_text(AWAY)
    page.get_by_role("link", name="Reply to dora").click()
    expect(page.locator(".composing").first).to_have_text(AWAY)
    page.locator("[name=thanks]").first.click()
    expect(away).to_have_text(AWAY)
    assert (failed, bob.complaints) == ([], [])
    form.locator("textarea").fill("One lump, please.")
    form.locator("button.btn:not([name])").last.click()
    note = page.locator("[data-not-sent]")
    expect(note).to_contain_text("Not sent: you seem to be offline.")
    with page.expect_request(lambda request: "/told/" in request.url):
        bob.context.set_offline(False)
    expect(note).to_contain_text("You’re back online")
    expect(away).to_have_count(0)
    assert Comment.objects.get() == cup  # nothing is sent automatically
    bob.open("/members/")
    offer = page.locator("[data-unsent-note] a")
    expect(offer).to_have_text("Tea at four")
    offer.click()
    page.locator("[data-take]").click()
    form = page.locator("form.comment-form").first
    expect(form.locator("textarea")).to_have_value("One lump, please.")
    form.locator("button.btn:not([name])").last.click()
    expect(page.locator(".comment-body")).to_have_text(["A new cup.", "One lump, please."])
    bob.open("/members/")
    expect(page.locator("[data-unsent-note]")).to_have_count(0)


def test_a_request_that_fails_says_why_where_its_response_would_be(visit, tea):
    bob, dora = make_member("bob"), make_member("dora")
    first, second = (make_comment(tea, dora, body=body) for body in ("A new cup.", "A saucer, too."))
    reader = visit()
    reader.sign_in("bob")
    page = reader.open("/posts/tea/")
    delete_comment(second, by=dora)
    note = page.locator("[data-away-note]")
    page.locator(f"#thanks-{second.pk}").click()
    expect(note).to_have_text("This page doesn’t exist, or you don’t have access to it.")
    page.route("**/thanks/", lambda route: route.abort())
    thanks = page.locator(f"#thanks-{first.pk}")
    thanks.click()
    expect(note).to_have_text("Can’t reach the site right now. Try again.")
    page.unroute("**/thanks/")
    thanks.click()
    expect(thanks).to_have_attribute("aria-pressed", "true")
    expect(note).to_have_count(0)
    assert Thanks.objects.get().member == bob


def test_an_unsent_comment_is_not_shown_to_the_next_member_on_the_device(visit, tea):
    dora = make_member("dora")
    visitor = visit(offline=True)
    visitor.sign_in("dora")
    page = visitor.open("/members/")
    for writer, title in ((dora.pk, "Her own"), (dora.pk + 1, "Somebody else’s"), ("", "Signed out")):
        draft = {"place": f"/posts/{title}/comments/#", "failed": title, "words": "x", "at": 0}
        page.evaluate(
            "([name, draft]) => localStorage.setItem(name, JSON.stringify(draft))",
            [f"draft:{writer}:{title}", draft],
        )
    visitor.open("/members/")
    titles = page.locator("[data-unsent-note] a")
    expect(titles).to_have_count(2)
    assert sorted(titles.all_text_contents()) == ["Her own", "Signed out"]
