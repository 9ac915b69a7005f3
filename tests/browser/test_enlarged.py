"""Pages at 400 % in a window of 1280 by 1024, which leaves 320 by 256 pixels; and with reduced motion."""

import pytest

from tests.factories import make_comment, make_host, make_member, make_post

pytestmark = pytest.mark.django_db(transaction=True)

# Whether any of it is visible: checks which element is topmost at five points.
IS_SEEN = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect();
  const places = [[0.5, 0.5], [0.1, 0.1], [0.9, 0.1], [0.1, 0.9], [0.9, 0.9]];
  const seen = places.some(([x, y]) => {
    const top = document.elementFromPoint(box.left + x * box.width, box.top + y * box.height);
    return top && (one.contains(top) || top.contains(one) && top !== document.body && top !== document.documentElement);
  });
  return seen ? "" : one.outerHTML.slice(0, 120);
}"""
STUCK = """() => [...document.body.querySelectorAll("*")].filter((one) =>
  ["fixed", "sticky"].includes(getComputedStyle(one).position) && one.checkVisibility())
  .reduce((sum, one) => sum + one.getBoundingClientRect().height, 0) / innerHeight"""
MOVING = """() => [...document.querySelectorAll("*")].filter((one) => {
  const style = getComputedStyle(one);
  return style.scrollBehavior === "smooth" || style.animationName !== "none" || parseFloat(style.transitionDuration) > 0;
}).map((one) => one.outerHTML.slice(0, 80))"""


@pytest.fixture
def page(visit, site):
    post = make_post(author=make_host("nora"))
    make_comment(post, parent=make_comment(post))
    make_member("ada")
    ada = visit(width=320)
    ada.sign_in("ada")
    ada.page.set_viewport_size({"width": 320, "height": 256})
    ada.page.emulate_media(reduced_motion="reduce")
    return ada.open(post.get_absolute_url())


def test_nothing_hides_what_has_the_focus_and_nothing_moves(page):
    assert page.evaluate(MOVING) == []
    page.locator("#follow button").last.click()
    page.wait_for_url("**#follow")
    page.locator(".messages [role=status]").wait_for()
    # The message remains visible, and leaves half of the window to the page.
    assert page.evaluate(STUCK) < 0.5
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    page.locator(".skip").first.focus()
    hidden = []
    for _stop in range(45):
        page.keyboard.press("Tab")
        hidden += filter(None, [page.evaluate(IS_SEEN)])
    assert hidden == []
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_motion_is_there_for_those_who_did_not_turn_it_off(page):
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(MOVING) != []
