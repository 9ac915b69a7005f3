"""What is pasted into the host's editor: nothing is dropped without a word."""

import pytest
from playwright.sync_api import expect

from posts.models import Post, Upload
from tests.browser.editing import BOX, bring
from tests.factories import make_host, make_post

pytestmark = pytest.mark.django_db(transaction=True)

DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAFElEQVR4nGM8IWfDgBsw4ZEbwdIAatUBNgqvr0kAAAAASUVORK5CYII="
)


@pytest.fixture
def editor(visit, site):
    make_host("nora")
    host = visit()
    host.sign_in("nora")
    host.open("/admin/posts/post/add/").click(BOX)
    return host


@pytest.mark.parametrize("kind", ["paste", "drop"])
@pytest.mark.parametrize(
    ("html", "said"),
    [
        (
            '<p>Rose</p><img src="https://elsewhere.invalid/rose.png">',
            "Couldn’t fetch elsewhere.invalid/rose.png.",
        ),
        ('<p>Rose</p><img src="file:///C:/rose.png">', "1 of the pasted pictures is only on your device."),
    ],
)
def test_a_picture_that_cannot_be_had_is_not_lost_in_silence(editor, kind, html, said):
    page = editor.page
    bring(page, kind, {"text/html": html})
    expect(page.locator(".alerts [role=alert]")).to_contain_text(said)
    expect(page.locator(BOX)).to_contain_text("Rose")


def test_a_picture_in_pasted_html_is_stored_here(editor):
    page = editor.page
    bring(
        page,
        "paste",
        {
            "text/html": f'<p>A</p><img alt="A dot" src="data:image/png;base64,{DOT}"><p>B</p>',
            "text/plain": "A B",
        },
    )
    expect(page.locator(".sheet figure.picture img")).to_have_attribute("alt", "A dot")
    assert page.locator(".sheet figure.picture img").get_attribute("src") == Upload.objects.get().file.url
    assert page.locator(".alerts > *").count() == 0


def test_words_that_are_pasted_are_taken_without_a_word(editor):
    page = editor.page
    bring(page, "paste", {"text/html": "<p>A rose</p>"})
    expect(page.locator(BOX)).to_have_text("A rose")
    expect(page.locator(".alerts > *")).to_have_count(0)


def test_a_table_from_a_spreadsheet_comes_whole(editor):
    page = editor.page
    bring(page, "paste", {"text/plain": "Day\tShips\nMon\t4\n"})
    expect(page.locator(".sheet td")).to_have_text(["Day", "Ships", "Mon", "4"])


def test_a_table_that_is_too_large_is_refused_with_its_size(editor):
    page = editor.page
    bring(page, "paste", {"text/plain": 500 * ("\t".join(50 * ["x"]) + "\n")})
    expect(page.locator(".alerts [role=alert]")).to_contain_text(
        "The pasted table has 500 rows and 50 columns"
    )


def test_pictures_that_a_post_has_stay_when_it_is_opened_and_saved(editor):
    body = '<p>Look:</p><img src="/media/posts/a.webp" alt="A table"><figure><a href="/posts/"><img src="/media/posts/b.webp" alt="B"></a><figcaption>Us</figcaption></figure><p>End.</p>'
    post = make_post(body=body)
    page = editor.open(f"/admin/posts/post/{post.pk}/change/")
    page.click(f"{BOX} p:has-text('End.')")
    page.keyboard.press("End")
    page.keyboard.type(" More.")
    page.click("[name=_save]")
    expect(page.locator(".messagelist")).to_be_visible()
    assert Post.objects.get(pk=post.pk).body == (
        '<p>Look:</p><figure><img src="/media/posts/a.webp" alt="A table"></figure><figure><a href="/posts/" rel="noopener">'
        '<img src="/media/posts/b.webp" alt="B"></a><figcaption>Us</figcaption></figure><p>End. More.</p>'
    )
