"""The publishing panel in a browser: by keyboard, and without scripts."""

import pytest
from playwright.sync_api import expect

from posts.models import Post, Tag
from tests.factories import PASSWORD, make_host, make_picture, make_post

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

ADD = "/admin/posts/post/add/"


@pytest.fixture
def host(visit, site):
    make_host("nora")

    def sign_in(**kind):
        visitor = visit(**kind)
        visitor.sign_in("nora", PASSWORD)
        return visitor

    return sign_in


def test_tags_time_and_previews_follow_the_keyboard(host):
    for name in ("ferries", "ferns", "tea"):
        Tag.objects.create(name=name, slug=name)
    nora = host()
    page = nora.open(ADD)
    page.fill("#id_title", "What the ferry leaves out")
    page.fill("#id_summary", "There is a boat that isn’t on any list.")
    expect(page.locator("[data-preview=title]").first).to_have_text("What the ferry leaves out")
    expect(page.locator("[data-preview=description]").first).to_have_text(
        "There is a boat that isn’t on any list."
    )
    page.fill("#id_meta_title", "The boat on no list")
    expect(page.locator("[data-preview=title]").last).to_have_text("The boat on no list")

    page.focus("#tag-input")
    page.keyboard.type("fer")
    expect(page.get_by_role("option")).to_have_count(3)  # two tags, and a new one
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type("harbours,")
    expect(page.locator(".chips li")).to_have_count(2)
    page.get_by_role("button", name="Remove the tag harbours").press("Enter")
    page.keyboard.type("islands")
    page.keyboard.press("Enter")

    expect(page.locator("[name=_publish]")).to_have_value("Publish now")
    expect(page.locator("#id_zone")).to_be_hidden()
    page.locator("[name=when][value=at]").press("Space")
    expect(page.locator("#id_zone")).to_be_visible()
    page.fill("#id_published_at_0", "2099-07-01")
    page.fill("#id_published_at_1", "07:30")
    expect(page.locator("[name=_publish]")).to_have_value("Schedule for 2099-07-01 07:30")
    page.locator("[name=_publish]").press("Enter")
    expect(page.locator(".messagelist")).to_contain_text("Scheduled for")
    post = Post.objects.get()
    assert {tag.name for tag in post.tags.all()} == {"ferns", "islands"}
    assert post.is_scheduled
    assert nora.faults() == []
    assert (nora.complaints, nora.foreign) == ([], [])

    page.locator("[name=when][value=now]").check()
    page.locator("[name=_publish]").click()
    page.get_by_role("link", name="It’s live: see it.").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What the ferry leaves out")
    page.get_by_role("link", name="Edit post").click()
    page.wait_for_url(f"**/admin/posts/post/{post.pk}/change/")


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_of_the_panel_have_no_faults(host, scheme, width):
    post = make_post(published_at=None, body="<p>One two three.</p>")
    nora = host(width=width, scheme=scheme)
    page = nora.open(f"/admin/posts/post/{post.pk}/change/")
    page.fill("#id_summary", "Another summary.")
    page.locator("[name=_save]").click()
    found = {}
    for address in ("change/", "history/", "history/?view=side", "preview-links/", "delete/"):
        nora.open(f"/admin/posts/post/{post.pk}/{address}")
        found[address] = nora.faults()
    nora.open("/admin/posts/page/")
    found["pages"] = nora.faults()
    assert {address: faults for address, faults in found.items() if faults} == {}
    assert nora.complaints == []
