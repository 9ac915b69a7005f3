"""The publishing panel in a browser: the focal point, and everything without scripts."""

import pytest
from playwright.sync_api import expect

from posts.models import Post
from tests.factories import PASSWORD, make_host, make_picture

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
