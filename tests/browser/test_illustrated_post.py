"""The host writes an illustrated post in an empty editor, and readers see it as written."""

import base64
import re

import pytest
from playwright.sync_api import expect

from posts.models import Autosave, Post, Upload
from tests.browser.editing import BOX, bring, faults, new_line, picture_file, slash, to_end
from tests.factories import make_host, make_picture

pytestmark = pytest.mark.django_db(transaction=True)

# A copied page as browsers put it on the clipboard: styles, a script, a table, a list.
FROM_A_PAGE = (
    "<style>p{color:red}</style><h1 style='font-size:40px'>The road</h1><p class='MsoNormal'>One <span style='font-weight:700'>lamp</span>"
    " and a <i>bend</i>.</p><script>alert(1)</script><table><tr><th>Evening</th><th>Minutes</th></tr><tr><td>Monday</td><td>6</td></tr></table>"
)
WORD_LIST = (
    "<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·&nbsp; </span>Ropes</p>"
    "<p class=MsoListParagraph style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>o&nbsp; </span>Long ones</p>"
)


@pytest.fixture
def host(visit, site):
    make_host("nora")
    host = visit()
    host.sign_in("nora")
    return host


def without_files(body: str) -> str:
    """Return the HTML with short file names, and without the attributes of each image."""
    body = re.sub(r' srcset="[^"]*" sizes="([^"]*)" loading="lazy" decoding="async"', "", body)
    names: dict[str, str] = {}
    return re.sub(
        r"/media/posts/([0-9a-f]{32})[\w.]*",
        lambda found: names.setdefault(found[1], f"P{len(names) + 1}"),
        body,
    )


def write_it(page, folder) -> None:
    page.fill("[name=title]", "What the ferry timetable leaves out")
    page.click(BOX)
    page.keyboard.type("I counted twelve crossings. ")
    slash(page, "foot")
    page.fill("dialog textarea", "See https://example.org/quay for the list.")
    page.click("dialog footer .btn")

    pictures = page.locator(".sheet figure.picture > img")
    new_line(page)
    bring(page, "drop", files={"drop.jpg": base64.b64encode(make_picture((1000, 500)).read()).decode()})
    expect(pictures).to_have_count(1)
    page.locator(".sheet").get_by_label("Alt text").fill("A ferry")
    page.get_by_role("button", name="Wide").click()
    page.click(".sheet figure.picture figcaption")
    page.keyboard.type("The 22:10, waiting")
    new_line(page)
    bring(page, "paste", files={"paste.jpg": base64.b64encode(make_picture((900, 500)).read()).decode()})
    expect(pictures).to_have_count(2)
    new_line(page)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Picture", exact=True).click()
    chooser.value.set_files(picture_file(folder, "button.jpg", (800, 500)))
    expect(pictures).to_have_count(3)

    bring(page, "paste", {"text/html": FROM_A_PAGE, "text/plain": "x"})
    new_line(page)
    bring(page, "paste", {"text/html": WORD_LIST, "text/plain": "x"})
    to_end(page)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    bring(page, "paste", {"text/plain": "https://youtu.be/dQw4w9WgXcQ"})
    expect(page.locator(".sheet .card.video")).to_be_visible()
    new_line(page)
    slash(page, "pull")
    page.keyboard.type("A timetable is a promise.")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    with page.expect_file_chooser() as chooser:
        slash(page, "gall")
    chooser.value.set_files([picture_file(folder, f"g{width}.jpg", (width, 400)) for width in (601, 602)])
    expect(page.locator(".gallerygrid .cell")).to_have_count(2)


