"""Nothing moves while a page loads, so no one clicks the wrong thing."""

import pytest

from comments.services.images import add_picture, picture_markdown
from tests.factories import make_comment, make_host, make_member, make_picture, make_post

pytestmark = pytest.mark.django_db(transaction=True)

# Chromium's layout shift entries (https://web.dev/articles/cls), and the elements that moved. Nothing is
# rendered before the document is parsed: a busy machine would draw half a header, and then all of it.
WATCH = """
const unread = new CSSStyleSheet();
unread.replaceSync("html { visibility: hidden }");
document.adoptedStyleSheets = [...document.adoptedStyleSheets, unread];
document.addEventListener("readystatechange", () => unread.replaceSync(""), { once: true });
const note = (entries) => entries.filter((one) => !one.hadRecentInput).forEach((one) => {
  moved.push(...one.sources.map(({ node }) => node?.outerHTML?.slice(0, 80) ?? node?.data ?? "drawn by a style sheet, or gone"));
});
window.moved = [];
window.watch = new PerformanceObserver((list) => note(list.getEntries()));
watch.observe({ type: "layout-shift", buffered: true });
window.allMoved = () => { note(watch.takeRecords()); return moved; };
"""
TWO_FRAMES = "() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))"


WIDTHS = (360, 1280)


@pytest.mark.journey
def test_nothing_moves_on_a_post_with_pictures_in_its_comments(visit, site):
    host = make_host("nora")
    post = make_post(author=host)
    bob = make_member("bob")
    make_comment(post, author=bob, status="public")
    for number in range(4):
        line = picture_markdown(add_picture(make_picture(size=(1000, 600 + number)), by=bob, alt="A table"))
        comment = make_comment(post, author=bob, body=f"Look at number {number}:\n\n{line}", status="public")
        make_comment(post, author=host, parent=comment, body="I see.", status="public")
    for width in WIDTHS:
        reader = visit(width=width)
        reader.context.add_init_script(WATCH)
        page = reader.open(post.get_absolute_url())
        pictures = page.locator(".comment-body img")
        assert pictures.count() == 4
        for picture in pictures.all():
            picture.scroll_into_view_if_needed()
            picture.evaluate("async (one) => { await one.decode(); }")
        page.evaluate(TWO_FRAMES)
        assert (width, page.evaluate("allMoved()")) == (width, [])
    # Check that a page with a layout shift is detected.
    page.evaluate("scrollTo(0, 0)")
    page.evaluate(TWO_FRAMES)
    page.evaluate("document.querySelector('.posthead').style.marginTop = '50px'")
    page.evaluate(TWO_FRAMES)
    assert page.evaluate("allMoved()") != []


def test_nothing_moves_on_home_profile_search_and_sign_in(visit, site):
    host = make_host("nora")
    for number in range(3):
        make_comment(make_post(author=host, title=f"Bread {number}"), author=make_member(), status="public")
    for width in WIDTHS:
        reader = visit(width=width)
        reader.context.add_init_script(WATCH)
        for path in ("/", "/members/nora/", "/search/?q=bread", "/accounts/login/"):
            page = reader.open(path)
            page.evaluate(TWO_FRAMES)
            assert (width, path, page.evaluate("allMoved()")) == (width, path, [])
