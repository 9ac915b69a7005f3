"""The publishing panel in a browser: by keyboard only, the focal point, without scripts, no axe violations."""

import pytest
from playwright.sync_api import expect

from core.markup.plain import excerpt
from posts.models import Post, Tag
from tests.browser.editing import faults
from tests.factories import make_host, make_picture, make_post

pytestmark = pytest.mark.django_db(transaction=True)

ADD = "/admin/posts/post/add/"


@pytest.fixture
def host(visit, site):
    make_host("nora")

    def sign_in(**kind):
        visitor = visit(**kind)
        visitor.sign_in("nora")
        return visitor

    return sign_in


# A text whose headings, items and cells end without punctuation.
BODY = (
    "<h2>Boats</h2><p>Three, and:</p><ul><li>one<ul><li>more</li></ul></li><li>two!</li></ul><p>The end.</p>"
)
TYPE_BODY = """(html) => {
  const body = document.getElementById("id_body");
  body.value = html;
  body.dispatchEvent(new Event("input", {bubbles: true}));
}"""


def typed(page, selector: str, text: str) -> None:
    """Type into a focused field; wait until the page has processed it."""
    page.focus(selector)
    page.keyboard.type(text)
    expect(page.locator(selector)).to_have_value(text)


def test_a_keyboard_is_enough_for_all_of_the_panel(host):
    for name in ("ferries", "ferns", "tea"):
        Tag.objects.create(name=name, slug=name)
    nora = host()
    page = nora.open(ADD)
    expect(page.locator(".chips")).to_be_attached()  # the panel's script has run
    typed(page, "#id_title", "What the ferry leaves out")
    page.evaluate(TYPE_BODY, BODY)
    expect(page.locator("[data-preview=description]").last).to_have_text(excerpt(BODY))
    typed(page, "#id_summary", "A boat that isn’t on any list.")
    expect(page.locator("[data-preview=title]").first).to_have_text("What the ferry leaves out")
    expect(page.locator("[data-preview=description]").last).to_have_text("A boat that isn’t on any list.")
    page.locator(".seo summary").press("Enter")
    typed(page, "#id_meta_title", "The boat on no list")
    expect(page.locator("[data-preview=title]").last).to_have_text("The boat on no list")

    page.focus("#tag-input")
    page.keyboard.type("fer")
    tags = page.get_by_role("listbox", name="Tags").get_by_role("option")
    expect(tags).to_contain_text(["ferns", "ferries", "Create “fer”"])
    page.keyboard.press("ArrowDown")
    expect(tags.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.locator(".chips li")).to_have_count(1)
    page.keyboard.type("harbours,")
    expect(page.locator(".chips li")).to_have_count(2)
    page.get_by_role("button", name="Remove the tag harbours").press("Enter")
    expect(page.locator(".chips li")).to_have_count(1)

    expect(page.locator("[name=_publish]")).to_have_value("Publish now")
    expect(page.locator("#id_zone")).to_be_hidden()
    page.locator("[name=when][value=at]").press("Space")
    typed(page, "#id_published_at_0", "2099-07-01")
    typed(page, "#id_published_at_1", "07:30")
    expect(page.locator("[name=_publish]")).to_have_value("Schedule for 2099-07-01 07:30")
    page.locator("[name=_publish]").press("Enter")
    expect(page.locator(".messagelist")).to_contain_text("Scheduled for")
    post = Post.objects.get()
    assert ([tag.name for tag in post.tags.all()], post.is_scheduled, post.meta_title) == (
        ["ferries"],
        True,
        "The boat on no list",
    )

    page.locator("[name=when][value=now]").press("Space")
    expect(page.locator("[name=_publish]")).to_have_value("Publish now")
    page.locator("[name=_publish]").press("Enter")
    page.get_by_role("link", name="It’s live: see it.").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("What the ferry leaves out")
    page.get_by_role("link", name="Edit post").press("Enter")
    expect(page.locator("#id_title")).to_have_value("What the ferry leaves out")
    assert (nora.complaints, nora.foreign) == ([], [])


def test_pages_of_the_panel_have_no_faults(host):
    post = make_post(published_at=None, body="<p>One two three.</p>")
    nora = host(width=360, scheme="dark")
    page = nora.open(f"/admin/posts/post/{post.pk}/change/")
    expect(page.locator(".chips")).to_be_attached()
    page.fill("#id_summary", "Another summary.")
    page.locator("[name=_save]").click()
    expect(page.locator(".messagelist")).to_have_text("Draft saved.")
    found = {}
    for address in ("change/", "history/", "history/?view=side", "preview-links/", "delete/"):
        nora.open(f"/admin/posts/post/{post.pk}/{address}")
        found[address] = faults(nora)
    page.get_by_role("button", name="Move to the trash").click()
    expect(page.locator(".messagelist")).to_contain_text("is in the trash.")
    nora.open(f"/admin/posts/post/{post.pk}/change/")
    found["in the trash"] = faults(nora)
    page.get_by_role("button", name="Restore").click()
    expect(page.locator(".messagelist")).to_have_text("Restored, with its comments.")
    assert {address: faults for address, faults in found.items() if faults} == {}
    assert nora.complaints == []


def test_the_list_of_posts_is_read_whole_on_a_phone(host):
    """No column is off-screen: each row is a card there."""
    make_post(published_at=None, title="One " * 20)
    nora = host(width=320)
    page = nora.open("/admin/posts/post/")
    assert page.evaluate(
        "document.querySelector('.results').scrollWidth <= document.querySelector('.results').clientWidth"
        " && [...document.querySelectorAll('.results :is(td, th)')].every("
        "(one) => one.getBoundingClientRect().right <= innerWidth)"
    )
    assert (faults(nora), nora.complaints) == ([], [])


def test_the_focal_point_is_clicked(host):
    nora = host()
    page = nora.open(ADD)
    page.fill("#id_title", "A cover")
    picture = make_picture((1200, 600))
    page.set_input_files(
        "#id_cover", {"name": "cover.jpg", "mimeType": "image/jpeg", "buffer": picture.read()}
    )
    page.locator("[name=_save]").click()
    spot = page.locator("[data-spot]")
    box = spot.bounding_box()
    spot.click(position={"x": box["width"] * 0.25, "y": box["height"] * 0.75})
    page.locator("[name=_save]").click()
    expect(page.locator(".messagelist")).to_have_text("Draft saved.")
    post = Post.objects.get()
    assert (round(post.cover_x, -1), round(post.cover_y, -1)) in {(20, 70), (20, 80), (30, 80), (30, 70)}
    assert nora.complaints == []


def test_the_panel_works_without_scripts_and_on_a_phone(host):
    page = host(javascript=False, width=360).open(ADD)
    page.fill("#id_title", "Plain")
    page.fill("#id_tag_names", "tea, bread")
    page.locator("[name=when][value=at]").check()
    page.fill("#id_published_at_0", "2099-07-01")
    page.fill("#id_published_at_1", "07:30")
    page.select_option("#id_zone", "America/New_York")
    page.locator("[name=_publish]").click()
    expect(page.locator(".messagelist")).to_contain_text("Scheduled for 1 Jul 2099")
    assert {tag.name for tag in Post.objects.get().tags.all()} == {"tea", "bread"}