WRITTEN = (
    '<p>I counted twelve crossings. <sup class="fnref" id="fnref-1"><a href="#fn-1" rel="noopener">1</a></sup></p>'
    '<figure class="wide"><img src="P1" alt="A ferry" width="1000" height="500"><figcaption>The 22:10, waiting</figcaption></figure>'
    '<figure><img src="P2" alt="" width="900" height="500"></figure>'
    '<figure><img src="P3" alt="" width="800" height="500"></figure>'
    "<h2>The road</h2><p>One <strong>lamp</strong> and a <em>bend</em>.</p>"
    '<table><thead><tr><th scope="col">Evening</th><th scope="col">Minutes</th></tr></thead><tbody><tr><td>Monday</td><td>6</td></tr></tbody></table>'
    "<ul><li>Ropes<ul><li>Long ones</li></ul></li></ul>"
    '<p><a class="video" href="https://youtu.be/dQw4w9WgXcQ" rel="noopener" data-video="youtube:dQw4w9WgXcQ"><span><span class="go"></span>'
    "<b>youtu.be/dQw4w9WgXcQ</b> YouTube</span></a></p>"
    '<blockquote class="pull"><p>A timetable is a promise.</p></blockquote>'
    '<figure class="gallery"><img src="P4" alt="" width="601" height="400"><img src="P5" alt="" width="602" height="400"></figure>'
    '<section class="footnotes"><ol><li id="fn-1">See <a href="https://example.org/quay" rel="noopener">https://example.org/quay</a> for the list. '
    '<a href="#fnref-1" rel="noopener">↩</a></li></ol></section>'
)


def test_an_illustrated_post_is_written_and_read(host, visit, tmp_path):
    page = host.open("/admin/posts/post/add/")
    write_it(page, tmp_path)
    expect(page.locator(".statusline .state")).to_have_text("Saved")
    assert Autosave.objects.get().title == "What the ferry timetable leaves out"
    assert faults(host) == []
    page.click("[name=_publish]")
    expect(page.locator(".messagelist .success")).to_be_visible()
    post = Post.objects.get()
    assert without_files(post.body) == WRITTEN
    assert (Upload.objects.count(), Autosave.objects.count()) == (5, 0)

    # Opening and saving changes nothing; editing changes only what was edited.
    page = host.open(f"/admin/posts/post/{post.pk}/change/")
    new_line(page)
    page.keyboard.type("The end.")
    page.click("[name=_save]")
    expect(page.locator(".messagelist .success")).to_be_visible()
    again = Post.objects.get().body
    assert again == post.body.replace("<section", "<p>The end.</p><section")
    assert host.complaints == []

    for width, scheme in ((1280, "light"), (360, "dark")):
        reader = visit(width=width, scheme=scheme)
        page = reader.open(post.get_absolute_url())
        page.wait_for_load_state("networkidle")
        assert page.locator(".post img").count() == 5
        assert page.evaluate(
            "[...document.querySelectorAll('.post .words img')].every((one) => !one.complete || one.naturalWidth > 0)"
        )
        assert (reader.complaints, reader.foreign) == ([], [])
    assert reader.faults() == []


def test_a_phone_and_a_keyboard_are_enough(visit, site):
    make_host("nora")
    host = visit(width=360, scheme="dark", touch=True)
    host.sign_in("nora")
    page = host.open("/admin/posts/post/add/")
    page.click(BOX)
    for keys in (
        "## Roses",
        "Enter",
        "**Red** and `white`",
        "Enter",
        "- one",
        "Enter",
        "two",
        "Enter",
        "Enter",
        "> said",
        "Enter",
        "Enter",
    ):
        if keys == "Enter":
            page.keyboard.press(keys)
        else:
            page.keyboard.type(keys)
    slash(page, "tab")
    for cell in ("Day", "Ships", "Port"):
        page.keyboard.type(cell)
        page.keyboard.press("Tab")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert faults(host) == []
    page.fill("[name=title]", "By keyboard")
    page.click("[name=_save]")
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert Post.objects.get().body == (
        "<h2>Roses</h2><p><strong>Red</strong> and <code>white</code></p><ul><li>one</li><li>two</li></ul><blockquote><p>said</p></blockquote>"
        '<table><thead><tr><th scope="col">Day</th><th scope="col">Ships</th><th scope="col">Port</th></tr></thead>'
        "<tbody><tr><td></td><td></td><td></td></tr><tr><td></td><td></td><td></td></tr></tbody></table>"
    )
    assert host.complaints == []
