"""The host's editor drops no picture without a word."""

import pytest
from playwright.sync_api import expect

from posts.models import Post
from tests.factories import PASSWORD, make_host, make_post

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

BOX = ".ProseMirror[contenteditable=true]"
BRING = """(box, {kind, html}) => {
  const data = new DataTransfer();
  if (html) data.setData("text/html", html);
  else data.items.add(new File(["x"], "rose.png", {type: "image/png"}));
  const options = {bubbles: true, cancelable: true};
  const event = kind === "paste" ? new ClipboardEvent("paste", {...options, clipboardData: data}) : new DragEvent("drop", {...options, dataTransfer: data});
  box.dispatchEvent(event);
  return event.defaultPrevented;
}"""


@pytest.fixture
def editor(visit, site):
    make_host("nora")
    host = visit()
    host.sign_in("nora", PASSWORD)
    return host


@pytest.mark.parametrize("kind", ["paste", "drop"])
@pytest.mark.parametrize(
    "html",
    [
        "",
        '<p>Rose</p><img src="https://elsewhere.example/rose.png">',
        '<img src="data:image/png;base64,AAAA">',
    ],
)
def test_a_picture_that_is_pasted_or_dropped_is_not_lost_in_silence(editor, kind, html):
    page = editor.open("/admin/posts/post/add/")
    page.locator(BOX).evaluate(BRING, {"kind": kind, "html": html})
    expect(page.locator("p.errornote[role=alert]")).to_have_text(
        "Pictures can’t be added to the text yet, so this one was left out. You can add one picture as the cover picture, below."
    )


def test_words_that_are_pasted_are_taken_without_a_word(editor):
    page = editor.open("/admin/posts/post/add/")
    page.locator(BOX).evaluate(BRING, {"kind": "paste", "html": "<p>A rose</p>"})
    expect(page.locator(BOX)).to_have_text("A rose")
    expect(page.locator("p.errornote")).to_have_count(0)


def test_pictures_that_a_post_has_stay_when_it_is_opened_and_saved(editor):
    body = '<p>Look:</p><img src="/media/posts/a.webp" alt="A table"><figure><img src="/media/posts/b.webp" alt="B"><figcaption>Us</figcaption></figure><p>End.</p>'
    post = make_post(body=body)
    page = editor.open(f"/admin/posts/post/{post.pk}/change/")
    page.wait_for_selector(BOX)
    page.click(BOX)
    page.keyboard.press("Control+End")
    page.keyboard.type(" More.")
    page.click("[name=_save]")
    page.wait_for_load_state()
    saved = Post.objects.get(pk=post.pk).body
    assert [
        part in saved
        for part in (
            'src="/media/posts/a.webp"',
            'alt="A table"',
            'src="/media/posts/b.webp"',
            "Us</figcaption>",
            "More.",
        )
    ] == 5 * [True], saved
