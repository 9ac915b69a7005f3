"""The blocks of a post by keyboard only: tab stops, keeping the focus, and moving between text and captions."""

import pytest
from playwright.sync_api import expect

from posts.models import Post
from tests.browser.editing import BOX
from tests.browser.pointer_and_keyboard import Keys
from tests.factories import make_host, make_post

pytestmark = pytest.mark.django_db(transaction=True)

PICTURE = '<figure><img src="/media/posts/{0}.jpg" alt="" width="8" height="4"></figure>'
GALLERY = '<figure class="gallery">{}</figure>'.format(
    "".join(f'<img src="/media/posts/{name}.jpg" alt="" width="8" height="4">' for name in "xyz")
)


@pytest.fixture
def nora(visit, site):
    """The host editing a post: open(body) returns her Keys, with the cursor at the start of the text."""
    host = visit()
    host.context.route("**/media/posts/**", lambda route: route.fulfill(body="", content_type="image/jpeg"))

    def start(body: str) -> Keys:
        post = make_post(author=make_host("nora"), body=body)
        host.sign_in("nora")
        keys = Keys(host.open(f"/admin/posts/post/{post.pk}/change/"))
        keys.go_to(host.page.locator(BOX))
        host.page.keyboard.press("Control+Home")
        return keys

    return start


def save(keys: Keys) -> str:
    keys.press("button", "Update")
    expect(keys.page.locator(".messagelist .success")).to_be_visible()
    return Post.objects.get().body


def test_the_panel_is_next_to_a_text_with_many_pictures(nora):
    keys = nora("<p>First.</p>" + "".join(PICTURE.format(name) for name in "abcdef") + "<p>Last.</p>")
    page = keys.page
    keys.go_to(page.get_by_role("button", name="Update"), at_most=2)
    keys.go_to(page.locator(BOX), key="Shift+Tab", at_most=2)
    page.keyboard.press("ArrowDown")
    keys.go_to(page.locator(".sheet").get_by_label("Alt text").first, at_most=8)
    keys.go_to(page.get_by_role("button", name="Update"), at_most=2)


def test_alt_texts_of_a_gallery_are_written_one_after_the_other(nora):
    keys = nora("<p>First.</p>" + GALLERY)
    page = keys.page
    page.keyboard.press("ArrowDown")
    for number, words in enumerate(("One", "Two", "Three")):
        keys.go_to(page.locator(".sheet").get_by_label("Alt text").nth(number), at_most=4)
        page.keyboard.type(words)
    cell = page.locator(".gallerygrid .cell")
    left = page.get_by_role("button", name="Move left")
    keys.go_to(left.nth(2), key="Shift+Tab", at_most=3)
    for place in (1, 0):
        page.keyboard.press("Enter")
        expect(left.nth(place)).to_be_focused()
    keys.press("button", "Remove", at_most=2)
    expect(cell).to_have_count(2)
    expect(cell.first.get_by_role("button", name="Remove")).to_be_focused()
    body = save(keys)
    assert [body.partition(f'alt="{words}"')[1] != "" for words in ("One", "Two", "Three")] == [
        True,
        True,
        False,
    ]
    assert body.index("One") < body.index("Two")


def test_a_block_is_moved_with_the_focus_on_its_button(nora):
    keys = nora("<p>First.</p><p>Second.</p>" + PICTURE.format("a"))
    page = keys.page
    page.keyboard.press("Control+End")
    page.keyboard.press("ArrowUp")
    for name, times, way in (("Move up", 2, "Tab"), ("Move down", 1, "Tab"), ("Move up", 1, "Shift+Tab")):
        button = page.get_by_role("button", name=name)
        keys.go_to(button, key=way, at_most=5)
        for _ in range(times):
            page.keyboard.press("Enter")
            expect(button).to_be_focused()
    body = save(keys)
    assert body.partition("</figure>")[2] == "<p>First.</p><p>Second.</p>"


def test_the_arrows_lead_through_captions_both_ways(nora):
    keys = nora("<p>First.</p>" + PICTURE.format("a") + GALLERY + "<p>Last.</p>")
    page = keys.page
    for key in ("ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    page.keyboard.type("Three pictures")
    for key in ("ArrowUp", "Home"):
        page.keyboard.press(key)
    page.keyboard.type("One picture")
    for key in ("ArrowUp", "End"):
        page.keyboard.press(key)
    page.keyboard.type(" Above.")
    body = save(keys)
    assert body.startswith("<p>First. Above.</p>")
    assert body.index("<figcaption>One picture</figcaption>") < body.index(
        "<figcaption>Three pictures</figcaption>"
    )
